"""The ``heartkit`` command: what is typed is understood and done, and ends in an exit code. No logic.

Exit codes are 0; 2 for what the user can mend (`HeartkitError`, wrong usage, problems that ``check`` finds); 130 after
Ctrl-C; 1 for a fault of heartkit itself.
"""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from heartkit import console, logs
from heartkit.commands import MENDABLE, OK, Request, parser
from heartkit.errors import HeartkitError

FAULT, INTERRUPTED = 1, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks and return the exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        What follows ``heartkit``; by default what was typed.
    """
    request = _parsed(_mode_first(sys.argv[1:] if argv is None else argv))
    return request if isinstance(request, int) else _done(request)


def _mode_first(argv: Sequence[str]) -> list[str]:
    """Turn ``-m MODE ...`` into ``MODE ...``; nothing at all asks for help."""
    args = list(argv)
    for at, arg in enumerate(args):
        if arg in ("-m", "--mode") and at + 1 < len(args):
            return [args[at + 1], *args[:at], *args[at + 2 :]]
        if arg.startswith("--mode="):
            return [arg.removeprefix("--mode="), *args[:at], *args[at + 1 :]]
    return args or ["--help"]


def _parsed(args: list[str]) -> Request | int:
    """Return what is asked, or the exit code where help was printed or the usage was wrong."""
    requests: list[Request] = []
    try:
        parser()(args, prog_name="heartkit", obj=requests)
    except SystemExit as end:  # parsing always ends in this way
        code = end.code if isinstance(end.code, int) else OK
        return requests[0] if requests else code
    return requests[0]


def _done(request: Request) -> int:
    """Do what is asked and return the exit code; no error leaves this function."""
    try:
        with _terminated_as_interrupted(), logs.shown():
            return request.action()
    except HeartkitError as error:
        return _failed(error, str(error), request.debug, MENDABLE)
    except KeyboardInterrupt:
        # The mode has said what is kept and how to go on.
        console.fail("Interrupted.")
        return INTERRUPTED
    except Exception as error:
        message = f"{type(error).__name__}: {error}\nThis is a fault of heartkit. Run again with --debug to see where."
        return _failed(error, message, request.debug, FAULT)


def _failed(error: Exception, message: str, debug: bool, code: int) -> int:
    if debug:
        console.say("".join(traceback.format_exception(error)), level=0)
    console.fail(message)
    return code


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does, so that what was reached is kept."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
