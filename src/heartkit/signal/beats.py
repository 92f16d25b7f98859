"""Where hearts beat in a short stretch of ECG or PPG, and how fast, without knowing which of the two it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import find_peaks

SMOOTH = 0.1
"""Seconds over which the energy of the slope is averaged: about a QRS complex, and less than the rise of a pulse."""
REFRACTORY = 0.3
"""Seconds within which no second beat is looked for: 200 beats per minute at most."""
LOWEST = 0.3
"""A beat's energy, as a share of that of the usual one; T waves and dicrotic waves are below."""
BLOCK = 1.5
"""Seconds in which one beat at least is expected, to know what is usual."""


def beats(signal: NDArray[np.floating], rate: float) -> NDArray[np.float64]:
    """Return where the signal is steepest: at QRS complexes of an ECG, at the rise of pulses of a PPG.

    As Pan and Tompkins (1985) do it: the slope, squared and averaged, has one hill for each beat.

    Parameters
    ----------
    signal : (samples,) array
        Some seconds, finite, without wander that is larger than the beats.
    rate : float
        Hz.

    Returns
    -------
    (n,) array of float
        Seconds from the first sample, between samples: at the top of the parabola through a hill's three highest.
    """
    energy = uniform_filter1d(np.gradient(np.asarray(signal, np.float64)) ** 2, max(1, round(SMOOTH * rate)))
    size = max(1, round(BLOCK * rate))
    tops = [energy[at : at + size].max() for at in range(0, max(len(energy) - size, 0) + 1, size)]
    if not (usual := float(np.median(tops))) > 0:
        return np.empty(0)
    found, _ = find_peaks(energy, height=LOWEST * usual, distance=max(1, round(REFRACTORY * rate)))
    return np.asarray((found + _vertex(energy[found - 1], energy[found], energy[found + 1])) / rate)


def _vertex(before: NDArray[np.float64], top: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where, -0.5 to 0.5 samples from the `top`, the parabola through three samples has its own."""
    curvature = before - 2 * top + after
    flat = curvature == 0
    return np.where(flat, 0.0, 0.5 * (before - after) / np.where(flat, 1.0, curvature))


def heart_rates(frames: NDArray[np.floating], rate: float) -> NDArray[np.float64]:
    """Return the heart rate in each frame, in beats per minute.

    Parameters
    ----------
    frames : (n, samples) array
        Frames of ECG or PPG.
    rate : float
        Hz.

    Returns
    -------
    (n,) array of float
        60 over the median interval between `beats`; NaN where there are fewer than two intervals.
    """
    intervals = [np.diff(beats(frame, rate)) for frame in frames]
    return np.array([60 / np.median(each) if len(each) > 1 else np.nan for each in intervals], np.float64)
