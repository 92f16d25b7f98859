"""How frames are cut whose answers are signals, or nothing but whose frame it is."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from heartkit.frames.arranging import Noisy, Paired, Views
from heartkit.frames.framing import Classes, Framing, one_number
from heartkit.frames.sampling import FrameIndex, draw_frames
from heartkit.frames.strips import NO_LABEL, Leads, Strips, chosen_leads, strips_of
from heartkit.records.leads import lead_of_kind, signal_kind
from heartkit.records.store import Store

Kind = Literal["ecg", "ppg", "resp"]
HEART = ("ecg", "ppg")
PATIENT_BITS = 32


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
    """Frames that noise is added to; the answer is the frame without it."""

    arrangement = Noisy()


class PairedFrames(Framing):
    """The same stretch of two signals: the model is given the first; the answer is the second.

    Parameters
    ----------
    source, target : "ecg", "ppg" or "resp"
        Kinds of the two. Of several leads of a kind that are used, II is taken, else the first.
    """

    needs = frozenset({"ecg", "ppg"})
    arrangement = Paired()

    source: Kind = "ppg"
    target: Kind = "ecg"

    @model_validator(mode="after")
    def _two_kinds(self) -> PairedFrames:
        if self.source == self.target:
            raise ValueError(f"source and target are both {self.source!r}; expected two kinds of signal")
        return self

    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return two strips for each recording that has both: source, target, source, target, ..."""
        rows = []
        for record in records:
            used = chosen_leads(store.leads[record], leads)
            pair = [lead_of_kind(store.leads[record], kind, used) for kind in (self.source, self.target)]
            if None not in pair:
                rows += [(record, lead, 0, int(store.samples[record]), NO_LABEL) for lead in pair]
        return strips_of(store, rows)  # type: ignore[arg-type]

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
