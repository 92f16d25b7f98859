"""What a recording adds to the heart's signal: baseline wander, muscle noise and mains hum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.synthesis.draws import Draws

Floats = NDArray[np.float64]

_WANDER, _MUSCLE, _MAINS = 0.5, 0.10, 0.05
"""mV of each in a bad recording (a multiplier of 1)."""


@dataclass(frozen=True, slots=True)
class Hum:
    """Oscillations common to all channels of a record, and how much of each a channel gets.

    Parameters
    ----------
    waves : (batch, waves, samples) array of float32
        Sines and cosines of amplitude 1.
    mixing : (batch, channels, waves) array of float
        mV.
    """

    waves: NDArray[np.float32]
    mixing: Floats


def oscillations(draws: Draws, time: NDArray[np.float32], breath_rate: Floats, level: Floats, channels: int) -> Hum:
    """Return baseline wander (breathing, and three slower drifts) and mains hum.

    Parameters
    ----------
    draws : Draws
        Random numbers of the batch.
    time : (samples,) array of float32
        Seconds.
    breath_rate : (batch,) array of float
        Hz.
    level : (batch,) array of float
        The noise multiplier; 0 gives silence.
    channels : int
        Number of channels.
    """
    mains = np.where(draws.uniform() < 0.6, 50.0, 60.0)
    rates = np.stack(
        [breath_rate, draws.uniform(0.03, 0.12), draws.uniform(0.1, 0.3), draws.uniform(0.3, 0.7), mains], axis=1
    )
    share = np.array([0.5, 0.6, 0.3, 0.15, 1.0]) * np.array([_WANDER] * 4 + [_MAINS])
    # Hum bothers one recording in three.
    share = share * np.stack([*[draws.uniform(0.2, 1.8)] * 4, (draws.uniform() < 0.33) * 1.0], axis=1)
    weights = draws.spread(channels, 2 * len(rates.T)) / np.sqrt(2)
    # Above half the sampling rate hum would appear as something else: a recorder's own filter keeps it out.
    heard = rates < 0.5 / float(time[1] - time[0])
    mixing = weights * np.repeat(share * heard * level[:, None], 2, axis=1)[:, None, :]
    angle = np.float32(2 * np.pi) * (rates.astype(np.float32)[:, :, None] * time)
    waves = np.stack([np.sin(angle), np.cos(angle)], axis=2).reshape(len(draws), -1, len(time))
    return Hum(waves, mixing)


def muscle_noise(draws: Draws, channels: int, samples: int, level: Floats) -> NDArray[np.float32]:
    """Return white noise whose strength differs between channels and records, (batch, channels, samples) in mV."""
    strength = _MUSCLE * level[:, None] * draws.uniform(0.3, 1.7)[:, None] * (0.5 + draws.table(channels))
    out = draws.noise(channels, samples)
    out *= strength.astype(np.float32)[:, :, None]
    return out
