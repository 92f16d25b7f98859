"""Recordings of one's own, in a folder with a small description; no code is needed."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.datasets import csv_signals, folder_description, folder_signals, folder_tables
from heartkit.datasets.base import Dataset
from heartkit.datasets.folder_description import TABLES, read_description
from heartkit.datasets.folder_signals import READERS, header_leads, read_signals
from heartkit.datasets.folder_tables import COLUMNS, Rows, read_table
from heartkit.errors import ConfigError, DataError, DatasetMissingError, RecordError
from heartkit.records.leads import canonical_lead, signal_kind
from heartkit.records.record import ALL_LEADS, Beats, Record, Spans, Waves, annotated_everywhere
from heartkit.records.source import RecordInfo
from heartkit.records.splits import SPLITS

ANNOTATIONS = ("waves", "beats", "rhythms", "diagnoses")
FACTS = ("name", "title", "version", "licence", "citation", "url")


class Folder(Dataset):
    """Recordings of one's own: WFDB, CSV, Parquet or NumPy files and a description, ``dataset.json|yaml|toml``.

    What a folder provides is what its description names: `provides` of an instance is that of its folder. Records
    that a table names but that have no file are listed, so that a run counts and names them.

    See Also
    --------
    heartkit.datasets.folder_description.FolderDescription : what the description may say.
    """

    name = "folder"
    title = "Recordings in a folder"
    provides = frozenset({*ANNOTATIONS, "ecg", "ppg", "resp"})
    published_splits = frozenset(SPLITS)

    def __init__(self, path: Path, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(path, params)
        self.description, self._description_file = read_description(self.path)
        annotated = {table for table in ANNOTATIONS if getattr(self.description, table)}
        # These are facts of a class for every other dataset; here each folder has its own.
        vars(self).update({fact: getattr(self.description, fact) for fact in FACTS})
        vars(self)["provides"] = frozenset(annotated | self._signal_kinds())
        vars(self)["published_splits"] = frozenset(one.split for one in self.listing() if one.split in SPLITS)

    def listing(self) -> list[RecordInfo]:
        """Return the recordings of which there is a file or a row of a table."""
        named = {record for table in self._tables.values() for record in table}
        return [self._info(record) for record in sorted(named | set(self._files))]

    def read(self, record_id: str) -> Record:
        """Read one recording with what the tables say of it."""
        if record_id not in self._files:
            raise RecordError(f"Record {record_id!r} {self._naming(record_id)} has no file {self.description.files!r}.")
        found = read_signals(self._files[record_id], self.description)
        leads, duration = tuple(found.names), found.values.shape[1] / (found.rate or 1.0)
        rows = {table: self._checked(table, record_id, duration) for table in ANNOTATIONS}
        waves = self._waves(rows["waves"], leads)
        return Record(
            id=record_id,
            patient=self._info(record_id).patient,
            sampling_rate=found.rate or 0.0,
            leads=leads,
            units=tuple(found.units or ()),
            signals=found.values,
            waves=waves,
            beats=_beats(rows["beats"]),
            rhythms=_rhythms(rows["rhythms"], duration),
            annotated=self._annotated(waves, len(leads), duration),
            diagnoses=_diagnoses(rows["diagnoses"]),
        )

    def fingerprint(self) -> str:
        """Return a text that changes with the readers, the description, the tables and the files."""
        source = "".join(map(inspect.getsource, (csv_signals, folder_description, folder_signals, folder_tables)))
        return f"{super().fingerprint()} {hashlib.sha256(source.encode()).hexdigest()[:16]}"

    @cached_property
    def _files(self) -> dict[str, Path]:
        """Return recording -> file."""
        besides = {self._description_file, *(self.path / file for file in self._table_files.values())}
        found: dict[str, Path] = {}
        for file in self._matching():
            if file.suffix not in READERS or file in besides or not file.is_file():
                continue
            if file.stem in found:
                raise DataError(f"{file} and {found[file.stem]} have the same name; expected one for each recording.")
            found[file.stem] = file
        if not found:
            raise DatasetMissingError(
                f"No recording matches files = {self.description.files!r} (in {self._description_file}); formats: "
                f"{', '.join(READERS)}. Correct the pattern or datasets[].path."
            )
        return found

    def _matching(self) -> list[Path]:
        pattern = self.description.files
        try:
            return sorted(self.path.glob(pattern))
        except ValueError as error:
            raise ConfigError(f"files = {pattern!r} is no pattern: {error} (in {self._description_file}).") from None

    @property
    def _table_files(self) -> dict[str, str]:
        """Return table -> its file, for those the description names."""
        return {table: file for table in TABLES if (file := getattr(self.description, table))}

    @cached_property
    def _tables(self) -> dict[str, dict[str, Rows]]:
        return {table: read_table(self.path / file, COLUMNS[table]) for table, file in self._table_files.items()}

    def _signal_kinds(self) -> set[str]:
        """Return what is recorded, from the leads' names."""
        lacking = [key for key in ("sampling_rate", "leads") if getattr(self.description, key) is None]
        if lacking and any(file.suffix != ".hea" for file in self._files.values()):
            raise ConfigError(
                f"{lacking[0]} is missing; only WFDB files say it themselves (in {self._description_file})."
            )
        names = self.description.leads
        if names is None:
            names = next(filter(None, map(header_leads, self._files.values())), [])
        return {signal_kind(lead) for lead in (names.values() if isinstance(names, dict) else names)}

    def _info(self, record: str) -> RecordInfo:
        row = self._tables.get("records", {}).get(record)
        if row is not None and len(row["line"]) > 1:
            raise DataError(f"{self._place('records', row['line'][1])}: record {record!r} stands there twice.")
        patient, split = (str(row["patient"][0]), str(row["split"][0])) if row is not None else ("", "")
        if not patient and self.description.patient:
            found = re.search(self.description.patient, record)
            patient = found[1] or "" if found else ""
        return RecordInfo(record, patient or record, split or None)

    def _place(self, table: str, line: int) -> str:
        return f"{self.path / self._table_files[table]}, line {line}"

    def _naming(self, record: str) -> str:
        """Say which table names a record."""
        for table, rows in self._tables.items():
            if record in rows:
                return f"({self._place(table, rows[record]['line'][0])})"
        return "is not listed, and"

    def _checked(self, table: str, record: str, duration: float) -> Rows | None:
        """Return a recording's rows, once their times are known to be in order and within it."""
        rows = self._tables.get(table, {}).get(record)
        columns = [name for name in ("onset", "peak", "offset", "time", "start", "stop") if rows and name in rows]
        if rows is None or not columns:
            return rows
        times = np.stack([rows[name] for name in columns])
        for wrong, why in (
            (np.diff(times, axis=0) < 0, f"expected {' <= '.join(columns)}"),
            (times > duration + 1e-6, f"the recording ends at {duration:g} s"),
        ):
            if wrong.any():
                at = int(np.flatnonzero(wrong.any(axis=0))[0])
                values = ", ".join(f"{name} {time:g} s" for name, time in zip(columns, times[:, at], strict=True))
                raise RecordError(f"Record {record!r}: {self._place(table, rows['line'][at])}: {values}; {why}.")
        return rows

    def _waves(self, rows: Rows | None, leads: tuple[str, ...]) -> Waves:
        if rows is None:
            return Waves.empty()
        numbers = {name: at for at, name in enumerate(leads)} | {"": ALL_LEADS}
        for line, name in zip(rows["line"], rows["lead"], strict=True):
            if canonical_lead(name) not in numbers:
                where = self._place("waves", line)
                raise RecordError(
                    f"{where}, column 'lead': {str(name)!r}; expected one of {', '.join(leads)}, or nothing."
                )
        lead = np.array([numbers[canonical_lead(name)] for name in rows["lead"]], np.int16)
        return Waves(rows["kind"].astype(np.int8), rows["onset"], rows["peak"], rows["offset"], lead)

    def _annotated(self, waves: Waves, leads: int, duration: float) -> Spans:
        if not self.description.waves:
            return Spans.empty()
        if self.description.annotated == "all":
            return annotated_everywhere(leads, duration)
        own = [(lead, found) for lead in range(leads) if len(found := waves.on_lead(lead))]
        return Spans(
            np.array([lead for lead, _ in own], np.int16),
            np.array([found.onset.min() for _, found in own], np.float64),
            np.array([found.offset.max() for _, found in own], np.float64),
        )


def _beats(rows: Rows | None) -> Beats:
    if rows is None:
        return Beats.empty()
    order = np.argsort(rows["time"], kind="stable")
    return Beats(rows["time"][order], rows["kind"][order].astype(np.int8))


def _rhythms(rows: Rows | None, duration: float) -> Spans:
    if rows is None:
        return Spans.empty()
    start: NDArray[np.float64] = np.where(np.isnan(rows["start"]), 0.0, rows["start"])
    stop: NDArray[np.float64] = np.where(np.isnan(rows["stop"]), duration, rows["stop"])
    return Spans(rows["kind"].astype(np.int16), start, stop)


def _diagnoses(rows: Rows | None) -> dict[str, float]:
    if rows is None:
        return {}
    return {str(name): float(value) for name, value in zip(rows["statement"], rows["likelihood"], strict=True)}
