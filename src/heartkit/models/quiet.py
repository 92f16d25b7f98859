"""Keeps what native libraries write past Python to the terminal, so that it can be shown where it helps."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


class Captured:
    """What was written to file descriptor 2 while it was captured; complete once the capture has ended."""

    def __init__(self) -> None:
        self.text = ""

    def tail(self, lines: int = 3) -> str:
        """Return the last non-empty lines, joined by ``"; "``."""
        return "; ".join([line.strip() for line in self.text.splitlines() if line.strip()][-lines:])


@contextmanager
def captured_stderr() -> Iterator[Captured]:
    """Catch what C++ code writes to standard error while the body runs.

    TensorFlow, LiteRT and TFLite-Micro log to file descriptor 2 directly, where neither Python's ``logging`` nor
    ``sys.stderr`` reaches them. The whole process' standard error is caught, so bodies are to be short.

    Yields
    ------
    Captured
        Its ``text`` is filled in when the body has ended, also by an exception.
    """
    captured = Captured()
    with tempfile.TemporaryFile() as sink:
        saved = os.dup(2)
        os.dup2(sink.fileno(), 2)
        try:
            yield captured
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            sink.seek(0)
            captured.text = sink.read().decode(errors="replace")
