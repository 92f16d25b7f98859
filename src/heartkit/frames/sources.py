"""From a configuration's datasets to prepared recordings, split by patient."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from heartkit.datasets.derived import Derived
from heartkit.errors import ConfigError
from heartkit.factories import DatasetFactory
from heartkit.frames.overlap import keep_apart
from heartkit.frames.prepared import Prepared
from heartkit.frames.strips import require_leads
from heartkit.params import DatasetParams
from heartkit.records.derive import DERIVATIONS
from heartkit.records.source import RecordInfo
from heartkit.records.splits import SPLITS, split_patients
from heartkit.records.store import default_cache, prepare


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
