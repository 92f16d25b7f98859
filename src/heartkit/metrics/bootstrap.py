"""Intervals by bootstrap over patients.

Samples, beats and recordings of one patient resemble each other, so whole patients are drawn with replacement
(Efron & Tibshirani 1993, ch. 13: percentile interval). Each patient is reduced to sufficient statistics that add up
(a confusion matrix, counts, sums of errors), so a resample is a weighted sum and all of them are one matrix product.
The percentile interval is somewhat too narrow below some 20 patients.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import DataError

log = logging.getLogger(__name__)

Metrics = Callable[[NDArray[Any]], Mapping[str, NDArray[np.float64]]]
"""From statistics (..., *shape) to named scores (..., *any): whatever leads in front stays in front."""

_CHUNK = 4_000_000  # numbers held at once, so that thousands of patients fit in memory


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
    patients = len(statistics)
    if patients == 0:
        raise DataError("There is no patient to score; expected statistics of at least one.")
    point = metrics(statistics.sum(0))
    if patients == 1:
        log.warning("One patient only: scores have no interval, which needs at least two patients.")
        return {name: Estimate(value, None, None) for name, value in point.items()}
    drawn = _resampled(statistics, metrics, rng, resamples)
    ends = ((1 - level) / 2, (1 + level) / 2)
    return {name: Estimate(value, *(_quantile(drawn[name], end) for end in ends)) for name, value in point.items()}


def _resampled(
    statistics: NDArray[Any], metrics: Metrics, rng: np.random.Generator, resamples: int
) -> dict[str, NDArray[np.float64]]:
    """Score each resample: name -> (resamples, ...)."""
    patients, shape = len(statistics), statistics.shape[1:]
    flat = statistics.reshape(patients, -1).astype(np.float64)
    step = max(1, _CHUNK // max(patients, flat.shape[1]))
    parts = []
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        # How often each patient is drawn says all about a resample, and is one multinomial draw.
        times = rng.multinomial(patients, np.full(patients, 1 / patients), size=count)
        parts.append(metrics((times.astype(np.float64) @ flat).reshape(count, *shape)))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


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
