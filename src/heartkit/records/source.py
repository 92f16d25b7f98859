"""What the store asks of a dataset: who has recordings, and the recordings themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from heartkit.records.record import Record


@dataclass(frozen=True, slots=True)
class RecordInfo:
    """One recording as a listing names it, before any signal is read.

    Parameters
    ----------
    id : str
        Unique within the dataset.
    patient : str
        Whose recording it is.
    split : str or None
        ``"train"``, ``"val"``, ``"test"`` or ``"none"`` (in no split) where the publisher fixed it.
    """

    id: str
    patient: str
    split: str | None = None


class Source(Protocol):
    """A dataset, as far as preparing its records goes. It is sent to worker processes, so it must pickle."""

    name: str
    records_per_shard: int

    def listing(self) -> list[RecordInfo]:
        """Return all recordings, without reading a signal."""

    def read_many(self, ids: Sequence[str]) -> list[Record | Exception]:
        """Return the recordings with these ids; for an unusable one, the error that says why."""

    def fingerprint(self) -> str:
        """Return a text that changes whenever what `read_many` returns could change."""
