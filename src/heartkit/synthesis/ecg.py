"""The ECG generator: records of twelve leads with beats, rhythm and every wave marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.records.record import Beats, Record, Spans, Waves
from heartkit.records.vocabulary import Beat, Rhythm
from heartkit.synthesis.atria import fibrillation, flutter
from heartkit.synthesis.delineation import KINDS, Marks, mark_beats
from heartkit.synthesis.disturbance import muscle_noise, oscillations
from heartkit.synthesis.draws import Draws
from heartkit.synthesis.leads import DOWER, LEADS, MEASURED, all_rows, twelve_leads
from heartkit.synthesis.morphology import BUMPS, Hearts, P, T, draw_hearts
from heartkit.synthesis.params import EcgParams
from heartkit.synthesis.presets import PRESETS
from heartkit.synthesis.rhythm import BeatTimes, beat_times, rhythm_of
from heartkit.synthesis.waveform import BeatList, draw_waves, list_beats

Floats = NDArray[np.float64]

_MARGIN = 1.2
"""Seconds beyond the record within which beats still reach into it."""
_CHEST = 0.10
"""How much the lead matrix differs from one body to another (standard deviation of its entries)."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which preset each record of a batch is of, each of shape (batch,).

    Parameters
    ----------
    chosen : array of int
        Index into the parameters' presets.
    rhythm : array of int16
        `Rhythm` values.
    ectopy : array of int8
        `Beat` values: the kind of premature beats.
    """

    chosen: NDArray[np.intp]
    rhythm: NDArray[np.int16]
    ectopy: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Patients:
    """The hearts of a batch, and the factor (batch,) on all that their atria show."""

    hearts: Hearts
    p_factor: Floats


@dataclass(frozen=True, slots=True)
class _Batch:
    """What a batch of records is made of, before it is parted into records."""

    preset: tuple[str, ...]
    rhythm: NDArray[np.int16]
    mean_rr: Floats
    beats: BeatList
    marks: Marks
    signals: NDArray[np.float32]


def generate(params: EcgParams, seed: int, numbers: Sequence[int]) -> list[Record]:
    """Make synthetic ECG records.

    Record *k* is a pure function of `params`, `seed` and *k*: it does not matter which others are made with it.

    Parameters
    ----------
    params : EcgParams
        How the records shall be.
    seed : int
        Not negative.
    numbers : sequence of int
        Numbers *k* of the records, not negative.

    Returns
    -------
    list of Record
        In the order of `numbers`; leads `LEADS` in mV. Waves are marked on each lead. A wave cut by the record's
        start or end is not marked, and what remains of it lies outside of ``annotated``. ``diagnoses`` names the
        preset.
    """
    if not len(numbers):
        return []
    draws = Draws(seed, numbers)
    kinds = draw_kinds(draws, params)
    patients = draw_patients(draws, params, kinds)
    times = beat_times(draws, kinds.rhythm, kinds.ectopy, params.heart_rate, params.duration)
    return records_of(draws, params, numbers, kinds, patients, times)


def draw_kinds(draws: Draws, params: EcgParams) -> Kinds:
    """Draw the preset of each record."""
    edges = np.cumsum(params.weights) / sum(params.weights)
    chosen = np.minimum(np.searchsorted(edges, draws.uniform(), side="right"), len(edges) - 1)
    presets = [PRESETS[name] for name in params.presets]
    rhythm = np.array([preset.rhythm for preset in presets], np.int16)[chosen]
    return Kinds(chosen, rhythm, np.array([preset.ectopy for preset in presets], np.int8)[chosen])


def draw_patients(draws: Draws, params: EcgParams, kinds: Kinds) -> Patients:
    """Draw the hearts of a batch."""
    p_factor, t_factor = draws.uniform(*params.p_multiplier), draws.uniform(*params.t_multiplier)
    return Patients(draw_hearts(draws, params.presets, kinds.chosen, p_factor, t_factor), p_factor)


def records_of(
    draws: Draws, params: EcgParams, numbers: Sequence[int], kinds: Kinds, patients: Patients, times: BeatTimes
) -> list[Record]:
    """Return the ECGs of hearts that beat at given times; the rest, such as bodies and noise, is drawn."""
    hearts, rhythm = patients.hearts, kinds.rhythm
    beats = list_beats(times, _heights(draws, times), params.duration, _MARGIN)
    matrix = _bodies(draws, params)
    clock = (np.arange(params.samples) / params.sample_rate).astype(np.float32)
    dipole = draw_waves(hearts, beats, len(draws), params.samples, params.sample_rate)
    dipole += fibrillation(draws, clock, patients.p_factor * (rhythm == Rhythm.AFIB))
    dipole += flutter(draws, clock, times.flutter_rate, patients.p_factor * (rhythm == Rhythm.AFLUT))
    signals = _record_leads(draws, params, clock, dipole, matrix, times.breath_rate)
    batch = _Batch(
        preset=tuple(params.presets[at] for at in kinds.chosen),
        rhythm=rhythm,
        mean_rr=times.mean_rr,
        beats=beats,
        marks=mark_beats(hearts, beats, all_rows(matrix)),
        signals=signals,
    )
    return _part(params, numbers, batch)


def _bodies(draws: Draws, params: EcgParams) -> Floats:
    """Draw the lead matrices, (batch, 8, 3): Dower's, varied, and scaled by voltage and impedance."""
    strength = draws.uniform(*params.voltage_factor) / 1000 / draws.uniform(*params.impedance)
    matrix: Floats = (DOWER + _CHEST * draws.spread(*DOWER.shape)) * strength[:, None, None]
    return matrix


def _heights(draws: Draws, times: BeatTimes) -> Floats:
    """Draw the factor on each bump's height, (batch, beats, 9): breathing moves all, chance P and T a little."""
    breathing = 1 + draws.uniform(0.0, 0.10)[:, None] * times.breath
    factor = np.repeat(breathing[:, :, None], BUMPS, axis=2)
    count = times.time.shape[1]
    factor[:, :, P] *= 1 + 0.06 * draws.spread(count, 1)
    factor[:, :, T] *= 1 + 0.03 * draws.spread(count, 1)
    return factor


def _record_leads(
    draws: Draws,
    params: EcgParams,
    clock: NDArray[np.float32],
    dipole: NDArray[np.float32],
    matrix: Floats,
    breath_rate: Floats,
) -> NDArray[np.float32]:
    """Return the twelve leads of the dipole, with the recording's disturbances."""
    level = draws.uniform(*params.noise_multiplier)
    hum = oscillations(draws, clock, breath_rate, level, len(MEASURED))
    if params.noise_multiplier[1] == 0:
        return twelve_leads(matrix.astype(np.float32) @ dipole)
    mixing = np.concatenate([matrix, hum.mixing], axis=2).astype(np.float32)
    measured = mixing @ np.concatenate([dipole, hum.waves], axis=1)
    measured += muscle_noise(draws, len(MEASURED), params.samples, level)
    return twelve_leads(measured)


def _part(params: EcgParams, numbers: Sequence[int], batch: _Batch) -> list[Record]:
    """Part a batch into records."""
    first = np.searchsorted(batch.beats.record, np.arange(len(numbers) + 1))
    return [
        _record(params, number, row, slice(first[row], first[row + 1]), batch) for row, number in enumerate(numbers)
    ]


def _record(params: EcgParams, number: int, row: int, mine: slice, batch: _Batch) -> Record:
    duration = params.samples / params.sample_rate
    waves, annotated = _waves(batch.marks.times[mine], batch.marks.present[mine], duration)
    time, kind = batch.beats.time[mine], batch.beats.kind[mine]
    inside = (time >= 0) & (time < duration)
    rhythm = rhythm_of(int(batch.rhythm[row]), _rate(time, kind, float(batch.mean_rr[row])))
    return Record(
        id=str(number),
        patient=str(number),
        sampling_rate=params.sample_rate,
        leads=LEADS,
        units=("mV",) * len(LEADS),
        signals=batch.signals[row],
        waves=waves,
        beats=Beats(time[inside], kind[inside]),
        rhythms=Spans(np.array([rhythm], np.int16), np.zeros(1), np.array([duration])),
        annotated=annotated,
        diagnoses={batch.preset[row]: 100.0},
    )


def _rate(time: Floats, kind: NDArray[np.int8], mean_rr: float) -> float:
    """Return the rate of the undisturbed rhythm: of the intervals between two normal beats, where there are some."""
    usual = (kind[1:] == Beat.NORMAL) & (kind[:-1] == Beat.NORMAL)
    return 60 / float(np.median(np.diff(time)[usual])) if usual.any() else 60 / mean_rr


def _waves(times: Floats, present: NDArray[np.bool_], duration: float) -> tuple[Waves, Spans]:
    """Return the whole waves of a record, by lead and time, and the part of each lead that they cover."""
    leads = times.shape[2]
    shown = times.reshape(-1, leads, 3)[present.ravel()]
    kind = np.broadcast_to(np.array(KINDS, np.int8), present.shape)[present]
    onset, offset = shown[..., 0], shown[..., 2]
    start = np.where((onset < 0) & (offset >= 0), offset, 0).max(axis=0, initial=0)
    stop = np.where((onset <= duration) & (offset > duration), onset, duration).min(axis=0, initial=duration)
    whole = (onset >= start) & (offset <= stop)
    lead, at = np.nonzero(whole.T)
    chosen = shown[at, lead]
    waves = Waves(kind[at], chosen[:, 0], chosen[:, 1], chosen[:, 2], lead.astype(np.int16))
    return waves, Spans(np.arange(leads, dtype=np.int16), start, stop)
