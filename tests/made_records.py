"""Recordings made on the spot, and a dataset of them, for the tests of everything behind the readers."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from heartkit.records.record import Record, annotated_everywhere
from heartkit.records.source import RecordInfo
from heartkit.records.store import Store, prepare


class MadeSource:
    """A dataset that holds what it is given: records, or the errors that reading them gives."""

    name = "made"

    def __init__(self, records: Sequence[Record | Exception], records_per_shard: int = 2, state: str = "") -> None:
        self.given = {str(n) if isinstance(one, Exception) else one.id: one for n, one in enumerate(records)}
        self.records_per_shard, self.state = records_per_shard, state
        self.reads: list[str] = []

    def listing(self) -> list[RecordInfo]:
        return [RecordInfo(name, getattr(one, "patient", name)) for name, one in self.given.items()]

    def read_many(self, ids: Sequence[str]) -> list[Record | Exception]:
        self.reads += ids
        return [self.given[name] for name in ids]

    def fingerprint(self) -> str:
        return self.state


class MortalSource(MadeSource):
    """The process that reads record "3" is killed, unless it is the parent, for as long as a file says so."""

    def __init__(self, records: Sequence[Record | Exception], poison: Path) -> None:
        super().__init__(records)
        self.poison, self.parent = poison, os.getpid()

    def read_many(self, ids: Sequence[str]) -> list[Record | Exception]:
        if "3" in ids and self.poison.exists() and os.getpid() != self.parent:
            time.sleep(0.3)
            os.kill(os.getpid(), signal.SIGKILL)
        return super().read_many(ids)


def plain_record(
    name: str, patient: str = "", samples: int = 1000, rate: float = 100.0, leads: Sequence[str] = ("I",)
) -> Record:
    """A record without waves, annotated all over; every sample of all its leads has another value."""
    first = 10_000 * (int(name) if name.isdecimal() else 0)
    signals = np.arange(first, first + samples * len(leads), dtype=np.float32).reshape(len(leads), samples)
    return Record(
        name, patient or f"p{name}", rate, tuple(leads), ("mV",) * len(leads), signals,
        annotated=annotated_everywhere(len(leads), samples / rate),
    )  # fmt: skip


def stored(records: Sequence[Record | Exception], cache: Path, rate: float = 100.0, per_shard: int = 2) -> Store:
    """The records, prepared."""
    return prepare(MadeSource(records, per_shard), rate, cache, progress=False)
