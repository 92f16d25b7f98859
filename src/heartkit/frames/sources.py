"""From a configuration's datasets to prepared recordings, split by patient, and to frames of one split."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from heartkit.datasets.derived import Derived
from heartkit.errors import ConfigError, NoRecordsError
from heartkit.factories import DatasetFactory
from heartkit.frames.arranging import Frames
from heartkit.frames.batches import FrameSet
from heartkit.frames.blocks import draw_in_blocks
from heartkit.frames.overlap import keep_apart
from heartkit.frames.sampling import FrameIndex
from heartkit.frames.strips import Leads, Strips, chosen_leads, require_leads
from heartkit.params import DatasetParams
from heartkit.records.derive import DERIVATIONS
from heartkit.records.source import RecordInfo
from heartkit.records.splits import SPLITS, split_patients
from heartkit.records.store import Store, default_cache, prepare

log = logging.getLogger(__name__)


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


class Settings(Protocol):
    """What the parameters of every mode say about recordings."""

    @property
    def datasets(self) -> list[DatasetParams]:
        """Which datasets."""

    @property
    def sampling_rate(self) -> int:
        """Target rate in Hz."""

    @property
    def cache_dir(self) -> Path | None:
        """Folder for prepared recordings; None for the user's cache folder."""

    @property
    def data_parallelism(self) -> int:
        """How many processes prepare."""

    @property
    def cluster(self) -> str | None:
        """Address of a Ray cluster that prepares instead."""


@dataclass(frozen=True)
class Prepared:
    """One dataset of a configuration: its prepared recordings, who is in which split, which weak labels it has.

    Parameters
    ----------
    name : str
        The dataset.
    store : Store
        Its prepared recordings.
    groups : dict of str to list of str
        Split -> patients.
    leads : sequence of str or int, optional
        Which leads are used.
    weight : float
        Its share of a batch.
    weak : tuple of str
        Names of its weak labels.
    source : str
        Its `Dataset.source`.
    excerpts : mapping of str to list
        Patient -> dataset and recording that recordings of theirs are excerpts of.
    left_out : mapping of str to list of str
        Split -> patients who are not in it because a model knows them, see `heartkit.frames.seen`.
    fixed : tuple of str
        Splits that the publisher or the field fixed.
    only : tuple of str, optional
        The splits that the dataset is used for; None for all.
    """

    name: str
    store: Store
    groups: dict[str, list[str]]
    leads: Leads
    weight: float
    weak: tuple[str, ...] = ()
    source: str = ""
    excerpts: Mapping[str, list[tuple[str, str]]] = field(default_factory=dict)
    left_out: Mapping[str, list[str]] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None

    def records(self, split: str) -> list[int]:
        """Return the recordings of one split, or of all for ``"all"``, that have a lead which is used."""
        chosen = {patient for name, group in self.groups.items() if split in (name, "all") for patient in group}
        return [n for n, patient in enumerate(self.store.patients) if patient in chosen and self.leads_of(n)]

    def patients(self, split: str) -> list[str]:
        """Return the patients of one split, or of all for ``"all"``, who have a recording that is used, sorted."""
        return sorted({self.store.patients[record] for record in self.records(split)})

    def leads_of(self, record: int) -> list[int]:
        """Return the numbers of those leads of a recording that are used."""
        return chosen_leads(self.store.leads[record], self.leads)


def dataset_folder(params: DatasetParams) -> Path:
    """Return where a dataset's files are: its ``path``, by default ``datasets/<name>`` here."""
    return params.path if params.path != Path() else Path("datasets") / params.name


def open_dataset(params: DatasetParams) -> Any:
    """Return the dataset that a configuration names, with the weak labels it asks for, without reading anything."""
    dataset = DatasetFactory.get(params.name)(dataset_folder(params), params.params)
    return Derived(dataset) if dataset.options.derive else dataset


def open_datasets(settings: Settings, needs: frozenset[str], task: str, progress: bool = True) -> list[Prepared]:
    """Prepare every dataset of a configuration and split its patients.

    Parameters
    ----------
    settings : Settings
        The parameters of a mode.
    needs : frozenset of str
        What the task needs of a dataset, e.g. ``{"waves"}``.
    task : str
        Its name, for messages.
    progress : bool
        Whether to show progress.

    Returns
    -------
    list of Prepared
        In the order of the configuration.

    Raises
    ------
    ConfigError
        If there is no dataset, or one does not have what the task needs.
    """
    if not settings.datasets:
        raise ConfigError('No dataset is configured. Add one, e.g. `--set \'datasets=[{"name": "ecg-synthetic"}]\'`.')
    datasets = [open_dataset(one) for one in settings.datasets]
    prepared = [
        _prepare(dataset, one.weight, settings, needs, task, progress)
        for dataset, one in zip(datasets, settings.datasets, strict=True)
    ]
    return keep_apart(prepared, datasets)


def _prepare(
    dataset: Any, weight: float, settings: Settings, needs: frozenset[str], task: str, progress: bool
) -> Prepared:
    require_fit(dataset, needs, task)
    cache = settings.cache_dir or default_cache()
    listing = dataset.listing()
    store = prepare(
        dataset, settings.sampling_rate, cache, settings.data_parallelism, progress, settings.cluster, listing
    )
    require_leads(store, dataset.options.leads, dataset.name)
    groups = dataset_splits(dataset, listing, settings)
    options, fixed = dataset.options, tuple(one for one in SPLITS if one in dataset.published_splits)
    return Prepared(
        dataset.name, store, groups, options.leads, weight, tuple(options.derive), dataset.source(),
        _excerpts(dataset, listing), fixed=fixed, only=None if options.splits is None else tuple(options.splits),
    )  # fmt: skip


def _excerpts(dataset: Any, listing: Sequence[RecordInfo]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for info in listing:
        if (whole := dataset.origin(info.id)) is not None:
            found.setdefault(info.patient, []).append(whole)
    return found


def require_fit(dataset: Any, needs: frozenset[str], task: str) -> None:
    """Raise `ConfigError` unless a dataset provides what a task needs, naming datasets that do."""
    missing = lacking(needs, dataset.provides)
    if missing:
        able = [name for name in DatasetFactory.list() if not lacking(needs, DatasetFactory.get(name).provides)]
        weak = [name for name, rule in DERIVATIONS.items() if rule.gives in missing and rule.needs in dataset.provides]
        raise ConfigError(
            f"Task {task!r} needs {', '.join(missing)}, which dataset {dataset.name!r} does not have "
            f"(it has {', '.join(sorted(dataset.provides)) or 'signals only'}). Datasets that do: {', '.join(able)}."
            + (f" Weak labels can be made of what it has: params.derive = {weak}." if weak else "")
        )


def lacking(needs: frozenset[str], provides: frozenset[str]) -> list[str]:
    """Return what of `needs` is not provided; ``"ecg or ppg"`` needs one of the two."""
    return sorted(need for need in needs if provides.isdisjoint(need.split(" or ")))


def dataset_splits(dataset: Any, listing: Sequence[RecordInfo], settings: Any) -> dict[str, list[str]]:
    """Split the patients of a dataset as a configuration asks."""
    only = dataset.options.splits
    wanted = {name: getattr(settings, name, None) for name in ("train_patients", "val_patients", "test_patients")}
    if only is None:
        return split_patients(dataset.name, listing, dataset.published_splits, **wanted)
    if len(only) == 1:
        elsewhere = {info.patient for info in listing if info.split not in (None, *only)}
        patients = sorted({info.patient for info in listing} - elsewhere)
        return {name: patients if name in only else [] for name in SPLITS}
    groups = split_patients(dataset.name, listing, dataset.published_splits, **wanted)
    return {name: groups[name] if name in only else [] for name in SPLITS}


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
