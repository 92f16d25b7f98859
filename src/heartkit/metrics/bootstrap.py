"""Intervals by bootstrap over patients.

Samples, beats and recordings of one patient resemble each other, so whole patients are drawn with replacement
(Efron & Tibshirani 1993, ch. 13: percentile interval). Each patient is reduced to sufficient statistics that add up
(a confusion matrix, counts, sums of errors), so a resample is a weighted sum and all of them are one matrix product;
what does not add up, such as a rank, is scored from how often each item counts.
The percentile interval is somewhat too narrow below some 20 patients.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heartkit.errors import DataError

log = logging.getLogger(__name__)

Metrics = Callable[[NDArray[Any]], Mapping[str, NDArray[np.float64]]]
"""From statistics (..., *shape) to named scores (..., *any): whatever leads in front stays in front."""

_CHUNK = 4_000_000  # numbers held at once, so that thousands of patients fit in memory
_TEMPORARIES = 16  # arrays of the size of the weights that scoring items makes; the processor's caches hold few


@dataclass(frozen=True, slots=True)
class Estimate:
    """A score over all patients and its interval.

    Parameters
    ----------
    value : array
        The score of all patients together; NaN where undefined.
    low, high : arrays of the same shape, or None
        Ends of the interval; None where there are fewer than two patients, NaN where no resample defines the score.
    """

    value: NDArray[np.float64]
    low: NDArray[np.float64] | None
    high: NDArray[np.float64] | None

    def json(self, *at: int) -> dict[str, float | None]:
        """Return ``{"value", "low", "high"}`` of the entry at index `at`; None for what is undefined."""
        columns = {"value": self.value, "low": self.low, "high": self.high}
        return {name: None if column is None else _number(column[at]) for name, column in columns.items()}


def bootstrap(
    statistics: NDArray[Any],
    metrics: Metrics,
    rng: np.random.Generator,
    resamples: int = 2000,
    level: float = 0.95,
) -> dict[str, Estimate]:
    """Estimate scores and their intervals.

    Parameters
    ----------
    statistics : (patients, ...) array
        Per-patient statistics whose sum over patients determines the scores.
    metrics : callable
        Maps summed statistics to named scores, vectorised over leading axes.
    rng : numpy.random.Generator
        Draws the patients.
    resamples : int
        How many times.
    level : float
        Share of the resamples that lie within the interval, 0..1.

    Returns
    -------
    dict of str to Estimate
        In the order of `metrics`. A resample in which a score is undefined does not count for that score.

    Raises
    ------
    DataError
        If there is no patient at all.
    """
    if len(statistics) == 0:
        raise DataError("There is no patient to score; expected statistics of at least one.")
    flat = statistics.reshape(len(statistics), -1).astype(np.float64)

    def of_draws(times: NDArray[np.float64]) -> Mapping[str, NDArray[np.float64]]:
        return metrics((times @ flat).reshape(*times.shape[:-1], *statistics.shape[1:]))

    point = metrics(statistics.sum(0))
    return _with_intervals(point, of_draws, len(statistics), flat.shape[1], rng, resamples, level)


def bootstrap_items(
    patients: ArrayLike,
    metrics: Metrics,
    rng: np.random.Generator,
    resamples: int = 2000,
    level: float = 0.95,
) -> dict[str, Estimate]:
    """Estimate scores that need every item, such as those of ranks, and their intervals over patients.

    Parameters
    ----------
    patients : (n,) array
        Whose items they are, in any code.
    metrics : callable
        Maps how often each item counts, (..., n), to named scores, vectorised over leading axes.
    rng, resamples, level
        As in `bootstrap`; the same draws for the same number of patients.

    Returns
    -------
    dict of str to Estimate
        As from `bootstrap`.

    Raises
    ------
    DataError
        If there is no item at all.
    """
    count, owner = owners(patients)
    point = metrics(np.ones(len(owner)))
    width = _TEMPORARIES * len(owner)
    return _with_intervals(point, lambda times: metrics(times[:, owner]), count, width, rng, resamples, level)


def owners(patients: ArrayLike) -> tuple[int, NDArray[np.intp]]:
    """Return how many patients there are, and the number of each item's.

    Raises
    ------
    DataError
        If there is no item at all.
    """
    names, owner = np.unique(np.asarray(patients), return_inverse=True)
    if len(names) == 0:
        raise DataError("There is no patient to score; expected items of at least one.")
    return len(names), owner


def _with_intervals(
    point: Mapping[str, NDArray[np.float64]],
    of_draws: Metrics,
    patients: int,
    width: int,
    rng: np.random.Generator,
    resamples: int,
    level: float,
) -> dict[str, Estimate]:
    """Add intervals to scores; `of_draws` maps how often each patient is drawn, (draws, patients), to scores."""
    if patients == 1:
        log.warning("One patient only: scores have no interval, which needs at least two patients.")
        return {name: Estimate(value, None, None) for name, value in point.items()}
    step = max(1, _CHUNK // max(patients, width))
    parts = []
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        # How often each patient is drawn says all about a resample, and is one multinomial draw.
        times = rng.multinomial(patients, np.full(patients, 1 / patients), size=count)
        parts.append(of_draws(times.astype(np.float64)))
    drawn = {name: np.concatenate([part[name] for part in parts]) for name in point}
    ends = ((1 - level) / 2, (1 + level) / 2)
    return {name: Estimate(value, *(_quantile(drawn[name], end) for end in ends)) for name, value in point.items()}


def _quantile(values: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Return the quantile along axis 0 of what is not NaN, linearly interpolated; NaN where nothing is."""
    ordered = np.sort(values, axis=0)  # NaN comes last
    last = np.maximum((~np.isnan(values)).sum(0) - 1, 0)
    at = share * last
    below = np.floor(at).astype(np.intp)
    above = np.minimum(below + 1, last)
    low = np.take_along_axis(ordered, below[None], 0)[0]
    high = np.take_along_axis(ordered, above[None], 0)[0]
    return np.asarray(low + (at - below) * (high - low))


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
