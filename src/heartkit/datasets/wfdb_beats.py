"""Reading WFDB files: signals, and the beat, rhythm and noise marks as the MIT-BIH databases write them."""

from __future__ import annotations

import hashlib
import inspect
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from heartkit.datasets.base import Dataset
from heartkit.errors import RecordError
from heartkit.records.codes import BEATS, RHYTHMS
from heartkit.records.record import Beats, Record, Spans, Waves
from heartkit.records.vocabulary import Rhythm, Wave

# How wfdb fails on broken files: there is one kind for each way in which a file can be broken.
WFDB_ERRORS = (OSError, ValueError, LookupError, TypeError, AttributeError, ZeroDivisionError)
END_OF_MARKS = b"\0\0"


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of one annotation file, in the file's order.

    Parameters
    ----------
    time : (n,) array of float
        Seconds.
    symbol : list of str
        WFDB symbols.
    text : list of str
        Auxiliary strings; empty where there is none.
    subtype, number : (n,) arrays of int
        What else a mark carries; each database uses them in its own way.
    """

    time: NDArray[np.float64]
    symbol: list[str]
    text: list[str]
    subtype: NDArray[np.int64]
    number: NDArray[np.int64]

    def beats(self) -> Beats:
        """Return the beats, and artefacts that look like one as `Beat.NOISE`."""
        at = [number for number, symbol in enumerate(self.symbol) if symbol in BEATS]
        return Beats(self.time[at], np.array([BEATS[self.symbol[number]] for number in at], np.int8))

    def rhythms(self, end: float) -> Spans:
        """Return the rhythm spans.

        A rhythm lasts until the next rhythm mark, or until `end` (s). A text that begins with ``)`` ends a rhythm
        without beginning another. Nothing is known before the first mark.
        """
        at = [number for number, symbol in enumerate(self.symbol) if symbol == "+"]
        edges = np.array([*self.time[at], end])
        kinds = [RHYTHMS.get(self.text[number], Rhythm.OTHER) for number in at]
        known = [place for place, number in enumerate(at) if self.text[number].startswith("(")]
        return Spans(np.array(kinds, np.int16)[known], edges[:-1][known], edges[1:][known])

    def noise(self, leads: int, end: float) -> Waves:
        """Return the stretches of each lead that the annotators call noisy or unreadable, as `Wave.NOISE`.

        Each bit of the subtype of a ``~`` mark tells of one lead, the lowest of the first; -1 (unreadable) has all
        bits set. It holds until the next ``~`` mark, or until `end` (s). A span's peak is its middle.
        """
        at = [number for number, symbol in enumerate(self.symbol) if symbol == "~"]
        times = np.array([*self.time[at], end])
        rows = []
        for lead in range(leads):
            noisy = (self.subtype[at] >> lead) & 1
            edges = np.flatnonzero(np.diff(np.concatenate(([0], noisy, [0]))))
            rows += [(lead, times[first], times[last]) for first, last in edges.reshape(-1, 2)]
        owner, onset, offset = np.array(rows, np.float64).reshape(-1, 3).T
        kind = np.full(len(rows), Wave.NOISE, np.int8)
        return Waves(kind, onset, (onset + offset) / 2, offset, owner.astype(np.int16))


class WfdbDataset(Dataset):
    """Base of the datasets that this module reads."""

    def fingerprint(self) -> str:
        """Return a text that changes with the reader, the options that matter to it, and the files."""
        return f"{super().fingerprint()} {source_state(sys.modules[__name__])}"


def read_record(stem: Path, record_id: str, patient: str) -> Record:
    """Read the signals of a record, without annotations.

    Parameters
    ----------
    stem : Path
        The record's header without ``.hea``.
    record_id, patient : str
        As the dataset lists them.

    Raises
    ------
    RecordError
        If header or signals are missing, truncated or unreadable.
    """
    import wfdb

    try:
        raw = wfdb.rdrecord(str(stem))
        return Record(
            id=record_id,
            patient=patient,
            sampling_rate=float(raw.fs),
            leads=tuple(raw.sig_name),
            units=tuple(raw.units),
            signals=np.ascontiguousarray(raw.p_signal.T, dtype=np.float32),
        )
    except WFDB_ERRORS as error:
        raise _unreadable(record_id, f"its header {stem.name}.hea or its signals", error) from error


def read_marks(stem: Path, annotator: str, record: Record) -> Marks:
    """Read one annotation file.

    Parameters
    ----------
    stem : Path
        The record's header without ``.hea``.
    annotator : str
        The file's suffix, e.g. ``"atr"``.
    record : Record
        The record it belongs to, for its sampling rate.

    Raises
    ------
    RecordError
        If the file is missing, truncated or unreadable.
    """
    import wfdb

    file = stem.with_name(f"{stem.name}.{annotator}")
    try:
        # wfdb takes a truncated file for a short one, and what is missing for a stretch without beats.
        if not file.read_bytes().endswith(END_OF_MARKS):
            raise RecordError(f"Record {record.id!r}: {file.name} is cut short: its end mark is missing.")
        raw = wfdb.rdann(str(stem), annotator)
        return Marks(
            time=raw.sample / record.sampling_rate,
            symbol=list(raw.symbol),
            text=[text.strip("\0 ") for text in raw.aux_note],
            subtype=np.asarray(raw.subtype, np.int64),
            number=np.asarray(raw.num, np.int64),
        )
    except WFDB_ERRORS as error:
        raise _unreadable(record.id, file.name, error) from error


def source_state(module: ModuleType) -> str:
    """Return a hash of a module's code, so that a better reader is not shadowed by what an older one prepared."""
    return hashlib.sha256(inspect.getsource(module).encode()).hexdigest()[:16]


def _unreadable(record_id: str, what: str, error: Exception) -> RecordError:
    if isinstance(error, FileNotFoundError):
        return RecordError(f"Record {record_id!r}: {Path(str(error.filename or what)).name} is not there.")
    # How wfdb fails on an empty or truncated file says nothing of the file.
    return RecordError(f"Record {record_id!r}: {what} cannot be read ({type(error).__name__}: {error}).")
