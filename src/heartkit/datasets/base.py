"""What every dataset is: facts about its publication, a listing, and how one record is read."""

from __future__ import annotations

import hashlib
import inspect
import sys
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from heartkit.errors import DatasetMissingError, RecordError
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo
from heartkit.strict import StrictParams

PHYSIONET = "https://physionet.org/files"


class DatasetOptions(StrictParams):
    """What ``params`` of any dataset may hold; a dataset with more options extends this.

    Parameters
    ----------
    leads : list of str or int, optional
        Use only these leads, by name or by number from 0; by default all.
    splits : list of "train", "val", "test", optional
        Use the dataset only for these. If one is named, all patients are in it, save those whom the publisher put into
        another, e.g. ``["train"]`` for generated recordings that should not dilute a validation on real ones.
    derive : list of "qrs-from-beats", "rhythm-from-diagnoses"
        Weak labels to make, by the rules of `heartkit.records.derive`: QRS complexes around the marks of beats; the
        rhythm that diagnoses state, over the whole recording.
    base_url : str
        Where ``download`` finds ``<slug>/<version>/...``.
    """

    leads: list[str | int] | None = None
    splits: list[Literal["train", "val", "test"]] | None = None
    derive: list[Literal["qrs-from-beats", "rhythm-from-diagnoses"]] = Field(default_factory=list)
    base_url: str = PHYSIONET


class Dataset(ABC):
    """Base of all datasets.

    Parameters
    ----------
    path : Path
        Folder that holds the publisher's files.
    params : mapping
        The configuration's ``params`` for this dataset.

    Raises
    ------
    ConfigError
        If `params` has an unknown or unusable entry.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    slug: ClassVar[str] = ""
    version: ClassVar[str] = ""
    licence: ClassVar[str] = ""
    citation: ClassVar[str] = ""
    url: ClassVar[str] = ""
    provides: ClassVar[frozenset[str]] = frozenset()
    published_splits: ClassVar[frozenset[str]] = frozenset()
    records_per_shard: ClassVar[int] = 64
    made: ClassVar[bool] = False
    """Whether its recordings are made on this computer, not read from files."""
    Options: ClassVar[type[DatasetOptions]] = DatasetOptions

    def __init__(self, path: Path, params: Mapping[str, Any] | None = None) -> None:
        self.path = Path(path)
        self.options: Any = self.Options.read(params or {}, f"params of dataset {self.name!r}")

    @abstractmethod
    def listing(self) -> list[RecordInfo]:
        """Return all recordings that are here, without reading a signal."""

    @abstractmethod
    def read(self, record_id: str) -> Record:
        """Read one recording.

        Raises
        ------
        RecordError
            If its files are missing, truncated or contradict themselves.
        """

    def read_many(self, ids: Sequence[str]) -> list[Record | Exception]:
        """Read several recordings; an unusable one gives the error that says why."""
        return [self._read_or_error(record_id) for record_id in ids]

    def read_annotations(self, ids: Sequence[str]) -> list[Record | Exception]:
        """Read several recordings for their annotations; signals may be of zeros where that is quicker."""
        return self.read_many(ids)

    def fingerprint(self) -> str:
        """Return a text that changes with the reader, its options (not those of `DatasetOptions`), and the files."""
        options = self.options.model_dump_json(exclude=set(DatasetOptions.model_fields))
        folder = f"{self.path.resolve()} {folder_state(self.path)}"
        return f"{self.name} {self.version} {_reader_state(type(self))} {options} {folder}"

    def origin(self, record_id: str) -> tuple[str, str] | None:
        """Return the dataset and record that a record is an excerpt of, or None where it is of no other dataset."""
        return None

    def source(self) -> str:
        """Return what is the same for two entries of a configuration in which equal names are the same patients."""
        return self.slug or str(self.path.resolve())

    def wanted(self, relative_path: str) -> bool:
        """Say whether ``download`` should fetch this file of the publisher's list; by default all."""
        return True

    def require_folder(self, *needed: str) -> None:
        """Raise `DatasetMissingError`, saying the download command, unless the folder holds these files."""
        missing = [file for file in needed if not (self.path / file).exists()]
        if missing or not self.path.is_dir():
            what = f"{self.path / missing[0]}" if self.path.is_dir() else f"the folder {self.path}"
            raise DatasetMissingError(
                f"Dataset {self.name!r} is not here: {what} does not exist. Fetch it with `heartkit download --set "
                f'\'datasets=[{{"name": "{self.name}", "path": "{self.path}"}}]\'`, or correct datasets[].path.'
            )

    def _read_or_error(self, record_id: str) -> Record | Exception:
        try:
            return self.read(record_id)
        except RecordError as error:
            return error
        except (OSError, ValueError, LookupError, TypeError, AttributeError, MemoryError) as error:
            # Readers of foreign formats fail in as many ways as files are broken: one record, not the run.
            return RecordError(f"Record {record_id!r} cannot be read: {type(error).__name__}: {error}")


def folder_state(folder: Path) -> str:
    """Return a hash of the names, sizes and times of all files under `folder`, those of a download left aside."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix != ".part" and file.name != "SHA256SUMS.txt":
            status = file.stat()
            digest.update(f"{file.relative_to(folder)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _reader_state(kind: type[Dataset]) -> str:
    """Return a hash of the modules of a dataset's class and of those it is derived from."""
    digest = hashlib.sha256()
    for one in kind.__mro__:
        if issubclass(one, Dataset) and one is not Dataset:
            digest.update(_source(one).encode())
    return digest.hexdigest()[:16]


def _source(kind: type) -> str:
    for part in (sys.modules.get(kind.__module__), kind):
        with suppress(OSError, TypeError):
            return inspect.getsource(part)  # type: ignore[arg-type]
    # Typed into an interpreter: nobody can tell whether it is the reader of last time, so it never counts as that.
    return uuid.uuid4().hex
