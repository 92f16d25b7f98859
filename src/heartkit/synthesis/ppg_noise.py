"""What a PPG sensor sees besides the pulse: breathing, drift, movement and the noise of its amplifier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heartkit.synthesis.draws import Draws
from heartkit.synthesis.rhythm import BeatTimes

Floats = NDArray[np.float64]

_DRIFT, _MOVEMENT, _WHITE = 0.5, 0.5, 0.05
"""Height of each in a bad recording (a multiplier of 1), in units of the average pulse."""


def breathing(
    draws: Draws, times: BeatTimes, time: NDArray[np.float32], depth: tuple[float, float]
) -> NDArray[np.float32]:
    """Return how breathing moves the baseline, (batch, samples), in units of the average pulse.

    Parameters
    ----------
    draws : Draws
        Random numbers of the batch.
    times : BeatTimes
        The rate and phase of breathing; the veins follow it with a delay of their own.
    time : (samples,) array of float32
        Seconds.
    depth : (float, float)
        Range of the amplitude.
    """
    phase = times.breath_phase + draws.uniform()
    return _wave(times.breath_rate, phase, draws.uniform(*depth), time)


def disturbance(draws: Draws, time: NDArray[np.float32], level: Floats) -> NDArray[np.float32]:
    """Return drift of the baseline, one bout of movement, and white noise, (batch, samples).

    Parameters
    ----------
    draws : Draws
        Random numbers of the batch.
    time : (samples,) array of float32
        Seconds.
    level : (batch,) array of float
        The noise multiplier; 0 gives silence.
    """
    strength = (_WHITE * level * draws.uniform(0.2, 1.8)).astype(np.float32)
    out = draws.noise(1, len(time))[:, 0]
    out *= strength[:, None]
    for low, high, share in ((0.02, 0.07, 0.6), (0.07, 0.13, 0.4)):
        height = share * _DRIFT * level * draws.uniform(0.2, 1.8)
        out += _wave(draws.uniform(low, high), draws.uniform(), height, time)
    out += _movement(draws, time, level)
    return out


def _movement(draws: Draws, time: NDArray[np.float32], level: Floats) -> NDArray[np.float32]:
    """Return a swaying of 0.6 to 4 Hz that swells and fades, once in a record, in half of all records."""
    middle, width = draws.uniform(0.0, float(time[-1])), draws.uniform(0.5, 2.5)
    height = _MOVEMENT * level * draws.uniform(0.2, 1.8) * (draws.uniform() < 0.5)
    slow = _wave(draws.uniform(0.6, 1.6), draws.uniform(), height, time)
    slow += _wave(draws.uniform(1.6, 4.0), draws.uniform(), 0.5 * height, time)
    since = (time - middle.astype(np.float32)[:, None]) * (1 / width).astype(np.float32)[:, None]
    since *= since
    since *= np.float32(-0.5)
    slow *= np.exp(since, out=since)
    return slow


def _wave(rate: Floats, phase: Floats, height: Floats, time: NDArray[np.float32]) -> NDArray[np.float32]:
    turn = 2 * np.pi
    angle = (turn * rate).astype(np.float32)[:, None] * time
    angle += (turn * phase).astype(np.float32)[:, None]
    np.sin(angle, out=angle)
    angle *= height.astype(np.float32)[:, None]
    return angle
