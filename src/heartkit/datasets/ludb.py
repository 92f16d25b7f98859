"""LUDB, the Lobachevsky University Electrocardiography Database: 12-lead ECGs with every wave marked by hand."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from heartkit.datasets.base import Dataset
from heartkit.errors import RecordError
from heartkit.records.diagnosis_codes import stated_rhythm, whole_recording
from heartkit.records.record import Record, Spans, Waves
from heartkit.records.source import RecordInfo
from heartkit.records.vocabulary import Wave

if TYPE_CHECKING:
    import wfdb

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
KINDS = {"p": Wave.P, "N": Wave.QRS, "t": Wave.T, "u": Wave.U}
COMPLETE = frozenset(f"({symbol})" for symbol in KINDS)
"""A wave with all its marks: onset, peak, offset."""
DIAGNOSTIC_COLUMNS = slice(3, None)


class Ludb(Dataset):
    """LUDB 1.0.1: 200 ECGs of 10 s at 500 Hz from 200 people.

    The published records have no split; heartkit holds out those whose number is divisible by five as the test set.
    A record's first and last beats are left unmarked by the annotators, so only the span from the first to the last
    mark of each lead counts as annotated, less the stretches around waves of which only a part is marked.
    ``diagnoses`` are the statements of ``ludb.csv`` as they stand there; `heartkit.records.ludb_words` says what each
    means. Where they state exactly one rhythm, it spans the whole recording.

    References
    ----------
    Kalyakulina et al., "LUDB: A New Open-Access Validation Tool for Electrocardiogram Delineation Algorithms",
    IEEE Access 8, 2020.
    """

    name = "ludb"
    title = "Lobachevsky University Electrocardiography Database"
    slug = "ludb"
    version = "1.0.1"
    licence = "ODC-By 1.0"
    citation = "Kalyakulina et al., IEEE Access 8:186181, 2020"
    url = "https://physionet.org/content/ludb/1.0.1/"
    provides = frozenset({"ecg", "waves", "rhythms", "diagnoses"})
    published_splits = frozenset({"test"})
    records_per_shard = 20

    def listing(self) -> list[RecordInfo]:
        """Return the records of which any file is here; the number is the patient."""
        self.require_folder("data")
        stems = {file.stem for file in (self.path / "data").glob("*.*")}
        numbers = sorted(int(stem) for stem in stems if stem.isdecimal())
        return [RecordInfo(str(n), str(n), "test" if n % 5 == 0 else None) for n in numbers]

    def read(self, record_id: str) -> Record:
        """Read signals, the waves of each lead, and what ``ludb.csv`` states, the rhythm among it."""
        import wfdb

        stem = str(self.path / "data" / record_id)
        raw = wfdb.rdrecord(stem)
        if [name.lower() for name in raw.sig_name] != [name.lower() for name in LEADS]:
            raise RecordError(f"Record {record_id!r} has leads {raw.sig_name}; expected {', '.join(LEADS)}.")
        runs = [
            (lead, np.array(run) / [1, raw.fs, raw.fs, raw.fs])
            for lead, name in enumerate(LEADS)
            for run in _runs(wfdb.rdann(stem, name.lower()))
        ]
        if not runs:
            raise RecordError(f"Record {record_id!r}: no lead has a marked wave.")
        kind, onset, peak, offset = np.concatenate([waves for _, waves in runs]).T
        owner = np.array([lead for lead, _ in runs], np.int16)
        statements = _diagnoses(self.path / "ludb.csv", record_id)
        return Record(
            id=record_id,
            patient=record_id,
            sampling_rate=float(raw.fs),
            leads=LEADS,
            units=tuple(raw.units),
            signals=np.ascontiguousarray(raw.p_signal.T, dtype=np.float32),
            waves=Waves(kind.astype(np.int8), onset, peak, offset, owner.repeat([len(waves) for _, waves in runs])),
            annotated=Spans(
                owner, np.array([waves[0, 1] for _, waves in runs]), np.array([waves[-1, 3] for _, waves in runs])
            ),
            rhythms=whole_recording(stated_rhythm(statements), raw.sig_len / raw.fs),
            diagnoses=dict.fromkeys(statements, 100.0),
        )


def _runs(marks: wfdb.Annotation) -> list[list[tuple[int, int, int, int]]]:
    """Return the runs of completely marked waves of one lead, each wave as (kind, onset, peak, offset) in samples.

    Some waves lack their onset, peak or offset. What a lonely mark says about its neighbours is unknown, and a guess
    would become a label: such a wave is left out and ends the run, so that the stretch between the complete waves
    on either side of it does not count as annotated.
    """
    runs: list[list[tuple[int, int, int, int]]] = [[]]
    symbols, samples, at = marks.symbol, marks.sample.tolist(), 0
    while at < len(symbols):
        complete, times = "".join(symbols[at : at + 3]) in COMPLETE, samples[at : at + 3]
        if complete and times == sorted(times):
            runs[-1].append((int(KINDS[symbols[at + 1]]), *times))
        elif runs[-1]:
            runs.append([])
        at += 3 if complete else 1
    return [run for run in runs if run]


def _diagnoses(table: Path, record_id: str) -> list[str]:
    """Return the statements that ``ludb.csv`` makes of one record, empty where the table is not here."""
    if not table.is_file():
        return []
    with table.open(newline="", encoding="utf-8") as file:
        row = next((row for row in csv.reader(file) if row and row[0].strip() == record_id), [])
    return [line.strip() for cell in row[DIAGNOSTIC_COLUMNS] for line in cell.splitlines() if line.strip()]
