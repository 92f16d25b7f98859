"""What a pulse looks like: three waves that each rise and die away, and when they arrive.

A pulse is the sum of a forward wave, of a dicrotic wave that starts when the aortic valve closes, and of a slow run-off
of blood through the capillaries. Each is a gamma curve ``(u exp(1 - u))^k``, ``u`` being the time since its start in
units of its rise time. So a pulse begins at a point and not at minus infinity, and what earlier pulses have left is
summed exactly (see `heartkit.synthesis.ppg_curve`). Ranges were set by fitting the sum to the average pulses of BIDMC
(residual 1 to 2 % of a pulse's height), and widened towards the young, whose dicrotic wave is higher (Allen,
"Photoplethysmography and its application in clinical physiological measurement", Physiol. Meas. 28, 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.records.vocabulary import Beat
from heartkit.synthesis.draws import Draws
from heartkit.synthesis.rhythm import BeatTimes

Floats = NDArray[np.float64]

FORWARD, DICROTIC, RUNOFF = range(3)
ORDERS = (3, 3, 2)
"""Exponent k of each wave."""
EARLIER = 4
"""Pulses before the first beat of `BeatTimes`, so that a record does not begin with an empty artery."""

_STEPS = 96


@dataclass(frozen=True, slots=True)
class Shapes:
    """The pulses of a batch of patients.

    Parameters
    ----------
    height, delay, rise : (batch, 3) arrays of float
        Of the forward wave, the dicrotic wave and the run-off: height in parts of a pulse, start in seconds after the
        foot of the pulse, and seconds from start to summit.
    notch, diastolic : (batch,) arrays of float
        Seconds from the foot to the dicrotic notch and to the diastolic peak: the e and f waves of the second
        derivative, where it is largest and smallest after the valve's closure (Elgendi, "On the analysis of fingertip
        photoplethysmogram signals", Curr. Cardiol. Rev. 8, 2012).
    """

    height: Floats
    delay: Floats
    rise: Floats
    notch: Floats
    diastolic: Floats


@dataclass(frozen=True, slots=True)
class Pulses:
    """All pulses of a batch, `EARLIER` of them before the first beat.

    Parameters
    ----------
    onset : (batch, pulses) array of float
        Seconds, of the foot; strictly rising.
    transit : (batch, pulses) array of float
        Seconds from the R peak to the foot.
    strength : (batch, pulses) array of float
        Factor on the height: 1 for the average pulse.
    """

    onset: Floats
    transit: Floats
    strength: Floats


def draw_shapes(draws: Draws, mean_rr: Floats, dicrotic: tuple[float, float]) -> Shapes:
    """Draw the pulses of a batch.

    Parameters
    ----------
    draws : Draws
        Random numbers of the batch.
    mean_rr : (batch,) array of float
        Seconds. Ejection is shorter at high rates (Weissler, Harris, Schoenfeld, "Systolic time intervals in heart
        failure in man", Circulation 37, 1968), about as the interval to the power of 0.4.
    dicrotic : (float, float)
        Range of the factor on the height of the dicrotic wave.
    """
    pace = mean_rr**0.4
    forward = draws.uniform(0.13, 0.24) * pace
    delay = np.clip(draws.uniform(1.6, 2.5) * forward, 0.24 * pace, 0.42 * pace)
    rise = np.stack([forward, draws.uniform(0.09, 0.18) * pace, draws.uniform(0.22, 0.60) * pace], axis=1)
    # Most adults show a small wave, the young a large one.
    wave = 0.03 + 0.33 * draws.uniform() ** 2
    height = np.stack([np.ones_like(wave), wave * draws.uniform(*dicrotic), draws.uniform(0.0, 0.55)], axis=1)
    starts = np.stack([np.zeros_like(delay), delay, np.zeros_like(delay)], axis=1)
    summit = _summits(height, starts, rise)
    height /= summit[:, None]
    notch, diastolic = _bends(height, starts, rise)
    return Shapes(height, starts, rise, notch, diastolic)


def draw_pulses(
    draws: Draws, times: BeatTimes, transit_time: tuple[float, float], swing: tuple[float, float]
) -> Pulses:
    """Draw when the beats' pulses arrive, and how strong they are.

    A heart that had less time to fill, as before a premature beat, ejects less and later; after a pause it is the
    other way round. A ventricular premature beat ejects less still.

    Parameters
    ----------
    draws : Draws
        Random numbers of the batch.
    times : BeatTimes
        When the heart beats.
    transit_time : (float, float)
        Range of the seconds from R peak to foot.
    swing : (float, float)
        Range of the share by which breathing changes the height of pulses.
    """
    records, beats = times.time.shape
    filling = _filling(times.rr / times.mean_rr[:, None])
    filling *= np.where(times.kind == Beat.PVC, draws.uniform(0.25, 0.75)[:, None], 1.0)
    # The chest's pressure reaches the pulse some time after it has changed the rate.
    phase = times.breath_phase + draws.uniform()
    breath = np.sin(2 * np.pi * (times.breath_rate[:, None] * times.time + phase[:, None]))
    strength = filling * (1 + draws.uniform(*swing)[:, None] * breath)
    strength *= 1 + draws.uniform(0.005, 0.04)[:, None] * draws.spread(beats)
    late = draws.uniform(0.03, 0.08)[:, None] * (1 - filling) + draws.uniform(0.0, 0.006)[:, None] * breath
    usual = draws.uniform(*transit_time)[:, None]
    transit = np.maximum(usual + late, 0.8 * usual)
    earlier = times.time[:, :1] - times.mean_rr[:, None] * np.arange(EARLIER, 0, -1)
    time = np.concatenate([earlier, times.time], axis=1)
    transit = np.concatenate([np.repeat(usual, EARLIER, axis=1), transit], axis=1)
    return Pulses(time + transit, transit, np.concatenate([np.ones((records, EARLIER)), strength], axis=1))


def _filling(relative: Floats) -> Floats:
    """Return the volume that a heart ejects after an interval, both in parts of the usual ones."""
    volume: Floats = np.maximum(np.expm1(-(relative - 0.2) / 0.4) / np.expm1(-2.0), 0.08)
    return volume


def _summits(height: Floats, delay: Floats, rise: Floats) -> Floats:
    """Return the height of the systolic peak of a single pulse, (batch,)."""
    time = rise[:, :1] * np.linspace(0.9, 1.3, 24)
    parts = (
        height[:, wave, None] * gamma((time - delay[:, wave, None]) / rise[:, wave, None], order)
        for wave, order in enumerate(ORDERS)
    )
    top: Floats = np.asarray(sum(parts)).max(axis=1)
    return top


def _bends(height: Floats, delay: Floats, rise: Floats) -> tuple[Floats, Floats]:
    """Return notch and diastolic peak, in seconds after the foot."""
    step = rise[:, DICROTIC, None] * 1.6 / _STEPS
    time = delay[:, DICROTIC, None] + step * np.arange(_STEPS)
    parts = (
        (height / rise**2)[:, wave, None] * _bend((time - delay[:, wave, None]) / rise[:, wave, None], order)
        for wave, order in enumerate(ORDERS)
    )
    second = np.asarray(sum(parts))
    # The valve's closure is done within half of the wave's rise.
    notch = second[:, : _STEPS // 3].argmax(axis=1)
    later = np.where(np.arange(_STEPS) > notch[:, None] + _STEPS // 6, second, np.inf)
    rows = np.arange(len(time))
    return time[rows, notch], time[rows, later.argmin(axis=1)]


def gamma(u: Floats, order: int) -> Floats:
    """Return ``(u exp(1 - u))^order``, and 0 before 0."""
    since = np.maximum(u, 0)
    curve: Floats = (since * np.exp(1 - since)) ** order
    return curve


def _bend(u: Floats, order: int) -> Floats:
    """Return the second derivative of `gamma`."""
    since = np.maximum(u, 0)
    curve: Floats = order * since ** (order - 2) * (order * (1 - since) ** 2 - 1) * np.exp(order * (1 - since))
    return np.where(u > 0, curve, 0)
