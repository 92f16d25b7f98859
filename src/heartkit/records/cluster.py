"""Independent pieces of work, done by a Ray cluster. Ray is imported only here, and only if a cluster is asked for."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

from heartkit.errors import ConfigError, DataError

Piece = TypeVar("Piece")
Result = TypeVar("Result")

RETRIES = 3
"""A piece whose worker dies is tried so many times more, on another worker."""
AHEAD = 2
"""So many pieces per processor are handed out at a time: enough to keep workers busy and a growing cluster growing."""
REACHABLE_SECONDS = 5.0
_FORMS = "expected HOST:PORT as `ray start --head` says it, ray://HOST:PORT, or auto for a cluster on this machine"


def spread_on_cluster(
    work: Callable[[Piece], Result], pieces: Iterable[Piece], what: str, address: str, ahead: int = AHEAD
) -> Iterator[Result]:
    """Do every piece of work once, one per processor of a Ray cluster at a time.

    Parameters
    ----------
    work : callable
        Does one piece; it and the pieces must pickle. It may be done again where a worker dies, so doing it twice must
        be the same as doing it once.
    pieces : iterable
        What is to be done; taken when there is room for one, and after the results before it were given.
    what : str
        What the workers did, for messages: ``"prepared 'ludb'"``.
    address : str
        ``HOST:PORT``, ``ray://HOST:PORT`` or ``auto``. Where the calling script is connected to a cluster already,
        that one is used.
    ahead : int
        So many pieces per processor are handed out at a time.

    Yields
    ------
    object
        What `work` returns, in the order in which pieces are done.

    Raises
    ------
    ConfigError
        If Ray is not installed or no cluster answers at the address.
    DataError
        If workers died again and again, or lack what they need.
    """
    ray = _ray()
    with _connected(ray, address):
        sent = ray.put(work)
        task = ray.remote(max_retries=RETRIES)(_do)
        waiting = iter(pieces)
        running: list[Any] = []
        try:
            while True:
                room = ahead * max(1, int(ray.cluster_resources().get("CPU", 1))) - len(running)
                running += [task.remote(sent, piece) for piece in islice(waiting, max(0, room))]
                if not running:
                    return
                done, running = ray.wait(running)
                yield _result(ray, done[0], what)
        finally:
            for one in running:
                ray.cancel(one)


def _do(work: Callable[[Piece], Result], piece: Piece) -> Result:
    return work(piece)


def _ray() -> Any:
    try:
        import ray
    except ImportError as error:
        raise ConfigError(
            "A cluster is asked for, but Ray is not installed here. Run `pip install heartkit[ray]`, or leave cluster "
            "(--cluster) out to prepare with local processes."
        ) from error
    return ray


@contextmanager
def _connected(ray: Any, address: str) -> Iterator[None]:
    if ray.is_initialized():  # by the user's own script, which also ends it
        yield
        return
    require_reachable(address)
    main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=address, log_to_driver=False, logging_level="error")
    except Exception as error:  # Ray documents no common kind
        reason = str(error).strip().rstrip(".")
        raise ConfigError(f"cluster = {address!r}: {reason}. Check the address; {_FORMS}.") from error
    if main and handler is not None:
        signal.signal(signal.SIGTERM, handler)  # Ray's own would end the program at once
    try:
        yield
    finally:
        ray.shutdown()


def require_reachable(address: str) -> None:
    """Raise `ConfigError` unless something listens at a cluster's address: Ray itself would wait for minutes."""
    if address == "auto":
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigError(f"cluster = {address!r} is no address of a Ray cluster; {_FORMS}.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACHABLE_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ConfigError(
            f"cluster = {address!r}: nothing answers there ({error}). Start one with `ray start --head`, or correct "
            f"the address: {_FORMS}."
        ) from error


def _result(ray: Any, done: Any, what: str) -> Any:
    try:
        return ray.get(done)
    except ray.exceptions.RayTaskError as error:
        if not isinstance(error.cause, (ImportError, ray.exceptions.RayError)):
            raise error.cause from error
        reason = str(error.cause).strip().splitlines()[-1]
        raise DataError(
            f"A worker of the cluster that {what} cannot do so: {reason}. Each node needs the same heartkit, and the "
            "packages that the dataset's code is in."
        ) from error
    except ray.exceptions.RayError as error:
        raise DataError(
            f"A worker of the cluster that {what} was lost {RETRIES + 1} times, perhaps for want of memory: "
            f"{type(error).__name__}. What is prepared is kept: run this again, with fewer workers per node."
        ) from error
