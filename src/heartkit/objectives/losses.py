"""Losses that know of samples without a label."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Loss = Callable[[Any, Any], Any]


def masked_crossentropy(class_weights: NDArray[np.float32], label_smoothing: float = 0.0) -> Loss:
    """Build the cross-entropy of logits against class numbers, leaving out negative ones.

    Parameters
    ----------
    class_weights : (classes,) array
        Weight of a sample by its class.
    label_smoothing : float
        Share of the target that is spread evenly over all classes, in [0, 1) (Szegedy et al. 2016).

    Returns
    -------
    callable
        ``loss(labels, logits)`` with int labels (...) and logits (..., classes): the weighted mean over all samples
        that have a label.
    """
    from keras import ops

    classes = len(class_weights)

    def crossentropy(labels: Any, logits: Any) -> Any:
        labels = ops.cast(labels, "int32")
        target = ops.one_hot(labels, classes)  # a row of zeros for a negative label
        weight = ops.matmul(target, ops.convert_to_tensor(class_weights[:, None], "float32"))[..., 0]
        log_p = ops.log_softmax(logits, axis=-1)
        hit = ops.sum(target * log_p, axis=-1)
        spread = ops.mean(log_p, axis=-1)
        loss = -((1 - label_smoothing) * hit + label_smoothing * spread)
        return ops.sum(weight * loss) / ops.maximum(ops.sum(weight), 1e-7)

    return crossentropy


def crossentropy(probabilities: NDArray[np.float32], classes: NDArray[np.integer[Any]]) -> float:
    """Return the mean cross-entropy (nats) of probabilities (..., classes) over the samples that have a label (...)."""
    known = classes >= 0
    hit = np.take_along_axis(probabilities[known], classes[known][:, None].astype(np.intp), axis=-1)
    return float(-np.log(np.maximum(hit, 1e-7)).mean())


def balanced_weights(labels: NDArray[np.integer[Any]], num_classes: int) -> NDArray[np.float32]:
    """Weigh each class by the inverse of how often it occurs, so that all add up to the same (mean weight 1).

    A class that does not occur has weight 1.
    """
    counts = np.bincount(labels[labels >= 0].ravel(), minlength=num_classes).astype(np.float64)
    present = counts > 0
    weights = np.ones(num_classes)
    weights[present] = counts.sum() / (present.sum() * counts[present])
    return weights.astype(np.float32)
