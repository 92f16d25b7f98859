"""How frames are cut: framing rules, each a small class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import ConfigError
from heartkit.frames.sampling import FrameIndex, draw_by_class, draw_frames
from heartkit.frames.strips import Strips, chosen_leads, known_runs, strips_of
from heartkit.records.store import Store

Classes = Callable[[NDArray[Any]], NDArray[Any]]
"""From numbers of the task's vocabulary to the configuration's classes."""


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


class WaveFrames:
    """Frames of one lead in which every sample is known to be some wave or none; the answer is the wave of each."""

    needs = frozenset({"waves"})

    def strips(self, store: Store, records: Sequence[int], leads: Sequence[str] | None, frame_size: int) -> Strips:
        """Return the annotated stretches of each lead."""
        return known_runs(store, records, leads)

    def draw(
        self,
        classes: Classes,
        strips: Strips,
        per_patient: int | list[int],
        frame_size: int,
        rng: np.random.Generator,
    ) -> FrameIndex:
        """Draw so many frames of each patient.

        Raises
        ------
        ConfigError
            If frames are asked for by class: each holds several.
        """
        if isinstance(per_patient, list):
            raise ConfigError(
                f"samples_per_patient = {per_patient!r} asks for frames by class, but frames of this task hold "
                f"several classes. Give one number, e.g. {sum(per_patient)}."
            )
        return draw_frames(strips, per_patient, frame_size, rng)

    def targets(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
        """Return (frames, frame_size) `Wave` values."""
        return strips.cut("track", frames.strip, frames.start, frame_size)


class LabelledFrames:
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
