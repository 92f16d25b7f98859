"""How a signal's power is spread over frequencies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import welch

SEGMENT = 4.0
"""Seconds of a segment: frequencies are 0.25 Hz apart."""


def spectrum(signal: NDArray[np.floating], rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the power spectral density by Welch's method, of segments of 4 s that overlap by half.

    Parameters
    ----------
    signal : (samples,) array
        Finite; a shorter one than a segment is one segment.
    rate : float
        Hz.

    Returns
    -------
    (n,) array of float, (n,) array of float
        Frequencies in Hz from 0 to half the rate, and the density in the signal's unit squared per Hz.
    """
    segment = min(len(signal), round(SEGMENT * rate))
    frequency, density = welch(np.asarray(signal, np.float64), rate, nperseg=segment, detrend="constant")
    return frequency, density
