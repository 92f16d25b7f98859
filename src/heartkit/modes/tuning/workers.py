"""Trials side by side: one after another in this process, several processes of this machine, or a Ray cluster.

Pieces are taken from their iterator only when there is room for one, and after the results before it were given: what
is tried next depends on them.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import TypeVar

from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import BrokenProcessPool

from heartkit.errors import DataError

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def one_by_one(
    work: Callable[[Piece], Result], pieces: Iterable[Piece], parallel: int = 1, cluster: str | None = None
) -> Iterator[Result]:
    """Do every piece of work and yield its result when it is there.

    Parameters
    ----------
    work : callable
        Does one piece; other processes get it and the pieces pickled.
    pieces : iterable
        What is to be done.
    parallel : int
        So many processes of this machine; 1 for this process.
    cluster : str, optional
        Address of a Ray cluster that does it instead, a piece per processor.

    Raises
    ------
    DataError
        If a process was killed.
    ConfigError
        If there is no such cluster.
    """
    if cluster is not None:
        from heartkit.records.cluster import spread_on_cluster

        return spread_on_cluster(work, pieces, "trained a trial", cluster, ahead=1)
    return map(work, pieces) if parallel == 1 else _in_processes(work, pieces, parallel)


def _in_processes(work: Callable[[Piece], Result], pieces: Iterable[Piece], parallel: int) -> Iterator[Result]:
    # As in preparing: these workers neither share TensorFlow's threads nor run the user's script again.
    executor = get_reusable_executor(max_workers=parallel, initializer=_quietly_interrupted, kill_workers=True)
    waiting = iter(pieces)
    running: set[Future[Result]] = set()
    try:
        while True:
            running |= {executor.submit(work, piece) for piece in islice(waiting, parallel - len(running))}
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                yield one.result()
    except BrokenProcessPool as error:
        raise DataError(
            "A process that trained a trial was killed, perhaps for want of memory. The trials before are kept: the "
            f"same command goes on, best with tune.parallel below {parallel}."
        ) from error
    finally:
        executor.shutdown(wait=True, kill_workers=True)


def _quietly_interrupted() -> None:
    """Leave Ctrl-C to the process of the command, which ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
