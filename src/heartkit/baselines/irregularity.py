"""What the R peaks of a window say about its rhythm, without its waves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

IRREGULARITY = ("intervals", "rate", "spread", "change", "median change")
"""The columns of `irregularity`."""

FEWEST = 3
"""Intervals below which a window says nothing but how many there are."""


def irregularity(peaks: NDArray[np.float64], starts: NDArray[np.float64], length: float) -> NDArray[np.float32]:
    """Say how regular the beats are in windows of a recording.

    Parameters
    ----------
    peaks : (m,) array of float
        Times of R peaks in seconds, ascending.
    starts : (n,) array of float
        Seconds at which the windows begin.
    length : float
        Seconds that each lasts.

    Returns
    -------
    (n, 5) array of float32
        The columns `IRREGULARITY`, of the RR intervals in each window: how many; the logarithm of their mean (s);
        their standard deviation, and the root mean square of successive differences, over their mean; the median
        change from one to the next, of the logarithm. All but the first are 0 with fewer than `FEWEST`.
    """
    found = np.zeros((len(starts), len(IRREGULARITY)), np.float32)
    first, last = (np.searchsorted(peaks, edge) for edge in (starts, starts + length))
    for row, begin, end in zip(found, first, last, strict=True):
        rr = np.diff(peaks[begin:end])
        rr = rr[rr > 0]
        row[0] = len(rr)
        if len(rr) >= FEWEST:
            change = np.diff(rr)
            mean, median = rr.mean(), np.median(np.abs(np.diff(np.log(rr))))
            row[1:] = np.log(mean), rr.std() / mean, np.sqrt((change**2).mean()) / mean, median
    return found
