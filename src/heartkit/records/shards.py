"""One shard: some recordings of a dataset, prepared, in one Arrow IPC file that lands whole or not at all."""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heartkit import files
from heartkit.errors import DataError, RecordError
from heartkit.records.record import Record
from heartkit.records.rows import to_row, to_table
from heartkit.records.source import RecordInfo, Source

Piece = tuple[int, Sequence[RecordInfo]]
"""The number of a shard and the recordings that stand in it."""

LANDING_SECONDS = 30.0
"""So long may a network file system take to show a file that another machine wrote."""
ABANDONED_SECONDS = 24 * 3600.0
"""A temporary file that is older belongs to nobody any more: writing a shard takes seconds."""

_same_as_asked: set[Path] = set()


def shard_file(folder: Path, number: int) -> Path:
    """Return the file of a shard."""
    return folder / f"shard-{number:05d}.arrow"


@dataclass(frozen=True)
class ShardWriter:
    """Writes shards, wherever it is sent: it must pickle.

    Parameters
    ----------
    source : Source
        The dataset.
    rate : float
        Target rate in Hz.
    folder : Path
        Where shards are written.
    state : str
        What `source_state` is on the machine that asks, to be compared on others; empty where there are none.
    """

    source: Source
    rate: float
    folder: Path
    state: str = ""

    def abroad(self) -> ShardWriter:
        """Return a writer that first makes sure that it sees the files and the code which this machine sees."""
        return replace(self, state=source_state(self.source))

    def __call__(self, piece: Piece) -> int:
        """Write one shard and return its number.

        Raises
        ------
        DataError
            If this machine does not see what the asking one sees.
        """
        if self.state:
            self._require_same()
        number, infos = piece
        self._write(infos, shard_file(self.folder, number))
        return number

    def _write(self, infos: Sequence[RecordInfo], file: Path) -> None:
        rows, skipped = [], {}
        results = self.source.read_many([info.id for info in infos])[::-1]
        for info in infos:
            result = results.pop()  # let go of as soon as its row is made, for the sake of memory
            if isinstance(result, Record):
                try:
                    rows.append(to_row(result, self.rate))
                except RecordError as error:
                    skipped[info.id] = str(error)
            else:
                skipped[info.id] = str(result)
        shard = to_table(rows).replace_schema_metadata({"skipped": json.dumps(skipped)})
        rows.clear()
        with (
            files.replacing(file) as path,
            pa.OSFile(str(path), "wb") as sink,
            pa.ipc.new_file(sink, shard.schema) as writer,
        ):
            writer.write_table(shard)

    def _require_same(self) -> None:
        """Look once per process: what is prepared here must be what the asking machine would prepare."""
        if self.folder in _same_as_asked:
            return
        here = f"The worker on {platform.node()}"
        if not self.folder.is_dir():
            raise DataError(
                f"{here} does not see the folder for prepared recordings, {self.folder}. Workers of a cluster need "
                "one that all nodes share: set cache_dir, or HEARTKIT_CACHE, to such a folder."
            )
        if source_state(self.source) != self.state:
            raise DataError(
                f"{here} sees other files of dataset {self.source.name!r} than this machine does, or has another "
                "version of heartkit. Give datasets[].path in a folder that all nodes share, and install the same "
                "heartkit on each."
            )
        _same_as_asked.add(self.folder)


def source_state(source: Source) -> str:
    """Return a text that says which files and which code shards are made from."""
    if type(source).__module__ == "__main__":  # travels as code: no worker can tell where that came from
        return code_state()
    return f"{source.fingerprint()} {code_state()}"


def code_state() -> str:
    """Return a hash of the code that turns files into shards, so that a better reader is not shadowed by old shards."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for file in sorted(f for part in ("records", "synthesis", "signal") for f in (package / part).glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def require_landed(file: Path, patience: float) -> None:
    """Raise `DataError` unless a shard that a worker says it wrote is here, or appears within so many seconds."""
    until = time.monotonic() + patience
    while not file.exists():
        if time.monotonic() >= until:
            raise DataError(
                f"A worker of the cluster wrote {file.name}, but it did not appear in {file.parent} within "
                f"{patience:g} s. All nodes must share that folder: set cache_dir, or HEARTKIT_CACHE."
            )
        time.sleep(min(0.2, patience))


def drop_abandoned(folder: Path) -> None:
    """Delete what workers that were killed left half written, if that is long ago."""
    for file in folder.glob(".*-shard-*.arrow"):
        if time.time() - file.stat().st_mtime > ABANDONED_SECONDS:
            file.unlink(missing_ok=True)


def open_shard(file: Path) -> pa.Table:
    """Open a shard, reading nothing of it until it is used."""
    try:
        # The mapping outlives the file's handle: it ends with the last array made from it.
        with pa.memory_map(str(file)) as source:
            return pa.ipc.open_file(source).read_all()
    except pa.ArrowInvalid as error:
        raise DataError(f"The prepared file {file} is damaged: {error}. Delete it, and it is prepared anew.") from error


def values_of(table: pa.Table, column: str) -> NDArray[np.generic]:
    """Return all values of a column of lists, one after the other, without a copy."""
    values: NDArray[np.generic] = table.column(column).chunk(0).values.to_numpy()
    return values
