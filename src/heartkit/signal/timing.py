"""How early or late each beat comes, told from the times of beats alone, as a device can tell it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TIMING = ("before", "after", "irregularity")
"""The columns of `beat_timing`."""

HISTORY = 128
"""Past intervals whose median is the usual one. Of 8, 32, 128 and all so far, mean or median, this told the beats of
MIT-BIH's DS1 apart best, across patients."""

RECENT = 16
"""Past intervals whose changes say how irregular the rhythm is."""

RATIO_GAIN, IRREGULARITY_GAIN, LIMIT = 4.0, 10.0, 4.0
"""They bring the columns to the range of a standardised ECG, with which they share one scale in a quantised model."""


def beat_timing(beats: NDArray[np.float64], moments: NDArray[np.float64], delay: float = np.inf) -> NDArray[np.float32]:
    """Say how early beats come and how irregular the rhythm is before them.

    Parameters
    ----------
    beats : (m,) array of float
        Times of all beats of a recording in seconds, ascending.
    moments : (n,) array of float
        Times of those beats that are asked for; a moment that is no beat is timed against those around it.
    delay : float
        Seconds after which a beat is classified: what happens later is not known yet.

    Returns
    -------
    (n, 3) array of float32
        The columns `TIMING`, each within `LIMIT` of 0. ``before`` and ``after``: `RATIO_GAIN` times the logarithm of
        the interval to the beat before and after over the usual interval, which is the median of the `HISTORY`
        intervals before both; a beat that does not come within `delay` counts as one that comes then.
        ``irregularity``: `IRREGULARITY_GAIN` times the median, over `RECENT` intervals, of how much the logarithm of
        one differs from that of the interval before it. All are 0 where no beat came before.
    """
    first = np.searchsorted(beats, moments, side="left")
    known = first > 0
    if not len(beats):
        return np.zeros((len(moments), len(TIMING)), np.float32)
    before = np.where(known, moments - beats[first - 1], np.nan)
    after = np.append(beats, np.inf)[np.searchsorted(beats, moments, side="right")] - moments
    past = np.concatenate([np.full(HISTORY, np.nan), np.diff(beats)])
    window = past[(first.clip(1) - 1)[:, None] + np.arange(HISTORY)]
    usual = _median(window)
    usual = np.where(np.isnan(usual), before, usual)
    with np.errstate(divide="ignore", invalid="ignore"):  # two beats may be marked at one time
        changes = np.abs(np.diff(np.log(window[:, -RECENT - 1 :]), axis=1))
        changes = np.where(np.isfinite(changes), changes, np.nan)
        columns = [
            RATIO_GAIN * np.log(before / usual),
            RATIO_GAIN * np.log(np.minimum(after, delay) / usual),
            IRREGULARITY_GAIN * np.nan_to_num(_median(changes)),
        ]
    timing = np.nan_to_num(np.stack(columns, axis=1), nan=0.0, posinf=LIMIT, neginf=-LIMIT)
    return np.where(known[:, None], timing, 0.0).clip(-LIMIT, LIMIT).astype(np.float32)


def _median(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median of each row's numbers, NaN where it has none."""
    ordered = np.sort(rows, axis=1)  # NaN comes last
    count, at = (~np.isnan(rows)).sum(1), np.arange(len(rows))
    return np.asarray((ordered[at, np.maximum(count - 1, 0) // 2] + ordered[at, count // 2]) / 2)
