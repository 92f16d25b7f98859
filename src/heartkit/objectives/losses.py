"""Losses that know of samples without a label."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Loss = Callable[[Any, Any], Any]


def masked_crossentropy(
    class_weights: NDArray[np.float32], label_smoothing: float = 0.0, focal_gamma: float = 0.0
) -> Loss:
    """Build the cross-entropy of logits against class numbers, leaving out negative ones.

    Parameters
    ----------
    class_weights : (classes,) array
        Weight of a sample by its class.
    label_smoothing : float
        Share of the target that is spread evenly over all classes, in [0, 1) (Szegedy et al. 2016).
    focal_gamma : float
        Each class counts as ``(1 - p)**focal_gamma`` of what it does otherwise, so that what is easy counts less
        (Lin et al. 2017, doi:10.1109/ICCV.2017.324); 0 for all alike.

    Returns
    -------
    callable
        ``loss(labels, logits)`` with int labels (...), or shares of the classes (..., classes), and logits
        (..., classes): the weighted mean over all samples that have a label.
    """
    from keras import ops

    classes = len(class_weights)

    def crossentropy(labels: Any, logits: Any) -> Any:
        mixed = len(labels.shape) == len(logits.shape)
        # A negative label is a row of zeros.
        target = ops.cast(labels, "float32") if mixed else ops.one_hot(ops.cast(labels, "int32"), classes)
        weight = ops.matmul(target, ops.convert_to_tensor(class_weights[:, None], "float32"))[..., 0]
        log_p = ops.log_softmax(logits, axis=-1)
        if focal_gamma:
            log_p = log_p * ops.power(1 - ops.exp(log_p), focal_gamma)
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


def squared_error(answers: Any, outputs: Any) -> Any:
    """Return the mean squared error of signals (batch, time, channels), as a Keras tensor."""
    from keras import ops

    return ops.mean(ops.square(ops.cast(answers, outputs.dtype) - outputs))


def tag_crossentropy(
    shares: NDArray[np.float32] | None, label_smoothing: float = 0.0, focal_gamma: float = 0.0
) -> Loss:
    """Build the binary cross-entropy of logits (batch, tags) against tags 0 or 1.

    Parameters
    ----------
    shares : (tags,) array, optional
        How often each tag is set, in (0, 1): tags set and not set are weighed so that each make up half of the loss.
    label_smoothing : float
        Tags of 0 and 1 count as half of it and one less half of it, in [0, 1).
    focal_gamma : float
        As for `masked_crossentropy`.
    """
    from keras import ops

    absent, present = (np.float32(1), np.float32(1)) if shares is None else (0.5 / (1 - shares), 0.5 / shares)

    def crossentropy(tags: Any, logits: Any) -> Any:
        tags = ops.cast(tags, logits.dtype)
        soft = tags * (1 - label_smoothing) + label_smoothing / 2
        loss = soft * ops.softplus(-logits) + (1 - soft) * ops.softplus(logits)
        if focal_gamma:
            loss = loss * ops.power(ops.abs(tags - ops.sigmoid(logits)), focal_gamma)
        return ops.mean(loss * (tags * present + (1 - tags) * absent))

    return crossentropy


def contrastive(temperature: float) -> Loss:
    """Build the supervised contrastive loss of Khosla et al. 2020 (doi:10.48550/arXiv.2004.11362), eq. 2.

    With two frames of each patient it is the NT-Xent loss of SimCLR (Chen et al. 2020).

    Parameters
    ----------
    temperature : float
        What cosine similarities are divided by, > 0.

    Returns
    -------
    callable
        ``loss(patients, embeddings)`` with (n,) int and (n, size): the mean over all frames of which there is another
        one of the same patient.
    """
    from keras import ops

    def loss(patients: Any, embeddings: Any) -> Any:
        patients = ops.reshape(patients, (-1,))
        unit = embeddings * ops.rsqrt(ops.maximum(ops.sum(ops.square(embeddings), -1, keepdims=True), 1e-12))
        alike = ops.matmul(unit, ops.transpose(unit)) / temperature
        itself = ops.eye(ops.shape(alike)[0], dtype=alike.dtype)
        same = ops.cast(ops.equal(patients[:, None], patients[None, :]), alike.dtype) - itself
        log_p = alike - ops.logsumexp(alike - 1e9 * itself, axis=1, keepdims=True)
        partners = ops.sum(same, axis=1)
        per_frame = -ops.sum(same * log_p, axis=1) / ops.maximum(partners, 1)
        counted = ops.cast(partners > 0, alike.dtype)
        return ops.sum(counted * per_frame) / ops.maximum(ops.sum(counted), 1)

    return loss


def contrast(alike: NDArray[np.float32], patients: NDArray[Any]) -> float:
    """Return the loss that `contrastive` describes, in NumPy.

    Parameters
    ----------
    alike : (n, n) array
        Cosine similarities, divided by the temperature.
    patients : (n,) array of int
        Whose frame each is.

    Returns
    -------
    float
        NaN where no patient has two frames.
    """
    others = np.where(np.eye(len(alike), dtype=bool), -np.inf, alike.astype(np.float64))
    top = others.max(axis=1, keepdims=True)
    log_p = others - top - np.log(np.exp(others - top).sum(axis=1, keepdims=True))
    same = (patients[:, None] == patients[None, :]) & ~np.eye(len(alike), dtype=bool)
    partners = same.sum(axis=1)
    per_frame = -np.where(same, log_p, 0).sum(axis=1)[partners > 0] / partners[partners > 0]
    return float(per_frame.mean()) if per_frame.size else float("nan")


def imitate_classes(temperature: float) -> Loss:
    """Build the cross-entropy of a student's class probabilities against a teacher's, both softened.

    As Hinton et al. 2015 (doi:10.48550/arXiv.1503.02531): logits are divided by the temperature, the loss multiplied by
    its square. ``loss(teacher_logits, logits)``, (..., classes) both.
    """
    from keras import ops

    def loss(teacher: Any, logits: Any) -> Any:
        wanted = ops.softmax(teacher / temperature, axis=-1)
        return -(temperature**2) * ops.mean(ops.sum(wanted * ops.log_softmax(logits / temperature, axis=-1), axis=-1))

    return loss


def imitate_tags(temperature: float) -> Loss:
    """Build the same for tags, each with a probability of its own."""
    from keras import ops

    def loss(teacher: Any, logits: Any) -> Any:
        soft = logits / temperature
        return temperature**2 * ops.mean(ops.softplus(soft) - ops.sigmoid(teacher / temperature) * soft)

    return loss
