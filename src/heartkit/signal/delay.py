"""How long after a heart beat its pulse comes in a recording."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heartkit.signal.beats import beats
from heartkit.signal.filters import design, zero_phase

SHORTEST, LONGEST = 0.1, 1.0
"""Seconds. The pulse needs 0.15 s at least to a finger; monitors delay it by up to half a second more."""
TOLERANCE = 0.04
"""Seconds by which delays in one recording are taken to differ: they follow respiration and blood pressure."""
BAND = (0.5, 20.0)
"""Corners in Hz of the filter that leaves beats and pulses; order 2."""


def recorded_delay(ecg: NDArray[np.floating], ppg: NDArray[np.floating], rate: float) -> float:
    """Return the usual time from a heart beat to its pulse.

    Parameters
    ----------
    ecg, ppg : (samples,) arrays
        Recorded together; finite, in any unit.
    rate : float
        Hz.

    Returns
    -------
    float
        Seconds, as `pulse_delay` returns it, between the steepest samples of QRS complexes and of pulses.
    """
    band = design(BAND[0], BAND[1] if BAND[1] < rate / 2 else None, 2, rate)
    found = [beats(zero_phase(band, signal), rate) for signal in (ecg, ppg)]
    return pulse_delay(*found)


def pulse_delay(beats: NDArray[np.float64], pulses: NDArray[np.float64]) -> float:
    """Return the delay at which most pulses follow a beat.

    Parameters
    ----------
    beats, pulses : (n,) and (m,) arrays of float
        Times in seconds, ascending.

    Returns
    -------
    float
        Seconds between `SHORTEST` and `LONGEST`: the median of those delays that agree within `TOLERANCE` with the
        one that most agree with, of which the first counts; NaN where no pulse follows a beat. Where hearts beat
        faster than the pulse travels, which beat a pulse belongs to shows only where the rhythm changes.
    """
    first = np.searchsorted(pulses, beats + SHORTEST)
    last = np.searchsorted(pulses, beats + LONGEST, side="right")
    count = last - first
    follower = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    delays = np.sort(pulses[follower] - np.repeat(beats, count))
    if not len(delays):
        return float("nan")
    since = np.searchsorted(delays, delays - TOLERANCE)
    until = np.searchsorted(delays, delays + TOLERANCE, side="right")
    most = int(np.argmax(until - since))
    return float(np.median(delays[since[most] : until[most]]))
