"""Intervals by leaving patients out, for scores of any kind.

A bootstrap draws patients twice, which scores that compare items with each other do not bear: a frame's nearest
neighbour would be the frame itself. The jackknife leaves each patient out in turn (Efron & Tibshirani 1993, ch. 11);
of many patients a group at a time, so that the score is computed a bounded number of times (Shao & Tu 1995, ch. 5).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t

from heartkit.metrics.bootstrap import Estimate, owners

GROUPS = 40
"""Into as many groups patients are put at most."""


def jackknife(
    patients: ArrayLike, score: Callable[[NDArray[np.intp]], ArrayLike], groups: int = GROUPS, level: float = 0.95
) -> Estimate:
    """Estimate a score, or several at once, and the interval of each.

    Parameters
    ----------
    patients : (n,) array
        Whose items they are, in any code.
    score : callable
        From the numbers of some items, ascending, to their score, of any shape.
    groups : int
        How many groups of patients, as near to equal as can be, are left out in turn, at most.
    level : float
        Coverage of the interval, 0..1: it is that of Student's t around the score.

    Returns
    -------
    Estimate
        Without an interval where there is one patient only; NaN at its ends where a score without a group is undefined.

    Raises
    ------
    DataError
        If there is no item at all.
    """
    everybody, owner = owners(patients)
    value, count = np.asarray(score(np.arange(len(owner))), np.float64), min(groups, everybody)
    if count == 1:
        return Estimate(value, None, None)
    group = owner % count
    without = np.array([score(np.flatnonzero(group != one)) for one in range(count)], np.float64)
    error = np.sqrt((count - 1) * np.mean((without - without.mean(axis=0)) ** 2, axis=0))
    half = t.ppf((1 + level) / 2, count - 1) * error
    return Estimate(value, np.asarray(value - half), np.asarray(value + half))
