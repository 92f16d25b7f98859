"""From prepared recordings to the frames of one split."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import ConfigError, NoRecordsError
from heartkit.frames.arranging import Frames
from heartkit.frames.batches import FrameSet
from heartkit.frames.blocks import draw_in_blocks
from heartkit.frames.prepared import Prepared
from heartkit.frames.sampling import FrameIndex
from heartkit.frames.strips import Leads, Strips
from heartkit.records.splits import SPLITS
from heartkit.records.store import Store


class Cutter(Protocol):
    """How a task cuts frames, in the classes of a configuration; see `heartkit.tasks.base.Task.cutter`."""

    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return where frames may be cut, and what they are there."""

    def draw(
        self, strips: Strips, per_patient: int | list[int], frame_size: int, rng: np.random.Generator
    ) -> FrameIndex:
        """Choose frames."""

    def read(self, strips: Strips, frames: FrameIndex, frame_size: int) -> tuple[Frames, NDArray[Any]]:
        """Return frames, (n, frame_size, channels), and the answer to each."""


def frame_sets(
    prepared: Sequence[Prepared],
    cutter: Cutter,
    split: str,
    frame_size: int,
    per_patient: int | list[int],
    seed: int,
) -> list[FrameSet]:
    """Draw the frames of one split from all datasets.

    Parameters
    ----------
    prepared : sequence of Prepared
        The datasets.
    cutter : Cutter
        How the task cuts frames.
    split : str
        ``"train"``, ``"val"``, ``"test"`` or ``"all"``.
    frame_size : int
        Samples per frame.
    per_patient : int or list of int
        Frames per patient, or per patient and class.
    seed : int
        Which frames are drawn depends on it, on the dataset and on the split.

    Returns
    -------
    list of FrameSet
        One for each dataset that has patients in the split.

    Raises
    ------
    NoRecordsError
        If no dataset has patients in the split, or nothing of their recordings is usable or of a class.
    ConfigError
        If frames are longer than every usable stretch.
    """
    require_patients(prepared, split)
    sets, longest = [], 0
    for one in prepared:
        rng = np.random.default_rng([seed, zlib.crc32(f"{one.name}/{split}".encode())])
        strips, index, length = draw_in_blocks(
            one.store,
            one.records(split),
            partial(cutter.strips, one.store, leads=one.leads, frame_size=frame_size),
            lambda block, rng=rng: cutter.draw(block, per_patient, frame_size, rng),  # type: ignore[misc]
        )
        longest = max(longest, length)
        if len(index):
            sets.append(FrameSet(one.name, strips, index, frame_size, cutter.read, one.weight))
    if not longest:
        raise NoRecordsError(
            f"Nothing of the recordings in split {split!r} is annotated with what the task needs. "
            "Choose another dataset."
        )
    if not sets and longest >= frame_size:
        raise NoRecordsError(
            f"No frame of the recordings in split {split!r} is of a class: none of the labels in class_map occurs "
            "there. Correct class_map, or choose another dataset; which labels a dataset has is on its page."
        )
    if not sets:
        raise ConfigError(
            f"frame_size = {frame_size} is longer than every usable stretch of the recordings; the longest has "
            f"{longest} samples. Choose a frame_size of at most {longest}."
        )
    if not any(frames.weight > 0 for frames in sets):
        raise ConfigError(f"All datasets with {split!r} patients have weight 0. Give one a positive weight.")
    return sets


def require_patients(prepared: Sequence[Prepared], split: str) -> None:
    """Raise `NoRecordsError` if a split has no recordings, saying what each dataset has."""
    if any(one.records(split) for one in prepared):
        return
    counts = "; ".join(
        f"{one.name}: " + ", ".join(f"{name} {len(one.records(name))}" for name in SPLITS) for one in prepared
    )
    # Only an evaluation may choose its split, and only test recordings are ever held back from everybody.
    way = "Choose another one, e.g. `--set split=val`" if split == "test" else "Change train_patients or val_patients"
    known = sum(len(one.left_out.get(split, ())) for one in prepared)
    seen = f" The model was trained on {known} patients, who were left out of it." if known else ""
    raise NoRecordsError(
        f"No dataset has recordings in split {split!r} (recordings here: {counts}).{seen} {way}, correct the splits of "
        "the datasets, or fetch what is missing with `heartkit download`."
    )
