"""MIT-BIH Noise Stress Test Database: recorded noise, for augmentation and denoising."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heartkit.datasets.wfdb_beats import WfdbDataset, read_record
from heartkit.errors import DatasetMissingError, RecordError
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo

NOISES = ("bw", "em", "ma")


class Nstdb(WfdbDataset):
    """MIT-BIH Noise Stress Test Database 1.0.0: the three noise records, two leads of half an hour at 360 Hz.

    Baseline wander (``bw``), electrode motion (``em``) and muscle artefact (``ma``), recorded on active people with the
    electrodes placed so that no ECG shows. They are nobody's ECG, so they are in no split. The database's twelve other
    records, 118e24 to 119e_6, are records 118 and 119 of ``mitdb`` with ``em`` added: they are neither listed nor
    downloaded, as heartkit adds noise itself, and both are training records there.

    References
    ----------
    Moody, Muldrow, Mark, "A noise stress test for arrhythmia detectors", Computers in Cardiology 1984.
    """

    name = "nstdb"
    title = "MIT-BIH Noise Stress Test Database"
    slug = "nstdb"
    version = "1.0.0"
    licence = "ODC-By 1.0"
    citation = "Moody, Muldrow, Mark, Computers in Cardiology 11:381-384, 1984"
    url = "https://physionet.org/content/nstdb/1.0.0/"
    provides = frozenset({"noise"})
    records_per_shard = 1

    def listing(self) -> list[RecordInfo]:
        """Return the noise records; all of them must be here."""
        if find_folder(self.path) is None:
            self.require_folder(*(f"{name}{suffix}" for name in NOISES for suffix in (".hea", ".dat")))
        return [RecordInfo(name, name, "none") for name in NOISES]

    def read(self, record_id: str) -> Record:
        """Read one noise record, in millivolts."""
        if record_id not in NOISES:
            raise RecordError(f"Record {record_id!r} is no noise record: expected one of {', '.join(NOISES)}.")
        return read_record((find_folder(self.path) or self.path) / record_id, record_id, record_id)

    def wanted(self, relative_path: str) -> bool:
        """Say whether a file is one of the noise records'."""
        return PurePosixPath(relative_path).stem in NOISES


class NoiseRecords(NamedTuple):
    """The noise records of one folder.

    Parameters
    ----------
    signals : dict of str to (leads, samples) array of float32
        Millivolt, by record name.
    sampling_rate : float
        Hz.
    """

    signals: dict[str, NDArray[np.float32]]
    sampling_rate: float


def noise_records(path: Path) -> NoiseRecords:
    """Read the noise records.

    Parameters
    ----------
    path : Path
        The folder that holds ``bw.hea`` and the others, or one above it (``nstdb`` of ``nstdb/1.0.0``).

    Returns
    -------
    NoiseRecords
        All of `NOISES`.

    Raises
    ------
    DatasetMissingError
        If the records are not there.
    RecordError
        If one cannot be read, or they differ in sampling rate.
    """
    folder = find_folder(path)
    if folder is None:
        raise DatasetMissingError(
            f"No noise records {', '.join(NOISES)} in {str(path)!r}: expected nstdb as PhysioNet lays it out. "
            "Download nstdb there, or leave the path out to use synthetic noise."
        )
    read = {name: _read(folder / name) for name in NOISES}
    rates = {rate for _, rate in read.values()}
    if len(rates) > 1:
        raise RecordError(f"The noise records in {str(folder)!r} have different sampling rates: {sorted(rates)} Hz.")
    return NoiseRecords({name: signals for name, (signals, _) in read.items()}, rates.pop())


def find_folder(path: Path) -> Path | None:
    """Return the folder at or right below `path` that holds all noise records, the newest version first."""
    below = sorted((child for child in path.glob("*") if child.is_dir()), reverse=True) if path.is_dir() else []
    complete = (
        folder
        for folder in (path, *below)
        if all((folder / f"{name}{suffix}").is_file() for name in NOISES for suffix in (".hea", ".dat"))
    )
    return next(complete, None)


def _read(record: Path) -> tuple[NDArray[np.float32], float]:
    import wfdb

    try:
        read = wfdb.rdrecord(str(record))
        signals = np.ascontiguousarray(read.p_signal.T, np.float32)
    except (ValueError, OSError, IndexError, TypeError, AttributeError) as error:
        raise RecordError(f"The noise record {str(record)!r} cannot be read: {error}. Download it again.") from error
    if not np.isfinite(signals).all():
        raise RecordError(f"The noise record {str(record)!r} has missing samples. Download it again.")
    return signals, float(read.fs)
