"""Mixup: training on weighted means of two frames and of their answers (Zhang et al. 2018, arXiv:1710.09412)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.arranging import Arrange, Batch, Frames


def mixed(arrange: Arrange, alpha: float, soft: Callable[[NDArray[Any]], NDArray[np.float32]]) -> Arrange:
    """Return an arrangement whose inputs and answers are mixed within the batch.

    Parameters
    ----------
    arrange : callable
        Gives inputs and answers.
    alpha : float
        Shares are drawn from the beta distribution (alpha, alpha), > 0; the larger share is the frame's own.
    soft : callable
        Makes answers of which a weighted mean has a meaning.
    """

    def mix(frames: Frames, answers: NDArray[Any], rng: np.random.Generator) -> Batch:
        inputs, answers = arrange(frames, answers, rng)
        own = rng.beta(alpha, alpha, len(inputs)).astype(np.float32)
        own, other = np.maximum(own, 1 - own), rng.permutation(len(inputs))

        def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
            share = own.reshape(-1, *(1,) * (values.ndim - 1))
            return share * values + (1 - share) * values[other]

        return mean(inputs), mean(soft(answers))

    return mix
