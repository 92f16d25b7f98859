"""The only module that prints: messages, tables and progress, on stderr unless it is the answer itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_verbosity = 1
_muted = False


def set_verbosity(level: int) -> None:
    """Set how much is said: 0 errors and answers, 1 progress and results, 2 details."""
    global _verbosity
    _verbosity = level


@contextmanager
def muted() -> Iterator[None]:
    """Say nothing while the body runs, whatever verbosity it sets; afterwards all is as before."""
    global _muted, _verbosity
    before, _muted = (_muted, _verbosity), True
    try:
        yield
    finally:
        _muted, _verbosity = before


@lru_cache(maxsize=2)
def _console(stderr: bool) -> Console:
    from rich.console import Console

    # Text such as ":heart:" is somebody's file name, not a picture.
    return Console(stderr=stderr, highlight=False, soft_wrap=True, emoji=False)


def answer(text: str) -> None:
    """Print what the user asked for, on stdout."""
    _console(False).print(text, markup=False)


def say(text: str, level: int = 1) -> None:
    """Print how a run goes, if the verbosity is at least `level`."""
    if _verbosity >= level and not _muted:
        _console(True).print(text, markup=False)


def warn(text: str) -> None:
    """Print what the user should know although the run goes on."""
    if not _muted:
        _titled("warning", "yellow", text)


def fail(text: str) -> None:
    """Print why a run ended."""
    _titled("error", "bold red", text)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str = "") -> None:
    """Print a table, on stdout."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    grid = Table(*columns, title=title or None, box=box.SIMPLE, title_justify="left")
    for row in rows:
        grid.add_row(*map(Text, row))
    _console(False).print(grid)


@contextmanager
def progress(what: str, total: float | None, shown: bool = True, unit: str = "") -> Iterator[Callable[..., None]]:
    """Show a progress bar while the body runs.

    Parameters
    ----------
    what : str
        What is being done, e.g. ``"Preparing ludb"``.
    total : float or None
        How many steps there are; None if unknown.
    shown : bool
        False to show nothing.
    unit : str
        What is counted; ``"B"`` counts bytes.

    Yields
    ------
    callable
        ``advance(steps=1, note="")``: call it as steps are done.
    """
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns: tuple[ProgressColumn, ...]
    if total is None:
        columns = (TimeElapsedColumn(),)
    else:
        columns = (DownloadColumn() if unit == "B" else MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), *columns, TextColumn("{task.fields[note]}"),
        console=_console(True), disable=not (shown and _verbosity >= 1 and not _muted), transient=total is None,
    )  # fmt: skip
    with bar:
        job = bar.add_task(what, total=total, note="")

        def advance(steps: float = 1, note: str | None = None) -> None:
            words: dict[str, Any] = {} if note is None else {"note": note}
            bar.update(job, advance=steps, **words)

        yield advance


def _titled(title: str, style: str, text: str) -> None:
    from rich.text import Text

    _console(True).print(Text.assemble((title, style), " ", text))
