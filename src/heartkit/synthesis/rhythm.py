"""When the heart beats: sinus rhythm with its variability, ectopic beats, atrial fibrillation and flutter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.records.vocabulary import Beat, Rhythm
from heartkit.synthesis.draws import Draws

LEAD_IN = 1.5
"""Seconds before the record's start at which the first beat comes at the latest."""
SHORTEST_RR = 0.24
_FLUTTER_RATE = (240.0, 340.0)


@dataclass(frozen=True, slots=True)
class BeatTimes:
    """The beats of a batch, also those just before and after the record.

    Parameters
    ----------
    time : (batch, beats) array of float
        Seconds, of the R peak.
    kind : (batch, beats) array of int8
        `Beat` values.
    rr : (batch, beats) array of float
        Seconds since the beat before.
    mean_rr : (batch,) array of float
        Seconds, of the undisturbed rhythm.
    breath : (batch, beats) array of float
        Breathing at each beat, -1 to 1.
    breath_rate, breath_phase : (batch,) arrays of float
        Hz, and turns: breathing is ``sin(2 pi (rate time + phase))``.
    flutter_rate : (batch,) array of float
        Flutter waves per second; used in flutter alone.
    """

    time: NDArray[np.float64]
    kind: NDArray[np.int8]
    rr: NDArray[np.float64]
    mean_rr: NDArray[np.float64]
    breath: NDArray[np.float64]
    breath_rate: NDArray[np.float64]
    breath_phase: NDArray[np.float64]
    flutter_rate: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Variability:
    """How much sinus intervals vary; each is a range, drawn evenly for each record.

    Both are parts of the mean interval where that is 1.3 s; less at higher rates, where vagal tone is lower.

    Parameters
    ----------
    breath_swing : (float, float)
        How far breathing lengthens and shortens intervals (respiratory sinus arrhythmia).
    jitter : (float, float)
        Standard deviation of what is left to chance.
    """

    breath_swing: tuple[float, float] = (0.0, 0.13)
    jitter: tuple[float, float] = (0.003, 0.03)


@dataclass(frozen=True, slots=True)
class _Pace:
    """What the intervals of a record follow, each of shape (batch,)."""

    mean_rr: NDArray[np.float64]
    breath_rate: NDArray[np.float64]
    breath_phase: NDArray[np.float64]
    breath_swing: NDArray[np.float64]
    slow_rate: NDArray[np.float64]
    slow_phase: NDArray[np.float64]
    slow_swing: NDArray[np.float64]
    jitter: NDArray[np.float64]

    def breath(self, time: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.sin(2 * np.pi * (self.breath_rate * time + self.breath_phase))

    def interval(self, time: NDArray[np.float64], surprise: NDArray[np.float64]) -> NDArray[np.float64]:
        slow = np.sin(2 * np.pi * (self.slow_rate * time + self.slow_phase))
        return self.mean_rr * (
            1 + self.breath_swing * self.breath(time) + self.slow_swing * slow + self.jitter * surprise
        )


def beat_times(
    draws: Draws,
    rhythm: NDArray[np.int16],
    ectopy: NDArray[np.int8],
    heart_rate: tuple[float, float],
    duration: float,
    variability: Variability = Variability(),
) -> BeatTimes:
    """Draw the beats of a batch.

    Sinus intervals swing with breathing (0.15 to 0.4 Hz) and with the slow wave of blood pressure (0.07 to 0.13 Hz),
    the two bands of heart-rate variability (Task Force, "Heart rate variability", Eur. Heart J. 17, 1996), and less
    so at high rates. Intervals of fibrillation are independent of each other. In flutter every n-th flutter wave is
    conducted. A ventricular premature beat is followed by a full compensatory pause, an atrial one by less.

    Parameters
    ----------
    draws : Draws
        Random numbers of the batch.
    rhythm : (batch,) array of int
        `Rhythm` values; ``SR``, ``AFIB`` or ``AFLUT``.
    ectopy : (batch,) array of int
        The kind of premature beats, ``Beat.NORMAL`` for none.
    heart_rate : (float, float)
        Beats per minute, lowest and highest.
    duration : float
        Seconds.
    variability : Variability
        Of sinus rhythm.
    """
    rate = draws.uniform(*heart_rate)
    flutter_rate = draws.uniform(*_FLUTTER_RATE) / 60
    pace = _draw_pace(draws, 60 / rate, variability)
    lead_in = LEAD_IN + draws.uniform() * pace.mean_rr
    beats = int(np.ceil((duration + 2 * LEAD_IN + 120 / heart_rate[0]) * max(heart_rate[1], 55) / 60 * 1.35)) + 4
    surprise, chance, choice = draws.spread(beats), draws.table(beats), draws.table(beats)
    early = _ectopic_beats(draws, chance, ectopy)
    coupling = draws.uniform(0.55, 0.80)
    spread = np.exp(draws.uniform(0.14, 0.28)[:, None] * surprise)

    time = np.empty((len(draws), beats))
    rr = np.empty((len(draws), beats))
    now, pause = -lead_in, np.zeros(len(draws))
    for beat in range(beats):
        sinus = pace.interval(now, surprise[:, beat])
        shortened = early[:, beat] & (pause == 0)
        early[:, beat] = shortened
        gap = np.where(shortened, coupling * sinus, sinus + pause)
        owed = np.where(ectopy == Beat.PVC, 1 - coupling, 0.3 * (1 - coupling)) * sinus
        pause = np.where(shortened, owed, 0.0)
        gap = np.where(rhythm == Rhythm.AFIB, pace.mean_rr * spread[:, beat], gap)
        gap = np.where(rhythm == Rhythm.AFLUT, _flutter_gap(pace.mean_rr, flutter_rate, choice[:, beat]), gap)
        rr[:, beat] = np.maximum(gap, SHORTEST_RR)
        now = now + rr[:, beat]
        time[:, beat] = now
    kind = np.where(early, ectopy[:, None], Beat.NORMAL).astype(np.int8)
    breath = np.sin(2 * np.pi * (pace.breath_rate[:, None] * time + pace.breath_phase[:, None]))
    return BeatTimes(time, kind, rr, pace.mean_rr, breath, pace.breath_rate, pace.breath_phase, flutter_rate)


def rhythm_of(rhythm: int, beats_per_minute: float) -> Rhythm:
    """Return the rhythm's name, which for sinus rhythm depends on the rate (bradycardia < 60, tachycardia > 100)."""
    if rhythm != Rhythm.SR:
        return Rhythm(rhythm)
    if beats_per_minute < 60:
        return Rhythm.SBRAD
    return Rhythm.STACH if beats_per_minute > 100 else Rhythm.SR


def _draw_pace(draws: Draws, mean_rr: NDArray[np.float64], variability: Variability) -> _Pace:
    # Vagal variability dies away as the rate rises.
    calm = np.clip(mean_rr - 0.3, 0.05, 0.8)
    return _Pace(
        mean_rr=mean_rr,
        breath_rate=draws.uniform(0.15, 0.40),
        breath_phase=draws.uniform(),
        breath_swing=draws.uniform(*variability.breath_swing) * calm,
        slow_rate=draws.uniform(0.07, 0.13),
        slow_phase=draws.uniform(),
        slow_swing=draws.uniform(0.0, 0.08) * calm,
        jitter=draws.uniform(*variability.jitter) * calm,
    )


def _ectopic_beats(draws: Draws, chance: NDArray[np.float64], ectopy: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Say which beats come early: at random, or (in one record of five) every second to fourth beat."""
    often = draws.uniform(0.06, 0.25)[:, None]
    regular = draws.uniform() < 0.2
    period = np.floor(draws.uniform(2, 5))[:, None]
    phase = np.floor(draws.uniform()[:, None] * period)
    in_turn = (np.arange(chance.shape[1]) % period) == phase
    chosen = np.where(regular[:, None], in_turn, chance < often)
    found: NDArray[np.bool_] = chosen & (ectopy != Beat.NORMAL)[:, None]
    return found


def _flutter_gap(
    mean_rr: NDArray[np.float64], flutter_rate: NDArray[np.float64], choice: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return an interval of a whole number of flutter waves: the wanted rate's, now and then one more."""
    ratio = np.clip(np.round(mean_rr * flutter_rate), 2, 5)
    gap: NDArray[np.float64] = (ratio + (choice < 0.15)) / flutter_rate
    return gap
