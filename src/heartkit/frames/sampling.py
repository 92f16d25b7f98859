"""Which frames are drawn: so many per patient, from a seeded generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.strips import Strips
from heartkit.frames.windows import window_starts


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

    @classmethod
    def joined(cls, parts: Sequence[FrameIndex]) -> FrameIndex:
        """Return the frames of all parts, one after the other."""
        return cls(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)))


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
    patient = patient_numbers(strips)
    rooms = np.flatnonzero(strips.length >= frame_size)
    rooms = rooms[np.argsort(patient[rooms], kind="stable")]
    positions = strips.length[rooms] - frame_size + 1
    ends = np.cumsum(positions)
    # The positions of all strips, patient after patient, form one line; each patient owns a stretch of it.
    owner = patient[rooms]
    last = np.flatnonzero(np.diff(owner, append=-1))
    until = ends[last] if last.size else np.empty(0, np.int64)
    since = np.concatenate(([0], until))[:-1]
    drawn = rng.integers(since[:, None], until[:, None], (len(until), per_patient)).ravel()
    room = np.searchsorted(ends, drawn, side="right")
    start = drawn - (ends[room] - positions[room])
    return FrameIndex(rooms[room], start, owner[last].repeat(per_patient))


def draw_by_class(
    strips: Strips,
    classes: NDArray[np.integer[Any]],
    per_patient: int | list[int],
    frame_size: int,
    rng: np.random.Generator,
) -> FrameIndex:
    """Draw frames of strips that have one class each.

    Parameters
    ----------
    strips : Strips
        Where frames may be cut.
    classes : (n,) array of int
        The class of each strip; those of negative ones are left out.
    per_patient : int or list of int
        How many frames of each patient, drawn as `draw_frames` does; or how many of each class, from every patient
        who has the class.
    frame_size, rng
        As for `draw_frames`.

    Returns
    -------
    FrameIndex
        Patient by patient within each class.
    """
    wanted = [(classes >= 0, per_patient)] if isinstance(per_patient, int) else [
        (classes == number, count) for number, count in enumerate(per_patient)
    ]  # fmt: skip
    return draw_chosen(strips, wanted, frame_size, rng)


def draw_chosen(
    strips: Strips, wanted: Sequence[tuple[NDArray[np.bool_], int]], frame_size: int, rng: np.random.Generator
) -> FrameIndex:
    """Draw frames of some strips, then of others, which may be the same ones again.

    Parameters
    ----------
    strips : Strips
        Where frames may be cut.
    wanted : sequence of (mask, int)
        Which strips, (n,) of bool, and how many frames of every patient who has one of them.
    frame_size, rng
        As for `draw_frames`.

    Returns
    -------
    FrameIndex
        Patient by patient within each of `wanted`.
    """
    patient = patient_numbers(strips)
    parts = []
    for chosen, count in wanted:
        rows = np.flatnonzero(chosen)
        drawn = draw_frames(strips.take(rows), count, frame_size, rng)
        strip = rows[drawn.strip]
        parts.append(FrameIndex(strip, drawn.start, patient[strip]))
    return FrameIndex.joined(parts)


def frames_along(strips: Strips, frame_size: int, hop: int) -> FrameIndex:
    """Return frames every `hop` samples that cover each strip; the last one ends with it.

    Parameters
    ----------
    strips : Strips
        Where frames are cut; those that are shorter than a frame give none.
    frame_size, hop : int
        Samples.

    Returns
    -------
    FrameIndex
        Strip by strip.
    """
    rooms = np.flatnonzero(strips.length >= frame_size)
    starts = [window_starts(int(length), frame_size, hop) for length in strips.length[rooms]]
    strip = rooms.repeat([len(one) for one in starts])
    return FrameIndex(strip, np.concatenate([np.empty(0, np.int64), *starts]), patient_numbers(strips)[strip])


def patient_numbers(strips: Strips) -> NDArray[np.int64]:
    """Return the number of the patient of each strip, counted among the patients of all of them by name."""
    return np.unique(strips.store.patient_numbers[strips.record], return_inverse=True)[1]
