"""Independent pieces of work, done by this process or by several on this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from heartkit.errors import DataError

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def spread(work: Callable[[Piece], Result], pieces: Sequence[Piece], what: str, jobs: int = 1) -> Iterator[Result]:
    """Do every piece of work once.

    Parameters
    ----------
    work : callable
        Does one piece; it and the pieces must pickle.
    pieces : sequence
        What is to be done.
    what : str
        What the workers did, for messages: ``"prepared 'ludb'"``.
    jobs : int
        How many processes work.

    Yields
    ------
    object
        What `work` returns, in the order in which pieces are done.

    Raises
    ------
    DataError
        If a process was killed. What the others have done by then is done.
    """
    if min(jobs, len(pieces)) <= 1:
        yield from map(work, pieces)
        return
    # joblib's workers neither share TensorFlow's threads, as forked ones would, nor run the user's script again.
    calls = (delayed(work)(piece) for piece in pieces)
    try:
        yield from Parallel(n_jobs=min(jobs, len(pieces)), return_as="generator_unordered")(calls)
    except TerminatedWorkerError as error:
        raise DataError(
            f"A process that {what} was killed, perhaps for want of memory. What is prepared is "
            f"kept: run this again, or with data_parallelism below {jobs}."
        ) from error
