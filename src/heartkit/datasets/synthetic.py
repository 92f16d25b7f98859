"""What generated datasets share: as many records as wanted, each made from its number."""

from __future__ import annotations

import hashlib
import inspect
from abc import abstractmethod
from collections.abc import Sequence
from types import ModuleType
from typing import ClassVar

from pydantic import Field

from heartkit.datasets.base import Dataset, DatasetOptions
from heartkit.errors import RecordError
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo


class SyntheticOptions(DatasetOptions):
    """What ``params`` of any generated dataset may hold.

    Parameters
    ----------
    num_pts : int
        Number of records, each of a patient of its own.
    seed : int
        Another seed gives other records.
    """

    num_pts: int = Field(default=1000, ge=1, le=10_000_000)
    seed: int = Field(default=0, ge=0)


class SyntheticDataset(Dataset):
    """Base of generated datasets; record *k* depends on the options, the seed and *k* alone."""

    generator: ClassVar[tuple[ModuleType, ...]] = ()
    """The modules of which the records depend."""
    made = True
    Options = SyntheticOptions

    @abstractmethod
    def make(self, numbers: Sequence[int]) -> list[Record]:
        """Make the records of these numbers."""

    def listing(self) -> list[RecordInfo]:
        """Return the records that can be made, without making one."""
        return [RecordInfo(str(number), str(number), None) for number in range(self.options.num_pts)]

    def read(self, record_id: str) -> Record:
        """Make one record; `read_many` is some times faster for each.

        Raises
        ------
        RecordError
            If `record_id` is not a number below ``num_pts``.
        """
        if not self._exists(record_id):
            raise self._unknown(record_id)
        return self.make([int(record_id)])[0]

    def read_many(self, ids: Sequence[str]) -> list[Record | Exception]:
        """Make several records at once; an id that does not exist gives the error that says so."""
        known = [record_id for record_id in dict.fromkeys(ids) if self._exists(record_id)]
        by_id = dict(zip(known, self.make([int(record_id) for record_id in known]), strict=True))
        return [by_id[record_id] if record_id in by_id else self._unknown(record_id) for record_id in ids]

    def fingerprint(self) -> str:
        """Return a text that changes with the generator, its parameters and the seed."""
        source = "".join(inspect.getsource(module) for module in self.generator)
        options = self.options.model_dump_json(exclude=set(DatasetOptions.model_fields))
        return f"{self.name} {self.version} {_hash(source)} {_hash(options)} {self.options.num_pts} {self.options.seed}"

    def source(self) -> str:
        """Return what the patients depend on: other parameters or another seed make other ones, more of them do not."""
        options = self.options.model_dump_json(exclude={*DatasetOptions.model_fields, "num_pts"})
        return f"{self.name} {options}"

    def _exists(self, record_id: str) -> bool:
        return record_id.isascii() and record_id.isdecimal() and int(record_id) < self.options.num_pts

    def _unknown(self, record_id: str) -> RecordError:
        return RecordError(f"Record {record_id!r} does not exist: expected 0 to {self.options.num_pts - 1}.")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
