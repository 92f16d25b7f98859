"""Signals in CSV files: one column for each, names in the first line."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import RecordError


def read_columns(file: Path, wanted: Sequence[str] | None = None) -> dict[str, NDArray[np.float64]]:
    """Read columns of numbers.

    Parameters
    ----------
    file : Path
        CSV with commas; spaces around names do not count.
    wanted : sequence of str, optional
        Which columns, in this order; by default all.

    Returns
    -------
    dict of str to (rows,) array
        Name -> values; NaN where a cell is empty or says so.

    Raises
    ------
    RecordError
        If a column is missing, or a cell is no number: with column and row.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow

    with file.open(newline="", encoding="utf-8-sig") as text:
        header = next(csv.reader(text), [])
    there = {name.strip(): name for name in header}
    for name in there if wanted is None else wanted:
        if name not in there or not name:
            raise RecordError(f"{file} has no signal {name!r}; there are {', '.join(there) or 'none'}.")
    names = list(there if wanted is None else wanted)
    numbers = {there[name]: pa.float64() for name in names}
    try:
        table = arrow.read_csv(
            file,
            read_options=arrow.ReadOptions(use_threads=False),  # with threads, errors would not name the row
            convert_options=arrow.ConvertOptions(column_types=numbers, include_columns=list(numbers)),
        )
    except pa.ArrowInvalid as error:
        raise RecordError(f"{file} cannot be read: {error}") from None
    return {name: table.column(there[name]).to_numpy() for name in names}
