"""Which frames are drawn: so many per patient, from a seeded generator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.strips import Strips


@dataclass(frozen=True)
class FrameIndex:
    """Which frames there are: the strip and start of each, and its patient.

    Parameters
    ----------
    strip : (n,) array of int
        Row of `Strips`.
    start : (n,) array of int
        First sample, counted from the strip's begin.
    patient : (n,) array of int
        Number of the patient within the dataset.
    """

    strip: NDArray[np.int64]
    start: NDArray[np.int64]
    patient: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.strip)

    def take(self, rows: NDArray[np.int64] | slice) -> FrameIndex:
        """Return the frames at `rows`."""
        return FrameIndex(self.strip[rows], self.start[rows], self.patient[rows])


def draw_frames(strips: Strips, per_patient: int, frame_size: int, rng: np.random.Generator) -> FrameIndex:
    """Draw frames evenly: the same number for each patient, each possible position of a patient equally likely.

    Parameters
    ----------
    strips : Strips
        Where frames may be cut.
    per_patient : int
        How many frames of each patient.
    frame_size : int
        Samples per frame; strips that are shorter give none.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    FrameIndex
        ``per_patient`` frames of each patient who has a strip that is long enough, patient by patient.
    """
    rooms = np.flatnonzero(strips.length >= frame_size)
    names = np.array(strips.store.patients)[strips.record[rooms]] if rooms.size else np.empty(0, str)
    _, patient = np.unique(names, return_inverse=True)
    rooms = rooms[order := np.argsort(patient, kind="stable")]
    positions = strips.length[rooms] - frame_size + 1
    ends = np.cumsum(positions)
    # The positions of all strips, patient after patient, form one line; each patient owns a stretch of it.
    last = np.flatnonzero(np.diff(patient[order], append=-1))
    until = ends[last] if last.size else np.empty(0, np.int64)
    since = np.concatenate(([0], until))[:-1]
    drawn = rng.integers(since[:, None], until[:, None], (len(until), per_patient)).ravel()
    room = np.searchsorted(ends, drawn, side="right")
    start = drawn - (ends[room] - positions[room])
    return FrameIndex(rooms[room], start, np.arange(len(until)).repeat(per_patient))
