"""PTB-XL: clinical 12-lead ECGs of 10 s with diagnostic, form and rhythm statements."""

from __future__ import annotations

import ast
import csv
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from heartkit.datasets.base import Dataset, DatasetOptions
from heartkit.errors import DataError, DatasetMissingError, RecordError
from heartkit.records.diagnosis_codes import stated_rhythm, whole_recording
from heartkit.records.leads import TWELVE_LEADS, require_twelve_leads
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo

TABLE = "ptbxl_database.csv"
SECONDS = 10
"""How long each recording is."""
VAL_FOLD, TEST_FOLD, FOLDS = 9, 10, range(1, 11)


class PtbXlOptions(DatasetOptions):
    """What ``params`` of ``ptbxl`` may hold.

    Parameters
    ----------
    rate : 100 or 500
        Which of the two published sampling rates (Hz) to fetch and read.
    """

    rate: Literal[100, 500] = 100


class Row(NamedTuple):
    """What the table of recordings says of one."""

    file: str
    patient: str
    fold: int
    statements: str


class PtbXl(Dataset):
    """PTB-XL 1.0.3: 21,799 ECGs of 18,869 patients, at 100 and at 500 Hz.

    The split is the publisher's: folds 1-8 train, 9 validates, 10 tests; folds never part a patient's ECGs.
    ``diagnoses`` are the SCP-ECG statements with their likelihood in percent, 0 where it is not known (mostly so for
    statements of form and rhythm). Where the statements name exactly one rhythm, it spans the whole recording.

    References
    ----------
    Wagner et al., "PTB-XL, a large publicly available electrocardiography dataset", Sci. Data 7:154, 2020.
    """

    name = "ptbxl"
    title = "PTB-XL"
    slug = "ptb-xl"
    version = "1.0.3"
    licence = "CC BY 4.0"
    citation = "Wagner et al., Sci. Data 7:154, 2020"
    url = "https://physionet.org/content/ptb-xl/1.0.3/"
    provides = frozenset({"diagnoses", "rhythms", "ecg"})
    published_splits = frozenset({"train", "val", "test"})
    Options = PtbXlOptions

    def listing(self) -> list[RecordInfo]:
        """Return the recordings of the table of which any file is here at the chosen rate; the id is ``ecg_id``."""
        folder = f"records{self.options.rate}"
        self.require_folder(TABLE)
        here = {file.stem for file in (self.path / folder).glob("*/*.*")}
        infos = [
            RecordInfo(record_id, row.patient, _split(row.fold))
            for record_id, row in self._rows.items()
            if Path(row.file).name in here
        ]
        if not infos:
            raise DatasetMissingError(
                f"Dataset {self.name!r} has no recording at {self.options.rate} Hz in {self.path / folder}. "
                f"Fetch them with `heartkit download` and params.rate = {self.options.rate}, or choose the other rate."
            )
        return infos

    def read(self, record_id: str) -> Record:
        """Read signals, statements and the rhythm they state."""
        import wfdb

        row = self._row(record_id)
        raw = wfdb.rdrecord(str(self.path / row.file))
        require_twelve_leads(record_id, raw.sig_name)
        signals = np.ascontiguousarray(raw.p_signal.T, dtype=np.float32)
        return _record(record_id, row, signals, float(raw.fs), tuple(raw.units))

    def read_annotations(self, ids: Sequence[str]) -> list[Record | Exception]:
        """Read what the table says of several recordings; their signals are not looked at."""
        return [self._stated(record_id) for record_id in ids]

    def wanted(self, relative_path: str) -> bool:
        """Fetch the recordings of the chosen rate only, and everything that is no recording."""
        other = 500 if self.options.rate == 100 else 100
        return not relative_path.startswith(f"records{other}/")

    def _row(self, record_id: str) -> Row:
        if record_id not in self._rows:
            raise RecordError(f"Record {record_id!r} is not in {TABLE}: expected an ecg_id.")
        return self._rows[record_id]

    def _stated(self, record_id: str) -> Record | Exception:
        rate = self.options.rate
        nothing = np.broadcast_to(np.float32(0), (len(TWELVE_LEADS), SECONDS * rate))
        try:
            return _record(record_id, self._row(record_id), nothing, float(rate), ("mV",) * len(TWELVE_LEADS))
        except RecordError as error:
            return error

    @cached_property
    def _rows(self) -> dict[str, Row]:
        """Return ecg_id -> what the table says."""
        column = "filename_lr" if self.options.rate == 100 else "filename_hr"
        table = self.path / TABLE
        with table.open(newline="", encoding="utf-8") as file:
            lines = csv.DictReader(file)
            missing = {"ecg_id", "patient_id", "scp_codes", "strat_fold", column} - set(lines.fieldnames or ())
            if missing:
                raise DataError(
                    f"{table} has no column {sorted(missing)[0]!r}. Fetch it again with `heartkit download`."
                )
            return {line["ecg_id"]: _row(line, column, f"{table}, line {lines.line_num}") for line in lines}


def _record(record_id: str, row: Row, signals: NDArray[np.float32], rate: float, units: tuple[str, ...]) -> Record:
    """Return a recording with what the table says of it."""
    statements = _statements(record_id, row.statements)
    return Record(
        id=record_id,
        patient=row.patient,
        sampling_rate=rate,
        leads=TWELVE_LEADS,
        units=units,
        signals=signals,
        rhythms=whole_recording(stated_rhythm(statements), signals.shape[1] / rate),
        diagnoses=statements,
        split=_split(row.fold),
    )


def _row(line: dict[str, str], column: str, place: str) -> Row:
    """Check what splits depend on: a wrong patient or fold would let a patient train and test."""
    try:
        fold, patient = int(float(line["strat_fold"])), str(int(float(line["patient_id"])))
    except (TypeError, ValueError):
        fold, patient = 0, ""
    if fold not in FOLDS or not line[column]:
        raise DataError(
            f"{place}: strat_fold is {line['strat_fold']!r}, patient_id {line['patient_id']!r}, {column} "
            f"{line[column]!r}; expected 1 to 10, a number, a path. Fetch the table again with `heartkit download`."
        )
    return Row(line[column], patient, fold, line["scp_codes"])


def _split(fold: int) -> str:
    return {VAL_FOLD: "val", TEST_FOLD: "test"}.get(fold, "train")


def _statements(record_id: str, text: str) -> dict[str, float]:
    """Return statement -> likelihood from text like ``{'NORM': 100.0, 'SR': 0.0}``."""
    try:
        return {str(name): float(likelihood) for name, likelihood in ast.literal_eval(text).items()}
    except (ValueError, SyntaxError, AttributeError, TypeError) as error:
        raise RecordError(
            f"Record {record_id!r}: scp_codes is {text!r} ({error}); expected {{'NORM': 100.0}}."
        ) from None
