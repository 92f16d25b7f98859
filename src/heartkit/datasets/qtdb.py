"""QT Database: quarter-hour ambulatory ECGs in which cardiologists marked the waves of some thirty beats each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from heartkit.datasets import qtdb_waves
from heartkit.datasets.base import DatasetOptions
from heartkit.datasets.wfdb_beats import WfdbDataset, read_marks, read_record, source_state
from heartkit.errors import RecordError
from heartkit.records.record import ALL_LEADS, Record, Spans
from heartkit.records.source import RecordInfo
from heartkit.records.vocabulary import Beat

TEST = "sel123 sel233 sel302 sel307 sel820 sel853 sel16420 sel16795 sele0106 sele0121 sel32 sel49 sel14046 sel15814"
"""Records held out for testing, as in Romero et al., "DeepFilter", Biomed. Signal Process. Control 70, 2021."""
_TEST = frozenset(TEST.split())
ORIGINS = {
    "mitdb": "100 102 103 104 114 116 117 123 213 221 223 230 231 232 233",
    "stdb": "301 302 306 307 308 310",
    "svdb": "803 808 811 820 821 840 847 853 871 872 873 883 891",
    "nsrdb": "16265 16272 16273 16420 16483 16539 16773 16786 16795 17453",
    "ltdb": "14046 14157 14172 15814",
    "sddb": "30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52",
    "edb": "e0104 e0106 e0107 e0110 e0111 e0112 e0114 e0116 e0121 e0122 e0124 e0126 e0129 e0133 e0136 e0166 e0170 "
    "e0203 e0210 e0211 e0303 e0405 e0406 e0409 e0411 e0509 e0603 e0604 e0606 e0607 e0609 e0612 e0704",
}
"""PhysioNet database -> those of its records of which this one holds an excerpt."""
_ORIGIN = {f"sel{record}": (database, record) for database, records in ORIGINS.items() for record in records.split()}
BEAT_FILES = ("atr", "pu0", "pu1")
"""Annotators who go through the whole recording."""
LEAD_OF = {"pu0": 0, "pu1": 1}
"""Automatic annotator -> the lead it looked at. Cardiologists looked at both leads at once."""


class QtdbOptions(DatasetOptions):
    """What ``params`` of ``qtdb`` may hold.

    Parameters
    ----------
    annotator : "q1c", "q2c", "pu0", "pu1"
        Whose waves: those of the first cardiologist; of the second, who marked 11 records and no P waves; or weak
        labels, what the program `ecgpuwave` found in the first or in the second lead of the whole recording.
    """

    annotator: Literal["q1c", "q2c", "pu0", "pu1"] = "q1c"


class Qtdb(WfdbDataset):
    """QT Database 1.0.0: 105 excerpts of 15 minutes, two leads at 250 Hz.

    Only the stretches around the beats that were marked count as annotated: see `manual_stretches`.
    Beats are those of the database the excerpt comes from; the 24 of sudden death have none.

    References
    ----------
    Laguna, Mark, Goldberger, Moody, "A database for evaluation of algorithms for measurement of QT and other waveform
    intervals in the ECG", Computers in Cardiology 1997.
    """

    name = "qtdb"
    title = "QT Database"
    slug = "qtdb"
    version = "1.0.0"
    licence = "ODC-By 1.0"
    citation = "Laguna et al., Computers in Cardiology 24:673-676, 1997"
    url = "https://physionet.org/content/qtdb/1.0.0/"
    provides = frozenset({"ecg", "waves", "beats"})
    published_splits = frozenset({"test"})
    records_per_shard = 8
    Options = QtdbOptions

    def origin(self, record_id: str) -> tuple[str, str] | None:
        """Return where a record was taken from; see the function `origin`."""
        return origin(record_id)

    def listing(self) -> list[RecordInfo]:
        """Return the records whose header is here; for ``q2c`` those that the second cardiologist marked."""
        self.require_folder()
        suffix = "q2c" if self.options.annotator == "q2c" else "hea"
        names = sorted(file.stem for file in self.path.glob(f"sel*.{suffix}"))
        return [RecordInfo(name, name, "test" if name in _TEST else None) for name in names]

    def read(self, record_id: str) -> Record:
        """Read signals, the waves of the chosen annotator, and beats where there are any."""
        stem, annotator = self.path / record_id, self.options.annotator
        record = read_record(stem, record_id, record_id)
        waves = qtdb_waves.wave_marks(read_marks(stem, annotator, record))
        beats = {name: read_marks(stem, name, record).beats() for name in BEAT_FILES if _is_there(stem, name)}
        owner = LEAD_OF.get(annotator, ALL_LEADS)
        if owner == ALL_LEADS:
            leads = np.arange(len(record.leads), dtype=np.int16)
            stretches = qtdb_waves.manual_stretches(waves, [one.time[one.kind != Beat.NOISE] for one in beats.values()])
        else:
            leads = np.array([owner], np.int16)
            stretches = qtdb_waves.marked_stretches(waves)
        if not stretches:
            raise RecordError(f"Record {record_id!r}: {annotator} marks no wave from its onset to its end.")
        start, stop = np.tile(np.array(stretches), (len(leads), 1)).T
        return replace(
            record,
            waves=qtdb_waves.complete_waves(waves, owner),
            annotated=Spans(leads.repeat(len(stretches)), start, stop),
            beats=beats.get("atr", record.beats),
        )

    def fingerprint(self) -> str:
        """Return a text that changes with the reader, the annotator, and the files."""
        return f"{super().fingerprint()} {source_state(qtdb_waves)} {self.options.annotator}"


def origin(record_id: str) -> tuple[str, str] | None:
    """Say which record of which database a record is an excerpt of.

    Parameters
    ----------
    record_id : str
        For example ``"sel100"``.

    Returns
    -------
    tuple of str or None
        PhysioNet's name of the database and the record's there, e.g. ``("mitdb", "100")``; None where nothing is known
        (``sel17152``, and what is no record of this database).
    """
    return _ORIGIN.get(record_id)


def _is_there(stem: Path, annotator: str) -> bool:
    return stem.with_name(f"{stem.name}.{annotator}").is_file()
