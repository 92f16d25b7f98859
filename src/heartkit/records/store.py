"""Prepared recordings: read once, resampled, written to Arrow IPC shards, memory-mapped ever after.

One folder per (dataset, its files, its options, target rate, code that prepares it). Shards are independent of each
other: workers write them side by side, each lands atomically, and a run that was killed goes on with those missing.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heartkit import console
from heartkit.errors import NoRecordsError
from heartkit.records.record import Record
from heartkit.records.rows import ANNOTATIONS
from heartkit.records.shards import (
    LANDING_SECONDS,
    Piece,
    ShardWriter,
    code_state,
    drop_abandoned,
    open_shard,
    require_landed,
    shard_file,
    values_of,
)
from heartkit.records.source import RecordInfo, Source
from heartkit.records.workers import spread

log = logging.getLogger(__name__)

NAMED_SKIPS = 5
MAPPED, OPEN = 30_000, 64
"""So many shards at most are mapped for their samples (Linux admits 65,530 mappings), and open for annotations."""


def prepare(
    source: Source,
    rate: float,
    cache: Path,
    jobs: int = 1,
    progress: bool = True,
    cluster: str | None = None,
    listing: Sequence[RecordInfo] | None = None,
) -> Store:
    """Prepare all recordings of a dataset at one sampling rate, or find them prepared.

    Parameters
    ----------
    source : Source
        The dataset.
    rate : float
        Target sampling rate in Hz.
    cache : Path
        Folder that holds prepared datasets.
    jobs : int
        How many processes read.
    progress : bool
        Whether to show a progress bar.
    cluster : str, optional
        Address of a Ray cluster that reads instead.
    listing : sequence of RecordInfo, optional
        What the dataset lists, where that is known already.

    Returns
    -------
    Store
        The prepared recordings, memory-mapped.

    Raises
    ------
    NoRecordsError
        If no recording is usable.
    DataError
        If a process that reads was killed, a prepared file is damaged, or a worker of the cluster does not share the
        files.
    ConfigError
        If the cluster cannot be reached.
    """
    listing = source.listing() if listing is None else listing
    size = source.records_per_shard
    # Which record stands in which shard is part of the key: shards of another layout would lose or double records.
    key = f"{source.fingerprint()} {float(rate)!r} {code_state()} {size} {[info.id for info in listing]}"
    folder = cache / f"{source.name}-{rate:g}hz-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    shards = -(-len(listing) // size)
    todo = [number for number in range(shards) if not shard_file(folder, number).exists()]
    if todo:
        folder.mkdir(parents=True, exist_ok=True)
        drop_abandoned(folder)
        pieces = [(number, listing[number * size : (number + 1) * size]) for number in todo]
        with console.progress(f"Preparing {source.name}", sum(len(infos) for _, infos in pieces), progress) as advance:
            for number in _written(source, rate, folder, pieces, jobs, cluster):
                advance(len(listing[number * size : (number + 1) * size]))
    store = Store(folder, shards, rate)
    _report_skipped(source.name, store)
    if not len(store):
        raise NoRecordsError(
            f"Dataset {source.name!r} has no usable recording: {len(listing)} listed, {len(store.skipped)} unusable"
            + "".join(f"; {reason}" for reason in list(store.skipped.values())[:NAMED_SKIPS])
            + ". Check datasets[].path, or fetch the files again with `heartkit download`."
        )
    return store


class Store:
    """Prepared recordings of one dataset at one rate, memory-mapped and read-only.

    What is held in memory is who has recordings and where they stand; samples and annotations are mapped when used.

    Parameters
    ----------
    folder : Path
        Where the shards are.
    shards : int
        How many there are.
    rate : float
        Their sampling rate in Hz.
    """

    def __init__(self, folder: Path, shards: int, rate: float) -> None:
        self.folder, self.rate = folder, rate
        self.skipped: dict[str, str] = {}
        self.ids: list[str] = []
        self.patients: list[str] = []
        self.leads: list[list[str]] = []
        self.units: list[list[str]] = []
        self._files: list[Path] = []
        numbers: list[NDArray[np.int64]] = []
        known: dict[Any, Any] = {}
        for file in (shard_file(folder, number) for number in range(shards)):
            # Tables are not kept: those of a dataset of half a million recordings would hold a gigabyte.
            table = open_shard(file)
            self.skipped |= json.loads(table.schema.metadata[b"skipped"])
            if not len(table):
                continue
            self.ids += table.column("id").to_pylist()
            for name, column in (("patient", self.patients), ("leads", self.leads), ("units", self.units)):
                # Each patient's name and each list of leads is held once, however many recordings have it.
                column += [known.setdefault((name, str(value)), value) for value in table.column(name).to_pylist()]
            shard, rows = np.full(len(table), len(self._files)), np.arange(len(table))
            first = table.column("signals").chunk(0).offsets.to_numpy()[:-1]
            numbers.append(np.stack([shard, rows, table.column("samples").to_numpy(), first]))
            self._files.append(file)
        self._shard_of, self._row_of, self.samples, self._first = np.concatenate(
            [np.empty((4, 0), np.int64), *numbers], axis=1
        )
        self._mapped = lru_cache(MAPPED)(self._map)
        self._table = lru_cache(OPEN)(self._open)

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def patient_numbers(self) -> NDArray[np.int64]:
        """Return the number of each recording's patient, counted among all patients by name."""
        return np.unique(np.array(self.patients), return_inverse=True)[1]

    def flat(self, column: str) -> Sequence[NDArray[Any]]:
        """Return, for each shard, all values of ``"signals"`` or ``"track"`` as one memory-mapped array."""
        return _Flat(self, ("signals", "track").index(column))

    @property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return, for each recording, its shard, and where its first sample stands in the shard's flat values."""
        return self._shard_of, self._first

    def signals(self, record: int) -> NDArray[np.float32]:
        """Return (leads, samples) of one recording."""
        return self._matrix("signals", record)

    def track(self, record: int) -> NDArray[np.int8]:
        """Return which wave each sample belongs to, (leads, samples); -1 where nothing is known."""
        return self._matrix("track", record)

    def record(self, number: int) -> Record:
        """Return one recording with its annotations, at the store's rate."""
        return Record(
            id=self.ids[number],
            patient=self.patients[number],
            sampling_rate=self.rate,
            leads=tuple(self.leads[number]),
            units=tuple(self.units[number]),
            signals=self.signals(number),
            **{name: self.annotation(name, number) for name in ANNOTATIONS},
            diagnoses=self.diagnoses(number),
        )

    def annotation(self, name: str, number: int) -> Any:
        """Return the ``"waves"``, ``"beats"``, ``"rhythms"`` or ``"annotated"`` of one recording."""
        kind = ANNOTATIONS[name]
        return kind(*(
            np.asarray(self._cell(f"{name}.{part.name}", number).values) for part in dataclasses.fields(kind)
        ))  # fmt: skip

    def diagnoses(self, number: int) -> dict[str, float]:
        """Return the statements of one recording with their likelihood in percent."""
        stated: dict[str, float] = json.loads(self._cell("diagnoses", number).as_py())
        return stated

    def _cell(self, name: str, record: int) -> Any:
        return self._table(int(self._shard_of[record])).column(name)[int(self._row_of[record])]

    def _matrix(self, column: str, record: int) -> NDArray[Any]:
        leads, first = len(self.leads[record]), self._first[record]
        values = self.flat(column)[self._shard_of[record]]
        rows: NDArray[Any] = values[first : first + leads * self.samples[record]].reshape(leads, -1)
        return rows

    def _open(self, shard: int) -> pa.Table:
        return open_shard(self._files[shard])

    def _map(self, shard: int) -> tuple[NDArray[Any], ...]:
        table = open_shard(self._files[shard])
        return values_of(table, "signals"), values_of(table, "track")


class _Flat(Sequence[NDArray[Any]]):
    """The samples of a store, shard by shard, mapped when they are asked for."""

    def __init__(self, store: Store, column: int) -> None:
        self._store, self._column = store, column

    def __len__(self) -> int:
        return len(self._store._files)

    def __getitem__(self, shard: Any) -> Any:
        if shard >= len(self):
            raise IndexError(f"There are {len(self)} shards, got {shard}.")
        return self._store._mapped(int(shard))[self._column]


def _written(
    source: Source, rate: float, folder: Path, pieces: Sequence[Piece], jobs: int, cluster: str | None
) -> Iterator[int]:
    """Write shards, yielding the number of each that landed."""
    write = ShardWriter(source, rate, folder)
    if cluster is None:
        yield from spread(write, pieces, f"prepared {source.name!r}", jobs)
        return
    from heartkit.records.cluster import spread_on_cluster

    for number in spread_on_cluster(write.abroad(), pieces, f"prepared {source.name!r}", cluster):
        require_landed(shard_file(folder, number), LANDING_SECONDS)
        yield number


def _report_skipped(name: str, store: Store) -> None:
    if not store.skipped:
        return
    shown = "; ".join(list(store.skipped.values())[:NAMED_SKIPS])
    more = f"; and {len(store.skipped) - NAMED_SKIPS} more" if len(store.skipped) > NAMED_SKIPS else ""
    log.warning("%s: left out %d unusable of %d recordings: %s%s",
                name, len(store.skipped), len(store) + len(store.skipped), shown, more)  # fmt: skip


def default_cache() -> Path:
    """Return the folder for prepared data: ``HEARTKIT_CACHE``, else the user's cache folder."""
    base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return Path(os.environ.get("HEARTKIT_CACHE", base / "heartkit"))
