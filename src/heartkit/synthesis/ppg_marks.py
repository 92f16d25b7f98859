"""Where the systoles and diastoles of synthetic pulses begin, peak and end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.records.record import Beats, Waves
from heartkit.records.vocabulary import Wave
from heartkit.synthesis.ppg_curve import systolic_peaks
from heartkit.synthesis.ppg_pulse import EARLIER, FORWARD, Pulses, Shapes

Floats = NDArray[np.float64]

_EARLY, _LATE = 0.5, 1.4
"""Between which parts of the forward wave's rise time the systolic peak is looked for."""


@dataclass(frozen=True, slots=True)
class PulseMarks:
    """What is marked in a batch of records, each record's in one stretch of the flat arrays.

    Parameters
    ----------
    kind, onset, peak, offset : (waves,) arrays
        The whole waves, as in `Waves`.
    wave_edges : (batch + 1,) array of int
        Where each record's waves begin.
    beat_time, beat_kind : (beats,) arrays
        The systolic peaks within the records, and `Beat` values.
    beat_edges : (batch + 1,) array of int
        Where each record's beats begin.
    start, stop : (batch,) arrays of float
        Seconds between which all is marked.
    """

    kind: NDArray[np.int8]
    onset: Floats
    peak: Floats
    offset: Floats
    wave_edges: list[int]
    beat_time: Floats
    beat_kind: NDArray[np.int8]
    beat_edges: list[int]
    start: Floats
    stop: Floats

    def waves(self, row: int) -> Waves:
        """Return the waves of one record."""
        mine = slice(self.wave_edges[row], self.wave_edges[row + 1])
        lead = np.zeros(mine.stop - mine.start, np.int16)
        return Waves(self.kind[mine], self.onset[mine], self.peak[mine], self.offset[mine], lead)

    def beats(self, row: int) -> Beats:
        """Return the pulses of one record."""
        mine = slice(self.beat_edges[row], self.beat_edges[row + 1])
        return Beats(self.beat_time[mine], self.beat_kind[mine])


def mark_pulses(
    shapes: Shapes, pulses: Pulses, kind: NDArray[np.int8], curve: NDArray[np.float32], rate: float
) -> PulseMarks:
    """Mark the pulses of a batch.

    Systole reaches from the foot to the dicrotic notch, diastole from there to the next foot. Notch and diastolic peak
    come at fixed times after the foot, as the valve closes after a fixed time; the systolic peak is where the curve
    is highest. A wave cut by the record's start or end is left out, and what remains of it is not annotated.

    Parameters
    ----------
    shapes : Shapes
        Of the patients.
    pulses : Pulses
        When and how strong.
    kind : (batch, beats) array of int8
        `Beat` values.
    curve : (batch, samples) array of float32
        The pulse wave, without breathing and noise.
    rate : float
        Hz.
    """
    records, samples = curve.shape
    duration = samples / rate
    foot, following = pulses.onset[:, :-1], pulses.onset[:, 1:]
    # A pulse that the next one overtakes has a short diastole, but it has one.
    notch = np.minimum(foot + shapes.notch[:, None], following - 0.1 * (following - foot))
    diastolic = np.clip(foot + shapes.diastolic[:, None], notch, following)
    rise = shapes.rise[:, FORWARD, None]
    low, high = foot + _EARLY * rise, np.minimum(foot + _LATE * rise, notch)
    low = np.minimum(low, high)
    seen = (low >= 0) & (high <= duration - 1 / rate)
    record, pulse = np.nonzero(seen)
    systolic = high.copy()
    systolic[seen] = systolic_peaks(curve, record, low[seen], high[seen], rate)

    onset, peak, offset = (
        np.stack(pair, axis=2).reshape(records, -1)
        for pair in ((foot, notch), (systolic, diastolic), (notch, following))
    )
    whole = (onset >= 0) & (offset <= duration)
    row, number = np.nonzero(whole)
    some = whole.any(axis=1)
    kinds = np.concatenate([np.zeros((records, EARLIER), np.int8), kind], axis=1)
    return PulseMarks(
        kind=np.where(number % 2 == 0, Wave.SYSTOLIC, Wave.DIASTOLIC).astype(np.int8),
        onset=onset[whole],
        peak=peak[whole],
        offset=offset[whole],
        wave_edges=_edges(row, records),
        beat_time=systolic[seen],
        beat_kind=kinds[record, pulse],
        beat_edges=_edges(record, records),
        start=np.where(some, np.where(whole, onset, np.inf).min(axis=1), 0.0),
        stop=np.where(some, np.where(whole, offset, -np.inf).max(axis=1), 0.0),
    )


def _edges(record: NDArray[np.intp], records: int) -> list[int]:
    edges: list[int] = np.searchsorted(record, np.arange(records + 1)).tolist()
    return edges
