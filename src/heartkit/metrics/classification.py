"""Scores of one class per item, all computed from confusion matrices.

Confusion matrices add up: with one per patient, the total, each patient's score and a bootstrap over patients are sums.

A score whose denominator is zero is undefined and stays NaN (``null`` in reports): sensitivity of a class that never
occurs, PPV of a class that is never predicted, F1 and IoU of a class that is neither. Macro averages leave NaN out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import DataError
from heartkit.metrics.bootstrap import bootstrap

UNKNOWN = -1
"""Reference label of an item that nothing is known about; it is not scored."""

CLASS_SCORES = ("f1", "se", "ppv", "sp", "iou")
"""F1, sensitivity (recall), positive predictive value (precision), specificity, intersection over union."""


def confusion_matrix(y_true: NDArray[np.integer], y_pred: NDArray[np.integer], num_classes: int) -> NDArray[np.int64]:
    """Count reference against predicted labels.

    Parameters
    ----------
    y_true : array of int, any shape
        Reference labels, ``0 .. num_classes - 1``; `UNKNOWN` is left out.
    y_pred : array of int, same shape
        Predicted labels, ``0 .. num_classes - 1``.
    num_classes : int
        How many classes there are.

    Returns
    -------
    (num_classes, num_classes) array of int64
        Rows are reference, columns predicted.

    Raises
    ------
    DataError
        If a label is out of range or shapes differ.
    """
    group = np.zeros(y_true.shape, np.int64)
    return np.asarray(confusion_by_group(y_true, y_pred, group, 1, num_classes)[0])


def confusion_by_group(
    y_true: NDArray[np.integer],
    y_pred: NDArray[np.integer],
    group: NDArray[np.integer],
    num_groups: int,
    num_classes: int,
) -> NDArray[np.int64]:
    """Count reference against predicted labels in each group, such as each patient.

    Parameters
    ----------
    y_true, y_pred : arrays of int, same shape
        As in `confusion_matrix`.
    group : array of int, ``0 .. num_groups - 1``
        Whose item it is; broadcast against the labels, so ``(frames, 1)`` serves labels of ``(frames, samples)``.
    num_groups, num_classes : int
        How many there are.

    Returns
    -------
    (num_groups, num_classes, num_classes) array of int64
        Rows are reference, columns predicted.

    Raises
    ------
    DataError
        If a label or group is out of range or shapes differ.
    """
    if y_true.shape != y_pred.shape:
        raise DataError(f"Labels of shape {y_true.shape} and predictions of shape {y_pred.shape} must have one shape.")
    _check_range("reference label", y_true, UNKNOWN, num_classes)
    _check_range("predicted label", y_pred, 0, num_classes)
    _check_range("group", group, 0, num_groups)
    # One bin per (group, reference, predicted); the unknown reference gets a row of its own, cut off afterwards.
    rows = num_classes + 1
    cell = group.astype(np.int64) * rows + y_true + 1
    cell = cell * num_classes + y_pred
    counts = np.bincount(cell.ravel(), minlength=num_groups * rows * num_classes)
    return counts.reshape(num_groups, rows, num_classes)[:, 1:].astype(np.int64)


def class_scores(confusion: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
    """Score each class against all others.

    Parameters
    ----------
    confusion : (..., classes, classes) array of int
        Rows are reference, columns predicted.

    Returns
    -------
    dict of (..., classes) arrays
        `CLASS_SCORES`, each 0..1 or NaN where undefined.
    """
    hits = np.diagonal(confusion, axis1=-2, axis2=-1).astype(np.float64)
    missed = confusion.sum(-1) - hits
    false = confusion.sum(-2) - hits
    rejected = confusion.sum((-2, -1))[..., None] - hits - missed - false
    return {
        "f1": ratio(2 * hits, 2 * hits + missed + false),
        "se": ratio(hits, hits + missed),
        "ppv": ratio(hits, hits + false),
        "sp": ratio(rejected, rejected + false),
        "iou": ratio(hits, hits + missed + false),
    }


def classification_scores(confusion: NDArray[np.integer]) -> dict[str, NDArray[np.float64]]:
    """Score each class, their macro averages and the whole.

    Parameters
    ----------
    confusion : (..., classes, classes) array of int
        Rows are reference, columns predicted.

    Returns
    -------
    dict of arrays
        `CLASS_SCORES` of shape (..., classes); ``macro_f1``, ``macro_se``, ... and ``accuracy`` of shape (...).
    """
    scores = class_scores(confusion)
    macro = {f"macro_{name}": mean_defined(values) for name, values in scores.items()}
    hits = np.trace(confusion, axis1=-2, axis2=-1)
    return {**scores, **macro, "accuracy": ratio(hits, confusion.sum((-2, -1)))}


def classification_report(
    confusions: NDArray[np.integer], names: Sequence[str], rng: np.random.Generator, resamples: int = 2000
) -> dict[str, Any]:
    """Report scores with 95 % intervals over patients, ready for JSON.

    Parameters
    ----------
    confusions : (patients, classes, classes) array of int
        One confusion matrix per patient, rows reference, columns predicted.
    names : sequence of str
        Names of the classes.
    rng : numpy.random.Generator
        Draws the resamples.
    resamples : int
        How many.

    Returns
    -------
    dict
        ``patients``, ``classes`` (name -> ``support`` and `CLASS_SCORES`), ``macro_f1`` and the other averages,
        ``accuracy``, ``confusion``. A score is ``{"value", "low", "high"}``; an undefined one is None.
    """
    estimates = bootstrap(confusions, classification_scores, rng, resamples)
    total = confusions.sum(0)
    support = total.sum(1)
    classes = {
        name: {"support": int(support[at]), **{score: estimates[score].json(at) for score in CLASS_SCORES}}
        for at, name in enumerate(names)
    }
    overall = {name: estimate.json() for name, estimate in estimates.items() if name not in CLASS_SCORES}
    return {"patients": len(confusions), "classes": classes, **overall, "confusion": total.tolist()}


def ratio(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    """Divide, NaN where `whole` is zero."""
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    undefined = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    return np.asarray(np.divide(part, whole, out=undefined, where=whole != 0))


def mean_defined(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average the last axis over what is not NaN; NaN where nothing is left."""
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0.0).sum(-1), defined.sum(-1))


def _check_range(what: str, values: NDArray[np.integer], low: int, stop: int) -> None:
    if values.size and not (low <= values.min() and values.max() < stop):
        found = int(values.min() if values.min() < low else values.max())
        raise DataError(f"A {what} is {found!r}; expected {low} to {stop - 1}. Check class_map and num_classes.")
