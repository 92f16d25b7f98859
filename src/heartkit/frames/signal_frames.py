"""How frames are cut whose answers are signals, or nothing but whose frame it is."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from heartkit.frames.arranging import Frames, Noisy, Paired, Views
from heartkit.frames.beat_windows import beat_windows, cut_beats
from heartkit.frames.framing import Classes, Framing, one_number
from heartkit.frames.sampling import FrameIndex, draw_frames
from heartkit.frames.strips import NO_LABEL, Leads, Strips, chosen_leads, strips_of
from heartkit.records.leads import BEATING, lead_of_kind, signal_kind
from heartkit.records.store import Store
from heartkit.signal.delay import recorded_delay
from heartkit.signal.filters import design, zero_phase

Kind = Literal["ecg", "ppg", "resp"]
HEART = ("ecg", "ppg")
PATIENT_BITS = 32
FILTER_ORDER = 3
"""Of the filter that makes frames clean."""


class HeartFrames(Framing):
    """Frames from anywhere in an ECG or PPG lead, with no answer of their own."""

    needs = frozenset({"ecg or ppg"})

    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return whole leads, those of other signals than ECG and PPG left aside."""
        rows = [
            (record, lead, 0, int(store.samples[record]), NO_LABEL)
            for record in records
            for lead in chosen_leads(store.leads[record], leads)
            if signal_kind(store.leads[record][lead]) in HEART
        ]
        return strips_of(store, rows)

    def targets(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
        """Return (frames, 0): there are none."""
        return np.empty((len(frames), 0), np.float32)


class CleanFrames(HeartFrames):
    """Frames that noise is added to; the answer is the frame without it.

    Parameters
    ----------
    frames : "anywhere" or "beats"
        Frames from anywhere in a lead, or of one beat each, with zeros around it: see `heartkit.frames.beat_windows`.
    lowcut, highcut : float, optional
        Corners in Hz of a filter that frames go through before noise is added: recordings have noise of their own,
        which no network is to be asked for. By default frames are taken as they are.
    """

    arrangement = Noisy()

    frames: Literal["anywhere", "beats"] = "anywhere"
    lowcut: float | None = Field(default=None, gt=0)
    highcut: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _beats_as_they_are(self) -> CleanFrames:
        if self.frames == "beats" and self.filtered:
            raise ValueError("frames 'beats' are taken as they are: leave lowcut and highcut out")
        return self

    @property
    def arranged(self) -> Noisy:
        """Noisy frames in, clean ones out, which have a zero of their own behind a high-pass filter and as beats."""
        return Noisy(own_zero=self.lowcut is not None or self.frames == "beats")

    @property
    def filtered(self) -> bool:
        """Whether frames go through a filter."""
        return self.lowcut is not None or self.highcut is not None

    def clean(self, signals: NDArray[np.float32], rate: float) -> NDArray[np.float32]:
        """Return signals (..., samples) without what counts as noise of their own; `rate` in Hz."""
        if not self.filtered:
            return signals
        return zero_phase(design(self.lowcut, self.highcut, FILTER_ORDER, rate), signals)

    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return whole leads, or a strip for each beat."""
        if self.frames == "beats":
            return beat_windows(store, records, leads, frame_size)
        return super().strips(store, records, leads, frame_size)

    def draw(
        self,
        classes: Classes,
        strips: Strips,
        per_patient: int | list[int],
        frame_size: int,
        rng: np.random.Generator,
    ) -> FrameIndex:
        """Draw so many frames of each patient; of beats each is as likely."""
        if self.frames == "beats":
            strips = replace(strips, length=np.full(len(strips), frame_size))
        return draw_frames(strips, one_number(per_patient), frame_size, rng)

    def cut(self, strips: Strips, frames: FrameIndex, frame_size: int) -> Frames:
        """Return clean frames (n, frame_size, 1)."""
        if self.frames == "beats":
            return cut_beats(strips, frames.strip, frame_size)[:, :, None]
        cut = super().cut(strips, frames, frame_size)
        return self.clean(cut[..., 0], strips.store.rate)[..., None]


class PairedFrames(Framing):
    """The same stretch of two signals: the model is given the first; the answer is the second.

    Parameters
    ----------
    source, target : "ecg", "ppg" or "resp"
        Kinds of the two. Of several leads of a kind that are used, II is taken, else the first.
    align : bool
        Whether the target is moved by the time that a pulse usually comes after its heart beat in the recording, so
        that the two stand at the same place. How long that is differs between people and devices, and does not show
        in either of the signals alone.
    """

    arrangement = Paired()

    source: Kind = "ppg"
    target: Kind = "ecg"
    align: bool = False

    @property
    def needs(self) -> frozenset[str]:  # type: ignore[override]
        """Return the two kinds of signal."""
        return frozenset({self.source, self.target})

    @property
    def beating(self) -> bool:
        """Return whether the target shows heart beats; respiration does not."""
        return self.target in BEATING

    @model_validator(mode="after")
    def _two_kinds(self) -> PairedFrames:
        if self.source == self.target:
            raise ValueError(f"source and target are both {self.source!r}; expected two kinds of signal")
        if self.align and {self.source, self.target} != {"ecg", "ppg"}:
            raise ValueError(
                f"align moves pulses to their heart beats, but source and target are {self.source!r} and "
                f"{self.target!r}; expected 'ecg' and 'ppg', else leave align out"
            )
        return self

    def pair(self, names: Sequence[str], used: Sequence[int]) -> tuple[int, int] | None:
        """Return the numbers of the two leads among those `used` of a recording with these leads; None without both."""
        source, target = (lead_of_kind(names, kind, used) for kind in (self.source, self.target))
        return None if source is None or target is None else (source, target)

    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return two strips for each recording that has both: source, target, source, target, ..."""
        rows = []
        for record in records:
            pair = self.pair(store.leads[record], chosen_leads(store.leads[record], leads))
            if pair is None:
                continue
            source, target = (store.signals(record)[lead] for lead in pair)
            begins = self.begins(source, target, store.rate)
            length = int(store.samples[record]) - max(begins)
            rows += [(record, lead, begin, length, NO_LABEL) for lead, begin in zip(pair, begins, strict=True)]
        return strips_of(store, rows)

    def begins(self, source: NDArray[np.float32], target: NDArray[np.float32], rate: float) -> tuple[int, int]:
        """Return the first sample of source and target (samples,) from which on they stand at the same place.

        Where no pulse follows a heart beat, they stay as they were recorded.
        """
        if not self.align:
            return 0, 0
        ecg, ppg = (source, target) if self.source == "ecg" else (target, source)
        delay = recorded_delay(ecg, ppg, rate)
        later = 0 if np.isnan(delay) else round(delay * rate)
        return (0, later) if self.source == "ecg" else (later, 0)

    def draw(
        self,
        classes: Classes,
        strips: Strips,
        per_patient: int | list[int],
        frame_size: int,
        rng: np.random.Generator,
    ) -> FrameIndex:
        """Draw so many stretches of each patient."""
        sources = np.arange(0, len(strips), 2)
        drawn = draw_frames(strips.take(sources), one_number(per_patient), frame_size, rng)
        both = np.stack([sources[drawn.strip], sources[drawn.strip] + 1], axis=1)
        return FrameIndex(both, np.stack([drawn.start, drawn.start], axis=1), drawn.patient)

    def targets(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
        """Return (frames, 0): the answers are cut with the frames."""
        return np.empty((len(frames), 0), np.float32)


class ViewFrames(HeartFrames):
    """Two frames of one patient; the answer is a number that stands for the patient."""

    arrangement = Views()

    def draw(
        self,
        classes: Classes,
        strips: Strips,
        per_patient: int | list[int],
        frame_size: int,
        rng: np.random.Generator,
    ) -> FrameIndex:
        """Draw so many pairs of each patient."""
        drawn = draw_frames(strips, 2 * one_number(per_patient), frame_size, rng)
        pairs = replace(drawn, strip=drawn.strip.reshape(-1, 2), start=drawn.start.reshape(-1, 2))
        return replace(pairs, patient=drawn.patient[::2])

    def targets(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
        """Return (frames,) numbers, of which no two patients share one, also not those of two datasets."""
        dataset = zlib.crc32(str(strips.store.folder).encode()) >> 1
        return np.int64(dataset << PATIENT_BITS) + frames.patient
