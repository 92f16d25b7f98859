"""How frames around beats are cut, and what is known of each beat beside its signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.arranging import Beside, Frames
from heartkit.frames.framing import LabelledFrames
from heartkit.frames.sampling import FrameIndex
from heartkit.frames.strips import Leads, Strips, chosen_leads, stretches, strips_from
from heartkit.records.record import Beats
from heartkit.records.store import Store
from heartkit.records.vocabulary import Beat
from heartkit.signal.timing import TIMING, beat_timing


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


class BeatFrames(LabelledFrames):
    """Frames with a beat in their middle; the answer is the kind of that beat.

    Parameters
    ----------
    rr : bool
        Give the model three channels more, constant along a frame: how early the beat comes, how early the next one,
        and how irregular the rhythm is, as `heartkit.signal.timing.beat_timing` tells it when the frame ends.
    """

    needs = frozenset({"beats"})
    arrangement = Beside()

    rr: bool = False

    @property
    def channels(self) -> int:
        """Return 1 for the signal, and with `rr` one for each number beside it."""
        return 1 + len(TIMING) * self.rr

    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return, for each beat that is not too near an end of its recording, the one frame around it, on each lead."""
        parts = []
        for record in records:
            beats = store.annotation("beats", record)
            begin, inside = frames_around(beats.time, store.rate, frame_size, int(store.samples[record]))
            columns = begin[inside], frame_size, beats.kind[inside]
            parts += [stretches(record, lead, *columns) for lead in chosen_leads(store.leads[record], leads)]
        return strips_from(store, parts)

    def cut(self, strips: Strips, frames: FrameIndex, frame_size: int) -> Frames:
        """Return frames (n, frame_size, channels): the signal in physical units, and with `rr` what stands beside."""
        signal = super().cut(strips, frames, frame_size)
        if not self.rr:
            return signal
        beside = self._beside(strips, frames, frame_size)
        return np.concatenate([signal, np.broadcast_to(beside[:, None], (*signal.shape[:2], len(TIMING)))], axis=2)

    def answering(self, answer: Any) -> BeatAnswer:
        """Return a model as a method that classifies the beats of whole leads."""
        return BeatAnswer(answer, self.rr)

    def _beside(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[np.float32]:
        """Return the timing of the beat of each frame, (n, 3)."""
        store, middle = strips.store, strips.begin[frames.strip] + frames.start + frame_size // 2
        owner, timing = strips.record[frames.strip], np.empty((len(frames), len(TIMING)), np.float32)
        for record in np.unique(owner):
            here, times = owner == record, store.annotation("beats", int(record)).time
            # From the sample in the middle back to the beat's exact time, which is what intervals are told from.
            times = np.sort(times)
            moments = times[np.searchsorted(np.rint(times * store.rate), middle[here])]
            real = real_beats(store.annotation("beats", int(record)))
            timing[here] = beat_timing(real, moments, delay(frame_size, store.rate))
        return timing


@dataclass(frozen=True)
class BeatAnswer:
    """A model that names beats, for whole leads.

    Parameters
    ----------
    frames : FrameAnswer
        The model, which names frames; see `heartkit.objectives.classify.FrameAnswer`.
    rr : bool
        Whether it is given the timing of each beat beside the signal.
    """

    frames: Any
    rr: bool

    @property
    def frame_size(self) -> int:
        """Return the samples of a frame."""
        return int(self.frames.frame_size)

    @property
    def delay(self) -> float:
        """Return how long after a beat its frame ends, in seconds."""
        return delay(self.frame_size, self.frames.rate)

    def whole(self, signal: NDArray[np.float32], times: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Return, for beats at `times` (s), whether the frame around each lies within a lead (samples,)."""
        return frames_around(times, self.frames.rate, self.frame_size, len(signal))[1]

    def probabilities(self, signal: NDArray[np.float32], beats: Beats) -> NDArray[np.float32]:
        """Return the probabilities (n, classes) of the beats of a lead (samples,).

        A row is NaN where the frame around a beat is not `whole`. What is marked as `Beat.NOISE` is named too, but
        the others are timed without it.
        """
        starts, whole = frames_around(beats.time, self.frames.rate, self.frame_size, len(signal))
        beside = beat_timing(real_beats(beats), beats.time[whole], self.delay) if self.rr else None
        found = self.frames.probabilities(signal, starts[whole], beside)
        named = np.full((len(beats), found.shape[1]), np.nan, np.float32)
        named[whole] = found
        return named


def real_beats(beats: Beats) -> NDArray[np.float64]:
    """Return the times of what is a beat and no artefact, ascending."""
    return np.sort(beats.time[beats.kind != Beat.NOISE])


def delay(frame_size: int, rate: float) -> float:
    """Return how long after the beat in its middle a frame ends, in seconds."""
    return (frame_size - frame_size // 2) / rate
