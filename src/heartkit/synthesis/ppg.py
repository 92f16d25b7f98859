"""The PPG generator: pulses that follow the beats of the ECG generator, with systole and diastole marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from heartkit.records.record import Beats, Record, Spans, Waves
from heartkit.records.vocabulary import Rhythm
from heartkit.synthesis import ecg
from heartkit.synthesis.draws import Draws
from heartkit.synthesis.ppg_curve import draw_curve
from heartkit.synthesis.ppg_marks import PulseMarks, mark_pulses
from heartkit.synthesis.ppg_noise import breathing, disturbance
from heartkit.synthesis.ppg_params import PpgParams
from heartkit.synthesis.ppg_pulse import draw_pulses, draw_shapes
from heartkit.synthesis.rhythm import BeatTimes, beat_times, rhythm_of

Floats = NDArray[np.float64]

LEAD, UNIT = "PPG", "NU"
ECG_LEAD = "II"


def generate(params: PpgParams, seed: int, numbers: Sequence[int], with_ecg: bool = False) -> list[Record]:
    """Make synthetic PPG records.

    Record *k* is a pure function of `params`, `seed` and *k*: it does not matter which others are made with it, and
    its PPG is the same with and without the ECG.

    Parameters
    ----------
    params : PpgParams
        How the records shall be.
    seed : int
        Not negative.
    numbers : sequence of int
        Numbers *k* of the records, not negative.
    with_ecg : bool
        Also make lead II of the ECG of the same beats.

    Returns
    -------
    list of Record
        In the order of `numbers`. Leads are ``("PPG",)`` in normalised units, as of a monitor that scales what it
        shows, or ``("II", "PPG")``. A systolic wave reaches from the foot of the pulse to the dicrotic notch, a
        diastolic one from there to the next foot. Beats are marked at the systolic peak, with an ECG at the R peak;
        the kind is that of the heart's beat. ``diagnoses`` names the preset.
    """
    if not len(numbers):
        return []
    draws = Draws(seed, numbers)
    kinds = ecg.draw_kinds(draws, params)
    times = beat_times(draws, kinds.rhythm, kinds.ectopy, params.heart_rate, params.duration, params.variability)
    signals, marks = _make(draws, params, times)
    pulses = _part(params, numbers, kinds, _rhythms(times, kinds.rhythm, params.duration), signals, marks)
    if not with_ecg:
        return pulses
    hearts = ecg.draw_patients(draws, params, kinds)
    return list(map(_join, ecg.records_of(draws, params, numbers, kinds, hearts, times), pulses))


def _make(draws: Draws, params: PpgParams, times: BeatTimes) -> tuple[NDArray[np.float32], PulseMarks]:
    """Return the signals of a batch, (batch, samples), and what is marked in them."""
    shapes = draw_shapes(draws, times.mean_rr, params.dicrotic_multiplier)
    pulses = draw_pulses(draws, times, params.transit_time, params.amplitude_modulation)
    curve = draw_curve(shapes, pulses, params.samples, params.sample_rate)
    marks = mark_pulses(shapes, pulses, times.kind, curve, params.sample_rate)
    clock = (np.arange(params.samples) / params.sample_rate).astype(np.float32)
    level = draws.uniform(*params.noise_multiplier)
    # A monitor shows the changing part alone, about the middle of its scale.
    curve -= curve.mean(axis=1, keepdims=True)
    curve += breathing(draws, times, clock, params.baseline_modulation)
    if params.noise_multiplier[1] > 0:
        curve += disturbance(draws, clock, level)
    curve *= draws.uniform(0.18, 0.50).astype(np.float32)[:, None]
    curve += draws.uniform(0.40, 0.50).astype(np.float32)[:, None]
    return curve, marks


def _rhythms(times: BeatTimes, rhythm: NDArray[np.int16], duration: float) -> list[Rhythm]:
    """Name each record's rhythm, that of the sinus node by the median rate of its undisturbed beats."""
    usual = (times.kind[:, 1:] == 0) & (times.kind[:, :-1] == 0) & (times.time[:, 1:] > 0)
    usual &= times.time[:, 1:] < duration
    gaps = np.sort(np.where(usual, times.rr[:, 1:], np.inf), axis=1)
    count = usual.sum(axis=1)
    rows, middle = np.arange(len(gaps)), np.maximum(count - 1, 0) // 2
    median = np.where(count > 0, (gaps[rows, middle] + gaps[rows, count // 2]) / 2, times.mean_rr)
    return [rhythm_of(int(kind), 60 / rr) for kind, rr in zip(rhythm, median.tolist(), strict=True)]


def _part(
    params: PpgParams,
    numbers: Sequence[int],
    kinds: ecg.Kinds,
    rhythms: Sequence[Rhythm],
    signals: NDArray[np.float32],
    marks: PulseMarks,
) -> list[Record]:
    """Part a batch into records of the PPG alone."""
    duration = params.samples / params.sample_rate
    zero, end, lead = np.zeros(1), np.full(1, duration), np.zeros(1, np.int16)
    return [
        Record(
            id=str(number),
            patient=str(number),
            sampling_rate=params.sample_rate,
            leads=(LEAD,),
            units=(UNIT,),
            signals=signals[row, None],
            waves=marks.waves(row),
            beats=marks.beats(row),
            rhythms=Spans(np.full(1, rhythms[row], np.int16), zero, end),
            annotated=Spans(lead, marks.start[row, None], marks.stop[row, None]),
            diagnoses={params.presets[kinds.chosen[row]]: 100.0},
        )
        for row, number in enumerate(numbers)
    ]


def _join(heart: Record, pulse: Record) -> Record:
    """Return lead II of an ECG and the PPG of the same beats as one record."""
    at = heart.leads.index(ECG_LEAD)
    mine, own = heart.waves.on_lead(at), pulse.waves
    lead = np.repeat(np.array([0, 1], np.int16), [len(mine), len(own)])
    onset, peak, offset = (np.concatenate([getattr(mine, c), getattr(own, c)]) for c in ("onset", "peak", "offset"))
    known, covered = heart.annotated, pulse.annotated
    return replace(
        pulse,
        leads=(ECG_LEAD, LEAD),
        units=(heart.units[at], UNIT),
        signals=np.concatenate([heart.signals[at, None], pulse.signals]),
        waves=Waves(np.concatenate([mine.kind, own.kind]), onset, peak, offset, lead),
        beats=Beats(heart.beats.time, heart.beats.kind),
        annotated=Spans(
            np.arange(2, dtype=np.int16),
            np.array([known.start[at], covered.start[0]]),
            np.array([known.stop[at], covered.stop[0]]),
        ),
    )
