"""Batches: frames cut, augmented and preprocessed, where batch *n* is a pure function of (seed, *n*)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import ConfigError
from heartkit.frames.arranging import Arrange, Frames
from heartkit.frames.sampling import FrameIndex
from heartkit.frames.strips import Strips

Read = Callable[[Strips, FrameIndex, int], tuple[Frames, NDArray[Any]]]
"""``read(strips, frames, frame_size)`` gives frames (n, frame_size, channels) in physical units, and their answers."""
AUGMENTING = 1
ARRANGED_AT_ONCE = 4096
"""Held-out frames are arranged so many at a time: what noise and filters need beside them stays small."""


@dataclass(frozen=True)
class FrameSet:
    """The frames of one dataset that one split uses.

    Parameters
    ----------
    name : str
        The dataset.
    strips : Strips
        Where they are cut from.
    index : FrameIndex
        Which they are.
    frame_size : int
        Samples per frame.
    read : callable
        ``read(strips, frames, frame_size)`` gives frames and answers.
    weight : float
        How much of each batch this set fills, relative to the others.
    """

    name: str
    strips: Strips
    index: FrameIndex
    frame_size: int
    read: Read
    weight: float = 1.0

    def __len__(self) -> int:
        return len(self.index)

    def frames(self, rows: NDArray[np.int64] | slice) -> tuple[Frames, NDArray[Any]]:
        """Return the frames at `rows`, (n, frame_size, channels), in physical units, and their answers."""
        return self.read(self.strips, self.index.take(rows), self.frame_size)


class Batches:
    """An endless sequence of training batches that any number of workers can make in any order.

    Each dataset is walked through in a fresh random order, pass after pass; of a batch it fills the share that its
    weight gives it.

    Parameters
    ----------
    sets : sequence of FrameSet
        The datasets.
    batch_size : int
        Frames per batch.
    seed : int
        All randomness comes from it.
    arrange : callable
        ``arrange(frames, answers, rng)`` gives what the model is given and asked.
    """

    def __init__(self, sets: Sequence[FrameSet], batch_size: int, seed: int, arrange: Arrange) -> None:
        self._sets, self._batch_size, self._seed, self._arrange = sets, batch_size, seed, arrange
        # The heaviest comes last: of what the lighter ones leave, no set then takes more than half.
        self._by_weight = sorted(range(len(sets)), key=lambda which: sets[which].weight)
        # A cache for each set: small sets pass through many orders in one batch, and would push out those of others.
        self._orders = [lru_cache(maxsize=2)(partial(self._shuffled, which)) for which in range(len(sets))]

    def batch(self, number: int) -> tuple[NDArray[np.float32], NDArray[Any]]:
        """Return batch `number`: inputs (batch_size, frame_size, channels) and answers.

        An arrangement that makes several inputs of a frame makes the batch as many times longer.

        Raises
        ------
        ConfigError
            If augmentations and preprocesses change the size of frames.
        """
        chosen = [(frames, self._rows(which, number)) for which, frames in enumerate(self._sets) if frames.weight > 0]
        # Small batches hold no frame of a light set now and then; how frames are cut need not be defined for none.
        parts = [frames.frames(rows) for frames, rows in chosen if len(rows)]
        frames, answers = (np.concatenate(column) for column in zip(*parts, strict=True))
        rng = np.random.default_rng([self._seed, AUGMENTING, number])
        inputs, answers = self._arrange(frames, answers, rng)
        if inputs.shape[1] != frames.shape[1]:
            raise ConfigError(resized(frames.shape[1], inputs.shape[1]))
        return inputs, answers

    def _rows(self, which: int, number: int) -> NDArray[np.int64]:
        """Return the frames of one set that go into a batch: the next ones of its walk."""
        first, last = self._used(which, number), self._used(which, number + 1)
        size = len(self._sets[which])
        at = np.arange(first, last)
        rows = np.empty(len(at), np.int64)
        for turn in np.unique(at // size):
            here = at // size == turn
            rows[here] = self._orders[which](int(turn))[at[here] % size]
        return rows

    def _used(self, which: int, number: int) -> int:
        """Return how many frames of one set the batches before `number` have used up.

        Each set in turn takes its share, rounded down, of what is left, and the last one takes the rest. So every
        batch is full, and as what is left never shrinks from one batch to the next, neither does what a set has used.
        """
        left, weight = number * self._batch_size, sum(frames.weight for frames in self._sets)
        for other in self._by_weight[:-1]:
            used = int(self._sets[other].weight / weight * left)
            if other == which:
                return used
            left, weight = left - used, weight - self._sets[other].weight
        return left

    def _shuffled(self, which: int, turn: int) -> NDArray[np.int64]:
        return np.random.default_rng([self._seed, 0, which, turn]).permutation(len(self._sets[which]))


def resized(frame_size: int, size: int) -> str:
    """Say that frames of `frame_size` samples became frames of `size`."""
    return (
        f"The preprocesses or augmentations turn frames of {frame_size} samples into {size}, but the model takes "
        f"frame_size = {frame_size} and answers for those samples. Leave 'resizing' out, and choose sampling_rate and "
        f"frame_size instead."
    )


def all_frames(
    sets: Sequence[FrameSet], arrange: Arrange, seed: int = 0, limit: int | None = None
) -> tuple[Frames, NDArray[Any], NDArray[np.int64]]:
    """Return the frames of all sets as arrays, for validation and tests.

    Parameters
    ----------
    sets : sequence of FrameSet
        The datasets.
    arrange : callable
        As for `Batches`, for held-out frames.
    seed : int
        Where it adds noise, that comes from here.
    limit : int, optional
        At most so many frames, taken evenly from all.

    Returns
    -------
    (n, frame_size, channels) array of float32, array of targets, (n,) array of int
        Inputs, their answers, and the number of the patient each belongs to.
    """
    parts, groups, first = [], [], 0
    ends = np.cumsum([len(frames) for frames in sets])
    kept = np.diff(ends * min(limit or ends[-1], ends[-1]) // ends[-1], prepend=0)
    for frames, count in zip(sets, kept, strict=True):
        rows = np.linspace(0, len(frames) - 1, count).astype(np.int64)
        for at in range(0, count, ARRANGED_AT_ONCE):
            chosen = rows[at : at + ARRANGED_AT_ONCE]
            inputs, answers = arrange(*frames.frames(chosen), np.random.default_rng([seed, first, at]))
            parts.append((inputs, answers))
            groups.append(np.tile(frames.index.patient[chosen] + first, len(inputs) // len(chosen)))
        first += int(frames.index.patient.max(initial=-1)) + 1
    inputs, answers = (np.concatenate(column) for column in zip(*parts, strict=True))
    return inputs, answers, np.concatenate(groups)
