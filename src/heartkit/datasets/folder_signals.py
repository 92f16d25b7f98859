"""Signals from a user's file: WFDB, CSV, Parquet or NumPy."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from heartkit.datasets.csv_signals import read_columns
from heartkit.datasets.folder_description import FolderDescription
from heartkit.errors import RecordError
from heartkit.records.leads import canonical_lead, signal_kind

TO_MILLIVOLT = {"V": 1e3, "uV": 1e-3, "µV": 1e-3, "μV": 1e-3}


class Signals(NamedTuple):
    """What a file holds.

    Parameters
    ----------
    names : list of str
        Names of the signals.
    values : (signals, samples) array of float32
        NaN where a sample is missing.
    rate : float or None
        Hz, where the file says it.
    units : list of str or None
        Where the file says them.
    """

    names: list[str]
    values: NDArray[np.float32]
    rate: float | None = None
    units: list[str] | None = None


def read_signals(file: Path, description: FolderDescription) -> Signals:
    """Read the leads that a description asks for.

    Parameters
    ----------
    file : Path
        The recording.
    description : FolderDescription
        Which signals to use, and what the file itself does not say.

    Returns
    -------
    Signals
        With rate, units and the leads' names, ECG in mV.

    Raises
    ------
    RecordError
        If the file is broken, lacks a signal, or contradicts the description.
    """
    try:
        found = READERS[file.suffix](file, description.sources)
    except (
        OSError,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        EOFError,
        zipfile.BadZipFile,
    ) as error:
        raise RecordError(f"{file} cannot be read: {type(error).__name__}: {error}") from error
    leads = description.leads
    names = [canonical_lead(leads[name] if isinstance(leads, dict) else name) for name in found.names]
    if len(set(names)) < len(names):
        raise RecordError(f"{file}: two signals are the same lead: {', '.join(names)}. Name them apart with leads.")
    rate = description.sampling_rate or found.rate or 0.0
    if found.rate and abs(rate - found.rate) > 1e-6 * rate:
        raise RecordError(f"{file} is of {found.rate:g} Hz, but the description says sampling_rate = {rate:g}.")
    units = [_unit(name, at, found.units, description.units) for at, name in enumerate(names)]
    return _in_millivolt(Signals(names, found.values, rate, units))


def header_leads(file: Path) -> list[str]:
    """Return the names of a WFDB recording's signals, without reading them; none where its header cannot be read."""
    import wfdb

    try:
        return list(wfdb.rdheader(str(file.with_suffix(""))).sig_name)
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
        return []


def _unit(lead: str, at: int, found: list[str] | None, said: str | dict[str, str] | None) -> str:
    if isinstance(said, dict):
        said = {canonical_lead(name): unit for name, unit in said.items()}.get(lead)
    return said or (found[at] if found else "mV")


def _in_millivolt(found: Signals) -> Signals:
    values, units = found.values, list(found.units or ())
    for at, (name, unit) in enumerate(zip(found.names, units, strict=True)):
        if unit in TO_MILLIVOLT and signal_kind(name) == "ecg":
            values[at] *= TO_MILLIVOLT[unit]
            units[at] = "mV"
    return found._replace(units=units)


def _read_wfdb(file: Path, wanted: list[str] | None) -> Signals:
    import wfdb

    raw = wfdb.rdrecord(str(file.with_suffix("")))
    there = dict(zip(raw.sig_name, range(raw.n_sig), strict=True))
    rows = [_pick(there, name, file) for name in wanted or raw.sig_name]
    values = np.ascontiguousarray(raw.p_signal.T[rows], np.float32)
    return Signals(wanted or raw.sig_name, values, float(raw.fs), [raw.units[row] for row in rows])


def _read_csv(file: Path, wanted: list[str] | None) -> Signals:
    names = wanted or []
    columns = read_columns(file, names)
    return Signals(names, np.stack([columns[name].astype(np.float32) for name in names]))


def _read_parquet(file: Path, wanted: list[str] | None) -> Signals:
    from pyarrow import parquet

    names, there = wanted or [], {name: name for name in parquet.read_schema(file).names}
    table = parquet.read_table(file, columns=[_pick(there, name, file) for name in names])
    return Signals(names, np.stack([_numbers(file, name, table.column(name).to_numpy()) for name in names]))


def _read_npz(file: Path, wanted: list[str] | None) -> Signals:
    names = wanted or []
    with np.load(file, allow_pickle=False) as arrays:
        there = {name: name for name in arrays.files}
        columns = [_numbers(file, name, arrays[_pick(there, name, file)]) for name in names]
    if any(column.ndim != 1 for column in columns):
        raise RecordError(f"{file}: an array has more than one dimension; expected one array of samples for each lead.")
    return Signals(names, np.stack(columns))


def _read_npy(file: Path, wanted: list[str] | None) -> Signals:
    names = wanted or []
    values = np.atleast_2d(_numbers(file, "the array", np.load(file, allow_pickle=False)))
    fits = [axis for axis in range(values.ndim) if values.shape[axis] == len(names)]
    if values.ndim != 2 or len(fits) != 1:
        raise RecordError(
            f"{file} has the shape {values.shape}; expected ({len(names)} leads, samples) or its transpose."
        )
    return Signals(names, np.ascontiguousarray(values if fits == [0] else values.T))


def _pick(there: dict[str, Any], name: str, file: Path) -> Any:
    if name not in there:
        raise RecordError(f"{file} has no signal {name!r}; there are {', '.join(there)}. Correct leads.")
    return there[name]


def _numbers(file: Path, name: str, values: NDArray[Any]) -> NDArray[np.float32]:
    if values.dtype.kind not in "iuf":
        first = f", the first being {values.flat[0]!r}" if values.size else ""
        raise RecordError(f"{file}: {name} holds values of type {values.dtype}{first}; expected numbers.")
    return values.astype(np.float32)


READERS: dict[str, Callable[[Path, list[str] | None], Signals]] = {
    ".hea": _read_wfdb, ".csv": _read_csv, ".parquet": _read_parquet, ".npy": _read_npy, ".npz": _read_npz,
}  # fmt: skip
"""Suffix of a recording's file -> what reads it."""
