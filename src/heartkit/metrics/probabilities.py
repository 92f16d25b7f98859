"""Scores of probabilities: how well they rank (AUROC), and whether they mean what they say (calibration)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata


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
    hits, misses = int(positive.sum()), int((~positive).sum())
    if not hits or not misses:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * misses))


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
