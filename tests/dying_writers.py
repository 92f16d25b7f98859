"""Writers of shards that kill their process once, at a chosen moment; workers import them by name."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heartkit import files
from heartkit.errors import RecordError
from heartkit.records.record import Record
from heartkit.records.shards import Piece, ShardWriter
from made_records import MadeSource, plain_record

MOMENTS = ("before", "half written", "landed")
RECORDS: list[Record | Exception] = [
    plain_record(str(n)) if n != 7 else RecordError("Record '7': torn") for n in range(13)
]
USABLE = [str(n) for n in range(13) if n != 7]


class LoggingSource(MadeSource):
    """Every reading of a record is one line of a file, whoever reads; `poison` holds a moment and a shard to die at."""

    def __init__(self, records: Sequence[Record | Exception], folder: Path) -> None:
        super().__init__(records)
        self.log, self.poison, self.parent = folder / "reads", folder / "poison", os.getpid()

    def read_many(self, ids: Sequence[str]) -> list[Record | Exception]:
        with self.log.open("a") as log:
            log.writelines(f"{name} {os.getpid()} {_node()}\n" for name in ids)
        return super().read_many(ids)

    def lines(self) -> list[list[str]]:
        return [line.split() for line in self.log.read_text().splitlines()]

    def __getstate__(self) -> dict[str, Any]:
        return vars(self)


@dataclass(frozen=True)
class DyingWriter(ShardWriter):
    """Kills its process at the moment and shard that the poison tells, and only once."""

    def __call__(self, piece: Piece) -> int:
        moment = self._moment(piece[0])
        if moment == "before":
            _die()
        usual = files.move_into_place
        if moment == "half written":
            files.move_into_place = lambda *paths: _die()
        try:
            number = super().__call__(piece)
        finally:
            files.move_into_place = usual
        if moment == "landed":
            _die()
        return number

    def _moment(self, number: int) -> str | None:
        source: Any = self.source
        if os.getpid() == source.parent or not source.poison.exists():
            return None
        moment, shard = source.poison.read_text().rsplit(" ", 1)
        if number != int(shard):
            return None
        source.poison.unlink()
        return moment


@dataclass(frozen=True)
class LyingWriter(ShardWriter):
    """Says that it wrote a shard, which nobody sees: what a folder does that each node has for itself."""

    def __call__(self, piece: Piece) -> int:
        return piece[0]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _node() -> str:
    import sys

    ray = sys.modules.get("ray")
    return ray.get_runtime_context().get_node_id() if ray is not None and ray.is_initialized() else "-"
