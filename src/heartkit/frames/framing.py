"""How frames are cut: what framing rules share, and the rules of frames that have labels; those of signals are in
`heartkit.frames.signal_frames`.
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
from heartkit.frames.sampling import FrameIndex, draw_by_class, draw_frames
from heartkit.frames.strips import Strips, chosen_leads, known_runs, strips_of
from heartkit.records.diagnosis_codes import superclasses
from heartkit.records.store import Store
from heartkit.records.vocabulary import Diagnosis
from heartkit.strict import StrictParams

Classes = Callable[[NDArray[Any]], NDArray[Any]]
"""From numbers of the task's vocabulary to the configuration's classes."""


class Framing(StrictParams, ABC):
    """A rule: where frames may be cut, which are drawn, and what the answer to each is.

    Its fields, if it has any, are what a configuration's ``task_params`` may hold.

    Attributes
    ----------
    needs : frozenset of str
        What a dataset must provide; ``"ecg or ppg"`` needs one of the two.
    arrangement : Arrangement
        How cut frames become inputs and answers.
    """

    needs: ClassVar[frozenset[str]] = frozenset()
    arrangement: ClassVar[Arrangement] = Plain()

    @property
    def arranged(self) -> Arrangement:
        """Return the `arrangement` as these fields ask for it; by default as it is."""
        return self.arrangement

    @property
    def channels(self) -> int:
        """Return how many channels the model's input has."""
        return 1

    @abstractmethod
    def strips(self, store: Store, records: Sequence[int], leads: Sequence[str] | None, frame_size: int) -> Strips:
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


def one_number(per_patient: int | list[int]) -> int:
    """Return the number of frames per patient, or raise `ConfigError` if it is a list of numbers by class."""
    if isinstance(per_patient, list):
        raise ConfigError(
            f"samples_per_patient = {per_patient!r} asks for frames by class, but frames of this task have no single "
            f"class. Give one number, e.g. {sum(per_patient)}."
        )
    return per_patient


def frames_around(
    times: NDArray[np.float64], rate: float, frame_size: int, samples: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where frames begin that have a beat in their middle, and which lie within the recording.

    Parameters
    ----------
    times : (n,) array of float
        Seconds, of the beats.
    rate : float
        Hz.
    frame_size, samples : int
        Samples of a frame, and of the recording.

    Returns
    -------
    (n,) array of int, (n,) array of bool
        First sample of each frame, which may lie outside; whether the whole frame lies inside.
    """
    starts = np.rint(times * rate).astype(np.int64) - frame_size // 2
    return starts, (starts >= 0) & (starts + frame_size <= samples)


class WaveFrames(Framing):
    """Frames of one lead in which every sample is known to be some wave or none; the answer is the wave of each."""

    needs = frozenset({"waves"})

    def strips(self, store: Store, records: Sequence[int], leads: Sequence[str] | None, frame_size: int) -> Strips:
        """Return the annotated stretches of each lead."""
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

    def strips(self, store: Store, records: Sequence[int], leads: Sequence[str] | None, frame_size: int) -> Strips:
        """Return the stretches of each rhythm, on each lead."""
        rows = []
        for record in records:
            spans = store.annotation("rhythms", record)
            begin = np.ceil(spans.start * store.rate).astype(np.int64)
            end = np.minimum(np.floor(spans.stop * store.rate), store.samples[record]).astype(np.int64)
            for lead in chosen_leads(store.leads[record], leads):
                rows += [(record, lead, b, e - b, k) for b, e, k in zip(begin, end, spans.kind, strict=True) if e > b]
        return strips_of(store, rows)


class BeatFrames(LabelledFrames):
    """Frames with a beat in their middle; the answer is the kind of that beat."""

    needs = frozenset({"beats"})

    def strips(self, store: Store, records: Sequence[int], leads: Sequence[str] | None, frame_size: int) -> Strips:
        """Return, for each beat that is not too near an end of its recording, the one frame around it, on each lead."""
        rows = []
        for record in records:
            beats = store.annotation("beats", record)
            begin, inside = frames_around(beats.time, store.rate, frame_size, int(store.samples[record]))
            for lead in chosen_leads(store.leads[record], leads):
                rows += [
                    (record, lead, b, frame_size, k)
                    for b, k in zip(begin[inside].tolist(), beats.kind[inside].tolist(), strict=True)
                ]
        return strips_of(store, rows)


class TagFrames(Framing):
    """Frames of recordings with diagnoses; the answer is every superclass that one of them states.

    Parameters
    ----------
    likelihood : float
        Percent; statements that are less likely do not count. PTB-XL writes 0 where it is not known.
    """

    needs = frozenset({"diagnoses"})

    likelihood: float = Field(default=0, ge=0, le=100)

    def strips(self, store: Store, records: Sequence[int], leads: Sequence[str] | None, frame_size: int) -> Strips:
        """Return whole leads of the recordings whose statements name a superclass; `label` has a bit for each."""
        rows = []
        for record in records:
            if bits := sum(1 << one for one in superclasses(store.diagnoses(record), self.likelihood)):
                samples = int(store.samples[record])
                rows += [(record, lead, 0, samples, bits) for lead in chosen_leads(store.leads[record], leads)]
        return strips_of(store, rows)

    def targets(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
        """Return (frames, superclasses) of int8: 1 where a superclass is stated."""
        bits = np.arange(len(Diagnosis))
        return ((strips.label[frames.strip][:, None] >> bits) & 1).astype(np.int8)
