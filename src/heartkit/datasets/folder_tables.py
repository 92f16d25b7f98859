"""Tables of annotations that users write: CSV with a header; what is wrong is named with file, line and column."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import DataError, nearest_names
from heartkit.records.splits import SPLITS
from heartkit.records.vocabulary import Beat, Rhythm, Wave

Rows = dict[str, NDArray[Any]]
"""Column -> values, for the rows of one recording; ``"line"`` is where each stands in the file, from 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name : str
        As in the header.
    parse : callable
        Turns a cell's text into its value; a `ValueError` says what was expected.
    default : object
        Value of an empty cell and of a column that is left out; None: it must be there.
    """

    name: str
    parse: Callable[[str], Any]
    default: Any = None


def _seconds(text: str) -> float:
    value = _number(text, "seconds from the recording's start")
    if value < 0:
        raise ValueError("expected seconds from the recording's start, 0 or more")
    return value


def _percent(text: str) -> float:
    value = _number(text, "percent, 0 to 100")
    if not 0 <= value <= 100:
        raise ValueError("expected percent, 0 to 100")
    return value


def _number(text: str, expected: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"expected {expected}")
    return value


def _one_of(options: dict[str, Any]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        known = {name.lower(): value for name, value in options.items()}
        if text.lower() not in known:
            near = nearest_names(text, options)
            guess = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
            raise ValueError(f"{guess}expected one of {', '.join(options)}")
        return known[text.lower()]

    return parse


def _kind(words: type[IntEnum]) -> Column:
    return Column("kind", _one_of({word.name: int(word) for word in words}))


_RECORD = Column("record", str)
COLUMNS: dict[str, tuple[Column, ...]] = {
    "records": (
        _RECORD, Column("patient", str, ""), Column("split", _one_of({name: name for name in (*SPLITS, "none")}), ""),
    ),
    "waves": (
        _RECORD, Column("lead", str, ""), _kind(Wave),
        Column("onset", _seconds), Column("peak", _seconds), Column("offset", _seconds),
    ),
    "beats": (_RECORD, Column("time", _seconds), _kind(Beat)),
    "rhythms": (_RECORD, _kind(Rhythm), Column("start", _seconds, math.nan), Column("stop", _seconds, math.nan)),
    "diagnoses": (_RECORD, Column("statement", str), Column("likelihood", _percent, 100.0)),
}  # fmt: skip
"""What each table of a `FolderDescription` has."""


def read_table(file: Path, columns: tuple[Column, ...]) -> dict[str, Rows]:
    """Read a table.

    Parameters
    ----------
    file : Path
        CSV with a header, commas and UTF-8.
    columns : tuple of Column
        What it must and may have; one of them is ``"record"``.

    Returns
    -------
    dict of str to Rows
        Recording -> its rows, in the order of the file.

    Raises
    ------
    DataError
        If the file is missing, or a column or a cell is wrong: with line and column.
    """
    rows: dict[str, list[tuple[Any, ...]]] = {}
    at = [column.name for column in columns].index("record")
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            for line, values in _parsed(csv.reader(text, strict=True), file, columns):
                rows.setdefault(values[at], []).append((line, *values))
    except OSError as error:
        raise DataError(f"The table {file} cannot be read: {error.strerror}. The description names it.") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{file} is not UTF-8 text: {error}. Save it as UTF-8.") from None
    names = ("line", *(column.name for column in columns))
    return {
        record: {name: np.array(values) for name, values in zip(names, zip(*own, strict=True), strict=True)}
        for record, own in rows.items()
    }


def _parsed(lines: Any, file: Path, columns: tuple[Column, ...]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield the line number and the values of each row."""
    try:
        header = [cell.strip() for cell in next(lines, [])]
        place = _places(header, file, columns)
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise DataError(
                    f"{file}, line {lines.line_num}: {len(cells)} cells; expected {len(header)} as in the header."
                )
            yield (
                lines.line_num,
                tuple(
                    _value(
                        column, cells[place[column.name]].strip() if column.name in place else "", file, lines.line_num
                    )
                    for column in columns
                ),
            )
    except csv.Error as error:
        raise DataError(f"{file}, line {lines.line_num}: this is not valid CSV: {error}.") from None


def _places(header: list[str], file: Path, columns: tuple[Column, ...]) -> dict[str, int]:
    """Return column -> where it stands."""
    names = [column.name for column in columns]
    for name in header:
        if name not in names or header.count(name) > 1:
            near = nearest_names(name, names) if name not in names else []
            guess = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise DataError(f"{file}, line 1: column {name!r}; expected {', '.join(names)}, each once.{guess}")
    for column in columns:
        if column.default is None and column.name not in header:
            raise DataError(f"{file}, line 1: the column {column.name!r} is missing; expected {', '.join(names)}.")
    return {name: at for at, name in enumerate(header)}


def _value(column: Column, text: str, file: Path, line: int) -> Any:
    if not text and column.default is not None:
        return column.default
    try:
        if not text:
            raise ValueError("expected a value")
        return column.parse(text)
    except ValueError as error:
        raise DataError(f"{file}, line {line}, column {column.name!r}: {text!r}; {error}.") from None
