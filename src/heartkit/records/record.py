"""What a recording is: signals with units, the patient they belong to, and annotations in one vocabulary.

Times are seconds from the recording's start, so that resampling never touches an annotation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import RecordError

ALL_LEADS = -1
"""Lead number of an annotation that holds for every lead."""


@dataclass(frozen=True, slots=True)
class Waves:
    """Wave spans: which stretch of which lead is a P wave, a QRS complex, a T wave.

    Parameters
    ----------
    kind : (n,) array of int
        `Wave` values.
    onset, peak, offset : (n,) arrays of float
        Seconds; ``onset <= peak <= offset``.
    lead : (n,) array of int
        Index into ``Record.leads``, or `ALL_LEADS`.

    Raises
    ------
    RecordError
        If lengths differ, a time is not finite, or a span is out of order.
    """

    kind: NDArray[np.int8]
    onset: NDArray[np.float64]
    peak: NDArray[np.float64]
    offset: NDArray[np.float64]
    lead: NDArray[np.int16]

    def __post_init__(self) -> None:
        _same_length("waves", self.kind, self.onset, self.peak, self.offset, self.lead)
        _finite("waves", self.onset, self.peak, self.offset)
        wrong = np.flatnonzero((self.onset > self.peak) | (self.peak > self.offset))
        if wrong.size:
            at = wrong[0]
            raise RecordError(
                f"Wave {at} is out of order: onset {self.onset[at]:.3f} s, peak {self.peak[at]:.3f} s, "
                f"offset {self.offset[at]:.3f} s; expected onset <= peak <= offset."
            )

    def on_lead(self, lead: int) -> Waves:
        """Return the waves of one lead, sorted by onset, those that hold for all leads included."""
        chosen = np.flatnonzero((self.lead == lead) | (self.lead == ALL_LEADS))
        return self.take(chosen[np.argsort(self.onset[chosen], kind="stable")])

    def of_kind(self, kind: int) -> Waves:
        """Return the waves of one kind, in their order."""
        return self.take(np.flatnonzero(self.kind == kind))

    def take(self, index: NDArray[np.intp]) -> Waves:
        """Return the waves at `index`."""
        return Waves(self.kind[index], self.onset[index], self.peak[index], self.offset[index], self.lead[index])

    def __len__(self) -> int:
        return len(self.kind)

    @classmethod
    def empty(cls) -> Waves:
        """Return no waves at all."""
        return cls(np.empty(0, np.int8), np.empty(0), np.empty(0), np.empty(0), np.empty(0, np.int16))


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of a recording that carry one value each, such as rhythms or the annotated part of a lead.

    Parameters
    ----------
    kind : (n,) array of int
        What the span is: a `Rhythm` for rhythms, a lead number for annotated parts.
    start, stop : (n,) arrays of float
        Seconds; ``start <= stop``.
    """

    kind: NDArray[np.int16]
    start: NDArray[np.float64]
    stop: NDArray[np.float64]

    def __post_init__(self) -> None:
        _same_length("spans", self.kind, self.start, self.stop)
        _finite("spans", self.start, self.stop)
        wrong = np.flatnonzero(self.start > self.stop)
        if wrong.size:
            at = wrong[0]
            raise RecordError(f"Span {at} starts at {self.start[at]:.3f} s, after its end at {self.stop[at]:.3f} s.")

    def until(self, end: float | NDArray[np.float64]) -> Spans:
        """Return what of the spans lies before `end` (s), which may differ from span to span."""
        begun = self.start < end
        return Spans(self.kind[begun], self.start[begun], np.minimum(self.stop, end)[begun])

    def __len__(self) -> int:
        return len(self.kind)

    @classmethod
    def empty(cls) -> Spans:
        """Return no spans at all."""
        return cls(np.empty(0, np.int16), np.empty(0), np.empty(0))


@dataclass(frozen=True, slots=True)
class Beats:
    """Beat marks.

    Parameters
    ----------
    time : (n,) array of float
        Seconds, of the R peak (or the publisher's fiducial point).
    kind : (n,) array of int
        `Beat` values.
    """

    time: NDArray[np.float64]
    kind: NDArray[np.int8]

    def __post_init__(self) -> None:
        _same_length("beats", self.time, self.kind)
        _finite("beats", self.time)

    def __len__(self) -> int:
        return len(self.kind)

    @classmethod
    def empty(cls) -> Beats:
        """Return no beats at all."""
        return cls(np.empty(0), np.empty(0, np.int8))


@dataclass(frozen=True, slots=True)
class Record:
    """One recording of one patient.

    Parameters
    ----------
    id : str
        Unique within its dataset.
    patient : str
        Whose recording it is; splits never part one patient.
    sampling_rate : float
        Hz.
    leads : tuple of str
        Names of the signals, e.g. ``("I", "II")`` or ``("PPG",)``.
    units : tuple of str
        Unit of each signal, ``"mV"`` for ECG.
    signals : (leads, samples) array of float32
        Physical values; NaN where a sample is missing.
    waves, beats, rhythms : annotations
        Empty where the source has none.
    annotated : Spans
        Which part of which lead the wave annotation covers (`kind` is the lead number); outside of it nothing is
        known of waves, which is not the same as there being none.
    diagnoses : mapping of str to float
        Statement -> likelihood in percent, as the source words it.
    split : str or None
        ``"train"``, ``"val"`` or ``"test"`` where the publisher fixed it.

    Raises
    ------
    RecordError
        If shapes disagree, there is no sample, the sampling rate is not positive, or an annotation is of a lead that
        is not there or lies beyond the recording.
    """

    id: str
    patient: str
    sampling_rate: float
    leads: tuple[str, ...]
    units: tuple[str, ...]
    signals: NDArray[np.float32]
    waves: Waves = field(default_factory=Waves.empty)
    beats: Beats = field(default_factory=Beats.empty)
    rhythms: Spans = field(default_factory=Spans.empty)
    annotated: Spans = field(default_factory=Spans.empty)
    diagnoses: Mapping[str, float] = field(default_factory=dict)
    split: str | None = None

    def __post_init__(self) -> None:
        if self.signals.ndim != 2 or len(self.leads) != len(self.signals) or len(self.units) != len(self.signals):
            raise RecordError(
                f"Record {self.id!r}: signals of shape {self.signals.shape} do not fit "
                f"{len(self.leads)} leads and {len(self.units)} units; expected (leads, samples)."
            )
        if not self.signals.size:
            raise RecordError(f"Record {self.id!r}: signals of shape {self.signals.shape} hold no sample.")
        if not 0 < self.sampling_rate < np.inf:
            raise RecordError(f"Record {self.id!r}: sampling rate {self.sampling_rate!r} Hz; expected more than 0.")
        self._check_annotations()

    def _check_annotations(self) -> None:
        for what, lead in (("wave", self.waves.lead), ("annotated part", self.annotated.kind)):
            wrong = np.flatnonzero((lead >= len(self.leads)) | (lead < (ALL_LEADS if what == "wave" else 0)))
            if wrong.size:
                bad = lead[wrong[0]]
                raise RecordError(f"Record {self.id!r}: {what} {wrong[0]} is of lead {bad}; leads: {len(self.leads)}.")
        times = self._times()
        last, first = (float(times.max()), float(times.min())) if times.size else (0.0, 0.0)
        if last > self.duration + 1e-6:
            raise RecordError(
                f"Record {self.id!r}: an annotation lies at {last:.3f} s, beyond the end at {self.duration:.3f} s."
            )
        if first < 0:
            raise RecordError(f"Record {self.id!r}: an annotation lies at {first:.3f} s, before the start.")

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return float(self.signals.shape[1] / self.sampling_rate)

    def head(self, samples: int) -> Record:
        """Return the first `samples` samples, with the waves and beats that lie wholly within them.

        A lead counts as annotated up to the first wave that the cut goes through.
        """
        end = samples / self.sampling_rate
        waves = self.waves.take(np.flatnonzero(self.waves.offset <= end))
        known = np.full(len(self.leads), end)
        for wave in np.flatnonzero((self.waves.onset <= end) & (self.waves.offset > end)):
            rows = slice(None) if self.waves.lead[wave] == ALL_LEADS else self.waves.lead[wave]
            known[rows] = np.minimum(known[rows], self.waves.onset[wave] - 0.5 / self.sampling_rate)
        beats = self.beats.time <= end
        return replace(
            self,
            signals=self.signals[:, :samples],
            waves=waves,
            beats=Beats(self.beats.time[beats], self.beats.kind[beats]),
            rhythms=self.rhythms.until(end),
            annotated=self.annotated.until(known[self.annotated.kind]),
        )

    def _times(self) -> NDArray[np.float64]:
        """Return all times at once: short arrays cost by their number, not by their length."""
        return np.concatenate((
            self.waves.onset, self.waves.offset, self.beats.time,
            self.rhythms.start, self.rhythms.stop, self.annotated.start, self.annotated.stop,
        ))  # fmt: skip


def annotated_everywhere(leads: int, duration: float) -> Spans:
    """Return spans saying that all of each lead is annotated."""
    return Spans(np.arange(leads, dtype=np.int16), np.zeros(leads), np.full(leads, duration))


def _same_length(what: str, *arrays: NDArray[np.generic]) -> None:
    lengths = [len(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise RecordError(f"The columns of {what} have different lengths: {lengths}.")


def _finite(what: str, *arrays: NDArray[np.float64]) -> None:
    if not np.isfinite(np.concatenate(arrays)).all():
        raise RecordError(f"The times of {what} hold NaN or infinity; expected seconds from the start.")
