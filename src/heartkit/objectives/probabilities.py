"""From what a model answers to probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def to_probabilities(outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return probabilities over the last axis: the outputs if they are some already, else the softmax of logits.

    A model file does not say whether it was exported with ``use_logits``; numbers that are not negative and add up to
    one (quantisation forgiven) for every sample are no logits.
    """
    if outputs.size and outputs.min() >= 0 and np.abs(outputs.sum(axis=-1) - 1).max() < 0.02 * outputs.shape[-1]:
        return outputs
    powers = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    probabilities: NDArray[np.float32] = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities


def to_shares(outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probability of each tag by itself: the outputs if all lie in 0..1, else the sigmoid of logits.

    A model file does not say whether it was exported with ``use_logits``; logits of a trained model never all lie
    within 0..1.
    """
    if outputs.size and outputs.min() >= 0 and outputs.max() <= 1:
        return outputs
    return np.asarray(0.5 * (1 + np.tanh(0.5 * outputs)), np.float32)
