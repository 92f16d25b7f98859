"""What modules log, shown to the user of the command line: warnings always, the rest with ``--verbose``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from heartkit import console


@contextmanager
def shown() -> Iterator[None]:
    """Show on the console what is logged under ``heartkit`` while the body runs.

    Warnings are shown once each, however often they are logged; information only if the console's verbosity is 2.
    """
    root, handler = logging.getLogger("heartkit"), _ToConsole()
    level, propagate = root.level, root.propagate
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # Frameworks give Python's root logger handlers of their own, which would say everything a second time.
    root.propagate = False
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        root.propagate = propagate


class _ToConsole(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.levelno < logging.WARNING:
            console.say(message, level=2)
        elif message not in self._said:
            self._said.add(message)
            console.warn(message)
