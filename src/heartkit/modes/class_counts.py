"""How many frames each class has, by split: a class that nobody has is neither learnt nor scored.

What training draws is counted, by labels alone. ``heartkit check``, which prepares nothing, looks through annotations
until it has met every class.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import ConfigError, HeartkitError
from heartkit.frames.batches import FrameSet
from heartkit.frames.overlap import Entry, Groups
from heartkit.frames.sampling import frames_along
from heartkit.objectives.base import Objective
from heartkit.params import HKTrainParams
from heartkit.records.record import Record
from heartkit.records.wave_track import wave_track
from heartkit.tasks.base import TaskCutter

log = logging.getLogger(__name__)

Counts = NDArray[np.int64]
PER_SAMPLE = "sample"
"""The head of models that name every sample; see `Objective.head`."""
AT_ONCE = 4096
"""Frames whose labels are looked at at once."""
PATIENCE = 2.0
"""Seconds of the processor that are spent on the recordings of one split where a class has not been met."""
READ_AT_ONCE = 4
FEW = 20
"""What fewer recordings do not show, where there are more, says nothing."""


def count_frames(sets: Sequence[FrameSet], cutter: TaskCutter, classes: int) -> Counts:
    """Count the frames of each class, those of sets that batches take nothing from aside.

    Where samples have classes, there is more to read and nobody asks for the number: counting stops when every class
    has been met.

    Returns
    -------
    (classes,) array of int
        Frames that have the class, or samples of it.
    """
    counts = np.zeros(classes, np.int64)
    for one in sets:
        # A stride, so that the first look already meets all patients.
        parts = -(-len(one) // AT_ONCE) if one.weight > 0 else 0
        for first in range(parts):
            rows = np.arange(first, len(one), parts)
            answers = cutter.answers(one.strips, one.index.take(rows), one.frame_size)
            counts += cutter.objective.class_counts(answers, classes)
            if cutter.objective.head == PER_SAMPLE and counts.all():
                return counts
    return counts


def say_counts(split: str, counts: Counts, names: Sequence[str], objective: Objective) -> None:
    """Warn of classes that no frame of a split has.

    Raises
    ------
    ConfigError
        If they are training frames, and of fewer classes than there is something to learn from.
    """
    if split == "train" and too_few(counts, objective):
        raise ConfigError(none_words(split, counts, names))
    if not counts.all():
        log.warning("%s", none_words(split, counts, names))
    if objective.head != PER_SAMPLE:
        found = ", ".join(f"{name} {count:,}" for name, count in zip(names, counts, strict=True))
        log.info("frames of each class in split %r: %s", split, found)


def too_few(counts: Counts, objective: Objective) -> bool:
    """Say whether there is nothing to learn from training frames of these classes."""
    return int(np.count_nonzero(counts)) < objective.fewest


def none_words(split: str, counts: Counts, names: Sequence[str]) -> str:
    """Say which classes no frame of a split has, and what that means."""
    means = "A model does not learn it" if split == "train" else "It is not scored, and left out of averages"
    return (
        f"Split {split!r}: no frame is of class {_absent(counts, names)}. {means}. Add a dataset that has it, or "
        "correct class_map and num_classes; which labels a dataset has is on its page."
    )


def _absent(counts: Counts, names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name, count in zip(names, counts, strict=True) if not count)


@dataclass(frozen=True)
class Look:
    """What was met in the recordings of one split.

    Parameters
    ----------
    counts : Counts
        Frames of each class; where some are met, not all were counted.
    recordings, all_recordings : int
        How many were looked at, of how many.
    """

    counts: Counts
    recordings: int
    all_recordings: int

    @property
    def complete(self) -> bool:
        """Whether no recording is left."""
        return self.recordings == self.all_recordings

    @property
    def telling(self) -> bool:
        """Whether a class is missing, as far as so many recordings can tell."""
        return not self.counts.all() and self.recordings >= min(FEW, max(self.all_recordings, 1))

    def words(self, split: str, names: Sequence[str]) -> str:
        """Say which classes were not met."""
        if self.complete:
            return none_words(split, self.counts, names)
        return (
            f"Split {split!r}: of {self.all_recordings:,} recordings {self.recordings:,} were looked at, and none has "
            f"a frame of class {_absent(self.counts, names)}. `heartkit train` counts all of them."
        )


def look_for_classes(
    entries: Sequence[tuple[Entry, Groups]], split: str, cutter: TaskCutter, train: HKTrainParams
) -> Look:
    """Look through the annotations of a split's recordings until every class is met, or for `PATIENCE` seconds.

    Parameters
    ----------
    entries : sequence of (Entry, Groups)
        The datasets, and who remains in which split.
    split : str
        Which split.
    cutter : TaskCutter
        Where the task's frames are, and their answers.
    train : HKTrainParams
        Rate, size and classes of frames.
    """
    chosen = [_names(entry, groups[split]) for entry, groups in entries]
    counts, looked, until = np.zeros(train.num_classes, np.int64), 0, time.process_time() + PATIENCE
    parts = [_read(entry, names) for (entry, _), names in zip(entries, chosen, strict=True)]
    # In turns, so that a class that only the last dataset has is met early.
    for dataset, records in (one for turn in zip_longest(*parts) for one in turn if one is not None):
        looked += len(records)
        for record in records:
            if isinstance(record, Record):
                counts += _frames_of(record, dataset, cutter, train)
        if counts.all() or time.process_time() > until:
            break
    return Look(counts, looked, sum(map(len, chosen)))


def _names(entry: Entry, patients: Sequence[str]) -> list[str]:
    """Return the recordings of some patients, in an order that meets all kinds of them early."""
    wanted = set(patients)
    names = [record for record, patient in entry.records if patient in wanted]
    return [names[at] for at in np.random.default_rng(0).permutation(len(names))]


def _read(entry: Entry, names: Sequence[str]) -> Iterator[tuple[Any, list[Record | Exception]]]:
    for at in range(0, len(names), READ_AT_ONCE):
        yield entry.dataset, entry.dataset.read_annotations(names[at : at + READ_AT_ONCE])


def _frames_of(record: Record, dataset: Any, cutter: TaskCutter, train: HKTrainParams) -> Counts:
    """Count the frames side by side in one recording."""
    store: Any = _Annotated(record, train.sampling_rate)
    with suppress(HeartkitError):  # what trying to cut frames has found already
        strips = cutter.strips(store, [0], dataset.options.leads, train.frame_size)
        frames = frames_along(strips, train.frame_size, train.frame_size)
        if len(frames):
            return cutter.objective.class_counts(
                cutter.answers(strips, frames, train.frame_size), train.num_classes
            )  # fmt: skip
    return np.zeros(train.num_classes, np.int64)


class _Annotated:
    """One recording with its annotations at another rate, as a store of prepared ones would give them."""

    def __init__(self, record: Record, rate: float) -> None:
        self._record, self.rate, self.folder = record, rate, ""
        self.ids, self.patients, self.leads = [record.id], [record.patient], [list(record.leads)]
        self.samples = np.array([int(record.duration * rate)])
        self.patient_numbers = np.zeros(1, np.int64)
        self.places = np.zeros(1, np.int64), np.zeros(1, np.int64)
        self._track: NDArray[np.int8] | None = None

    def __len__(self) -> int:
        return 1

    def annotation(self, name: str, number: int) -> Any:
        return getattr(self._record, name)

    def diagnoses(self, number: int) -> Mapping[str, float]:
        return self._record.diagnoses

    def signals(self, number: int) -> NDArray[np.float32]:
        return self._record.signals

    def track(self, number: int) -> NDArray[np.int8]:
        if self._track is None:
            record = self._record
            made = wave_track(record.waves, record.annotated, len(record.leads), int(self.samples[0]), self.rate)
            self._track = made
        return self._track

    def flat(self, column: str) -> list[NDArray[Any]]:
        return [self.track(0).ravel()]
