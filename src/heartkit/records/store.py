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
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError
from numpy.typing import NDArray

from heartkit import console, files
from heartkit.errors import DataError, NoRecordsError, RecordError
from heartkit.records.record import Record
from heartkit.records.rows import ANNOTATIONS, to_row, to_table
from heartkit.records.source import RecordInfo, Source

log = logging.getLogger(__name__)

NAMED_SKIPS = 5


def prepare(source: Source, rate: float, cache: Path, jobs: int = 1, progress: bool = True) -> Store:
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

    Returns
    -------
    Store
        The prepared recordings, memory-mapped.

    Raises
    ------
    NoRecordsError
        If no recording is usable.
    DataError
        If a process that reads was killed, or a prepared file is damaged.
    """
    listing = source.listing()
    size = source.records_per_shard
    # Which record stands in which shard is part of the key: shards of another layout would lose or double records.
    key = f"{source.fingerprint()} {float(rate)!r} {_code_state()} {size} {[info.id for info in listing]}"
    folder = cache / f"{source.name}-{rate:g}hz-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    chunks = [listing[at : at + size] for at in range(0, len(listing), size)]
    todo = [n for n in range(len(chunks)) if not _shard(folder, n).exists()]
    if todo:
        folder.mkdir(parents=True, exist_ok=True)
        with console.progress(f"Preparing {source.name}", len(listing), progress) as advance:
            for number in _write_shards(source, rate, folder, chunks, todo, jobs):
                advance(len(chunks[number]))
    store = Store(folder, len(chunks), rate)
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
        tables = [_mapped(_shard(folder, n)) for n in range(shards)]
        self.skipped: dict[str, str] = {}
        for table in tables:
            self.skipped |= json.loads(table.schema.metadata[b"skipped"])
        self._tables = [table for table in tables if len(table)]
        lengths = [len(table) for table in self._tables]
        self._shard_of = np.repeat(np.arange(len(lengths)), lengths)
        self._row_of = np.concatenate([np.arange(n) for n in lengths]) if lengths else np.empty(0, np.intp)
        self.ids: list[str] = self._column("id")
        self.patients: list[str] = self._column("patient")
        self.leads: list[list[str]] = self._column("leads")
        self.units: list[list[str]] = self._column("units")

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def samples(self) -> NDArray[np.int64]:
        """Return the number of samples per lead of each recording."""
        return np.array(self._column("samples"), np.int64)

    def flat(self, column: str) -> list[NDArray[Any]]:
        """Return, for each shard, all values of ``"signals"`` or ``"track"`` as one memory-mapped array."""
        return self._flat[column]

    @cached_property
    def places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return, for each recording, its shard, and where its first sample stands in the shard's flat values."""
        offsets = [table.column("signals").chunk(0).offsets.to_numpy()[:-1] for table in self._tables]
        return self._shard_of, np.concatenate(offsets)

    @cached_property
    def _flat(self) -> dict[str, list[NDArray[Any]]]:
        return {
            name: [table.column(name).chunk(0).values.to_numpy() for table in self._tables]
            for name in ("signals", "track")
        }

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

    def _column(self, name: str) -> list[Any]:
        return [value for table in self._tables for value in table.column(name).to_pylist()]

    def _cell(self, name: str, record: int) -> Any:
        return self._tables[self._shard_of[record]].column(name)[int(self._row_of[record])]

    def _matrix(self, column: str, record: int) -> NDArray[Any]:
        values: NDArray[Any] = self._cell(column, record).values.to_numpy()
        return values.reshape(len(self.leads[record]), -1)


def _write_shards(
    source: Source, rate: float, folder: Path, chunks: list[list[RecordInfo]], todo: list[int], jobs: int
) -> Iterable[int]:
    """Write the shards in `todo`, yielding the number of each that landed."""
    if min(jobs, len(todo)) <= 1:
        for number in todo:
            yield _write_shard(source, rate, folder, chunks[number], number)
        return
    # joblib's workers neither share TensorFlow's threads, as forked ones would, nor run the user's script again.
    work = (delayed(_write_shard)(source, rate, folder, chunks[number], number) for number in todo)
    try:
        yield from Parallel(n_jobs=min(jobs, len(todo)), return_as="generator_unordered")(work)
    except TerminatedWorkerError as error:
        raise DataError(
            f"A process that prepared {source.name!r} was killed, perhaps for want of memory. What is prepared is "
            f"kept: run this again, or with data_parallelism below {jobs}."
        ) from error


def _write_shard(source: Source, rate: float, folder: Path, infos: Sequence[RecordInfo], number: int) -> int:
    results = source.read_many([info.id for info in infos])
    skipped = {
        info.id: str(result) for info, result in zip(infos, results, strict=True) if isinstance(result, Exception)
    }
    rows = []
    for record in results:
        if isinstance(record, Record):
            try:
                rows.append(to_row(record, rate))
            except RecordError as error:
                skipped[record.id] = str(error)
    shard = to_table(rows).replace_schema_metadata({"skipped": json.dumps(skipped)})
    with (
        files.replacing(_shard(folder, number)) as path,
        pa.OSFile(str(path), "wb") as sink,
        pa.ipc.new_file(sink, shard.schema) as writer,
    ):
        writer.write_table(shard)
    return number


def _mapped(file: Path) -> pa.Table:
    """Open a shard, reading nothing of it until it is used."""
    try:
        return pa.ipc.open_file(pa.memory_map(str(file))).read_all()
    except pa.ArrowInvalid as error:
        raise DataError(f"The prepared file {file} is damaged: {error}. Delete it, and it is prepared anew.") from error


def _report_skipped(name: str, store: Store) -> None:
    if not store.skipped:
        return
    shown = "; ".join(list(store.skipped.values())[:NAMED_SKIPS])
    more = f"; and {len(store.skipped) - NAMED_SKIPS} more" if len(store.skipped) > NAMED_SKIPS else ""
    log.warning("%s: left out %d unusable of %d recordings: %s%s",
                name, len(store.skipped), len(store) + len(store.skipped), shown, more)  # fmt: skip


def _shard(folder: Path, number: int) -> Path:
    return folder / f"shard-{number:05d}.arrow"


def _code_state() -> str:
    """Return a hash of the code that turns files into shards, so that a better reader is not shadowed by old shards."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for file in sorted(f for part in ("records", "synthesis", "signal") for f in (package / part).glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def default_cache() -> Path:
    """Return the folder for prepared data: ``HEARTKIT_CACHE``, else the user's cache folder."""
    base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return Path(os.environ.get("HEARTKIT_CACHE", base / "heartkit"))
