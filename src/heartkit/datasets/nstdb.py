"""MIT-BIH Noise Stress Test Database: the three noise records, for augmentation.

Baseline wander (``bw``), electrode motion (``em``) and muscle artefact (``ma``), two leads of half an hour at 360 Hz,
recorded on active people with the electrodes placed so that no ECG shows (Moody, Muldrow, Mark: "A noise stress test
for arrhythmia detectors", Computers in Cardiology 1984). Licence: ODC-By 1.0.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import DatasetMissingError, RecordError

NOISES = ("bw", "em", "ma")


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
