"""How frames are cut: what framing rules share, and the rules of frames that have labels; those of beats are in
`heartkit.frames.beat_frames`, those of signals in `heartkit.frames.signal_frames`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from heartkit.errors import ConfigError
from heartkit.frames.arranging import Arrangement, Frames, Plain
from heartkit.frames.sampling import FrameIndex, draw_by_class, draw_chosen, draw_frames
from heartkit.frames.strips import (
    Leads,
    Strips,
    chosen_leads,
    known_runs,
    partly_known,
    stretches,
    strips_from,
    strips_of,
)
from heartkit.records.diagnosis_codes import superclasses
from heartkit.records.store import Store
from heartkit.records.vocabulary import Diagnosis
from heartkit.strict import StrictParams

SIGNALS = frozenset({"ecg", "ppg", "resp"})
"""What of the things that a dataset may provide are signals."""

Classes = Callable[[NDArray[Any]], NDArray[Any]]
"""From numbers of the task's vocabulary to the configuration's classes."""


class Framing(StrictParams, ABC):
    """A rule: where frames may be cut, which are drawn, and what the answer to each is.

    Its fields, if it has any, are what a configuration's ``task_params`` may hold.

    Attributes
    ----------
    needs : frozenset of str
        What a dataset must provide; ``"ecg or ppg"`` needs one of the two.
    scored_on : frozenset of str
        What a dataset must provide to be scored on, where whole recordings can be scored that give no frames; empty
        where that is what frames need.
    arrangement : Arrangement
        How cut frames become inputs and answers.
    """

    needs: ClassVar[frozenset[str]] = frozenset()
    scored_on: ClassVar[frozenset[str]] = frozenset()
    arrangement: ClassVar[Arrangement] = Plain()

    @property
    def arranged(self) -> Arrangement:
        """Return the `arrangement` as these fields ask for it; by default as it is."""
        return self.arrangement

    @property
    def shown_on(self) -> frozenset[str]:
        """Return what a dataset must provide to be shown: signals, without what annotators say of them."""
        return frozenset(need for need in self.needs if SIGNALS.issuperset(need.split(" or ")))

    @property
    def beating(self) -> bool:
        """Return whether the answer shows heart beats, where it is a signal: else it has no heart rate."""
        return True

    @property
    def channels(self) -> int:
        """Return how many channels the model's input has."""
        return 1

    @abstractmethod
    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return where frames may be cut, and what they are there."""

    def draw(
        self,
        classes: Classes,
        strips: Strips,
        per_patient: int | list[int],
        frame_size: int,
        rng: np.random.Generator,
    ) -> FrameIndex:
        """Draw so many frames of each patient; `classes` maps the strips' labels to the configuration's classes.

        Raises
        ------
        ConfigError
            If frames are asked for by class, and frames of this task have no class of their own.
        """
        return draw_frames(strips, one_number(per_patient), frame_size, rng)

    def cut(self, strips: Strips, frames: FrameIndex, frame_size: int) -> Frames:
        """Return frames (n, frame_size, channels) in physical units; channels are the columns of ``frames.strip``."""
        channels = frames.strip.reshape(len(frames), -1).shape[1]
        cut = strips.cut("signals", frames.strip.ravel(), frames.start.ravel(), frame_size)
        return cut.reshape(len(frames), channels, frame_size).transpose(0, 2, 1)

    @abstractmethod
    def targets(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
        """Return the answer to each frame, in the numbers of the task's vocabulary."""

    def answering(self, answer: Any) -> Any:
        """Return a model's answer for whole leads as one that asks it for frames cut by this rule; by default itself.

        `answer` is what the task's objective makes of a model, see `heartkit.objectives.base.Objective.answer`.
        """
        return answer


def one_number(per_patient: int | list[int]) -> int:
    """Return the number of frames per patient, or raise `ConfigError` if it is a list of numbers by class."""
    if isinstance(per_patient, list):
        raise ConfigError(
            f"samples_per_patient = {per_patient!r} asks for frames by class, but frames of this task have no single "
            f"class. Give one number, e.g. {sum(per_patient)}."
        )
    return per_patient


class WaveFrames(Framing):
    """Frames of one lead in which it is known of the samples what wave they belong to; the answer is the wave of each.

    Parameters
    ----------
    known : float
        Share of a frame's samples of which that has to be known, above 0. The others are neither trained on nor scored.
    """

    needs = frozenset({"waves"})
    scored_on = frozenset({"waves or beats"})

    known: float = Field(default=1.0, gt=0, le=1)

    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return the stretches of each lead from anywhere in which a frame may be cut."""
        if self.known < 1:
            partly = partly_known(store, records, leads, frame_size, self.known)
            if len(partly):
                return partly
        return known_runs(store, records, leads)

    def targets(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
        """Return (frames, frame_size) `Wave` values."""
        return strips.cut("track", frames.strip, frames.start, frame_size)


class LabelledFrames(Framing):
    """Frames that have one answer each: the label of the stretch they are cut from."""

    def draw(
        self,
        classes: Classes,
        strips: Strips,
        per_patient: int | list[int],
        frame_size: int,
        rng: np.random.Generator,
    ) -> FrameIndex:
        """Draw so many frames of each patient, or so many of each class; what is in no class is left out."""
        return draw_by_class(strips, classes(strips.label), per_patient, frame_size, rng)

    def targets(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
        """Return (frames,) numbers of the task's vocabulary."""
        return strips.label[frames.strip].astype(np.int16)


class RhythmFrames(LabelledFrames):
    """Frames that lie wholly within one rhythm; the answer is that rhythm."""

    needs = frozenset({"rhythms"})

    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return the stretches of each rhythm, on each lead."""
        parts = []
        for record in records:
            spans = store.annotation("rhythms", record)
            begin = np.ceil(spans.start * store.rate).astype(np.int64)
            end = np.minimum(np.floor(spans.stop * store.rate), store.samples[record]).astype(np.int64)
            some = end > begin
            columns = begin[some], (end - begin)[some], spans.kind[some]
            parts += [stretches(record, lead, *columns) for lead in chosen_leads(store.leads[record], leads)]
        return strips_from(store, parts)


class TagFrames(Framing):
    """Frames of recordings with diagnoses; the answer is every superclass that one of them states.

    Parameters
    ----------
    likelihood : float
        Percent; statements that are less likely do not count. PTB-XL writes 0 where it is not known.
    """

    needs = frozenset({"diagnoses"})

    likelihood: float = Field(default=0, ge=0, le=100)

    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return whole leads of the recordings whose statements name a superclass; `label` has a bit for each."""
        rows = []
        for record in records:
            if bits := sum(1 << one for one in superclasses(store.diagnoses(record), self.likelihood)):
                samples = int(store.samples[record])
                rows += [(record, lead, 0, samples, bits) for lead in chosen_leads(store.leads[record], leads)]
        return strips_of(store, rows)

    def draw(
        self,
        classes: Classes,
        strips: Strips,
        per_patient: int | list[int],
        frame_size: int,
        rng: np.random.Generator,
    ) -> FrameIndex:
        """Draw so many frames of each patient; or so many for each class, from the recordings that have it."""
        if isinstance(per_patient, int):
            return draw_frames(strips, per_patient, frame_size, rng)
        has = classes(_tags(strips.label)) > 0
        return draw_chosen(strips, [(has[:, at], count) for at, count in enumerate(per_patient)], frame_size, rng)

    def targets(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
        """Return (frames, superclasses) of int8: 1 where a superclass is stated."""
        return _tags(strips.label[frames.strip])


def _tags(bits: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return (n, superclasses) of 0 and 1 for (n,) numbers that have a bit for each."""
    return ((bits[:, None] >> np.arange(len(Diagnosis))) & 1).astype(np.int8)
