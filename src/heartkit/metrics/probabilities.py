"""Scores of probabilities: ranking (AUROC, average precision), and whether they mean what they say (calibration)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from heartkit.metrics.classification import ratio


def auroc(positive: NDArray[np.bool_], score: NDArray[np.floating]) -> float:
    """Return the area under the receiver operating characteristic.

    It is the share of (positive, negative) pairs of which the positive has the higher score, ties counting half
    (Mann & Whitney; Hanley & McNeil 1982).

    Parameters
    ----------
    positive : (n,) array of bool
        The truth.
    score : (n,) array
        Higher for what is more likely positive.

    Returns
    -------
    float
        0..1; NaN where all are positive or none is.
    """
    return float(rank_scores(positive, score)(np.ones(len(score)))["auroc"])


def rank_scores(
    positive: NDArray[np.bool_], score: NDArray[np.floating]
) -> Callable[[NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Sort once, to score rankings of weighted items many times.

    Parameters
    ----------
    positive : (n,) array of bool
        The truth.
    score : (n,) array
        Higher for what is more likely positive.

    Returns
    -------
    callable
        Maps weights (..., n), such as how often each item is drawn, to ``auroc`` and ``average_precision`` of shape
        (...); NaN where the kinds they need have no weight.
    """
    order = np.argsort(-score, kind="stable")
    hits_at = np.flatnonzero(positive[order])
    # Items of one score share a place. Only places that have a positive matter, and of them where each begins and ends.
    starts = np.flatnonzero(np.diff(score[order], prepend=np.inf) != 0)
    first_hit, place = np.unique(np.searchsorted(starts, hits_at, side="right") - 1, return_index=True)[::-1]
    begin, end = starts[place], np.append(starts, len(score))[place + 1]

    def scores(weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        above = np.zeros((*weights.shape[:-1], len(score) + 1))
        np.cumsum(np.take(weights, order, axis=-1), axis=-1, out=above[..., 1:])
        hits = np.take(weights, order[hits_at], axis=-1)
        hits = np.add.reduceat(hits, first_hit, axis=-1) if len(first_hit) else hits
        hits_so_far, so_far = np.cumsum(hits, axis=-1), above[..., end]
        positives = hits.sum(-1)
        negatives = above[..., -1] - positives
        level = so_far - above[..., begin] - hits
        # A hit wins over the negatives below its place, and half over those in it.
        won = (hits * (negatives[..., None] - (so_far - hits_so_far) + level / 2)).sum(-1)
        precision = np.divide(hits_so_far, so_far, out=np.zeros_like(so_far), where=so_far > 0)
        return {
            "auroc": ratio(won, positives * negatives),
            "average_precision": ratio((hits * precision).sum(-1), positives),
        }

    return scores


def calibration_error(correct: NDArray[np.bool_], confidence: NDArray[np.floating], bins: int = 15) -> float:
    """Return the expected calibration error of the most probable class.

    Predictions are sorted into bins of equal width by their confidence; the error is the mean over all predictions of
    how far the mean confidence of their bin is from the share that is correct (Guo et al. 2017).

    Parameters
    ----------
    correct : (n,) array of bool
        Whether the most probable class is the true one.
    confidence : (n,) array
        Its probability, 0..1.
    bins : int
        How many.

    Returns
    -------
    float
        0..1; NaN without predictions.
    """
    if not len(correct):
        return float("nan")
    place = np.minimum((confidence * bins).astype(np.intp), bins - 1)
    count = np.bincount(place, minlength=bins)
    gap = np.bincount(place, confidence, bins) - np.bincount(place, correct.astype(np.float64), bins)
    return float(np.abs(gap).sum() / count.sum())


def brier_score(positive: NDArray[np.bool_], probability: NDArray[np.floating]) -> float:
    """Return the mean squared difference between probabilities and what happened (Brier 1950), 0..1."""
    return float(np.mean((probability - positive) ** 2)) if len(positive) else float("nan")
