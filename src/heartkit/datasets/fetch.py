"""Fetching a dataset from its publisher: what is missing or differs, in parallel, checked by the publisher's sums."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from heartkit import console
from heartkit.datasets.checksums import RemoteFile
from heartkit.datasets.publisher import open_client
from heartkit.datasets.transfer import Connection, Outcome, Patience, Stopped
from heartkit.errors import ChecksumError, DownloadError
from heartkit.files import writing

log = logging.getLogger(__name__)

# One bad file must not cost the rest of a dataset, nor a dead server an attempt at each of 100,000 files.
MOST_FAILURES = 5
# Publishers serve everybody: a machine with 128 processors is no reason for 128 connections.
MOST_CONNECTIONS = 16
SECONDS_TO_STOP = 1.0


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a download did.

    Parameters
    ----------
    url : str
        The address of the dataset.
    folder : Path
        Where its files are.
    files : dict of str to str
        Each file's path: ``"fetched"``, ``"resumed"`` or ``"present"``.
    received : int
        Bytes that came over the network.
    seconds : float
        How long it took.
    """

    url: str
    folder: Path
    files: dict[str, Outcome]
    received: int
    seconds: float

    def summary(self) -> str:
        """Return one line for people."""
        count = Counter(self.files.values())
        return (
            f"{len(self.files):,} files in {self.folder}: {count['fetched'] + count['resumed']:,} fetched "
            f"({count['resumed']:,} resumed), {count['present']:,} already there; "
            f"{self.received / 1e6:,.1f} MB in {self.seconds:,.1f} s"
        )


def fetch(
    files: Sequence[RemoteFile],
    folder: Path,
    url: str,
    *,
    jobs: int = 4,
    force: bool = False,
    progress: bool = True,
    patience: Patience | None = None,
) -> FetchReport:
    """Make a folder hold these files.

    A file that is there with the right sum is left alone. What arrives stands in ``<name>.part`` until it is complete
    and verified; after an interruption (Ctrl-C, a cut connection, a full disk) the same call goes on from there.

    Parameters
    ----------
    files : sequence of RemoteFile
        What to fetch, from `list_files`.
    folder : Path
        Where to put it; it is made.
    url : str
        The address of the dataset (`dataset_url`).
    jobs : int
        Connections at the same time, 1 to 16.
    force : bool
        Fetch what is there, too; an old file stays until its successor is verified.
    progress : bool
        Show a progress bar.
    patience : Patience, optional
        How often to try again, and how long to wait.

    Returns
    -------
    FetchReport
        What was done with each file.

    Raises
    ------
    ChecksumError, DownloadError
        If files could not be had; the others are fetched and kept, unless too many fail.
    HeartkitError
        If the folder cannot be written.
    """
    started = time.monotonic()
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with console.progress(f"Fetching {url.rsplit('/', 2)[-2]}", len(files), progress) as advance:
        crew = _Crew(files, folder, url, force, patience or Patience(), advance)
        crew.run(jobs)
    return FetchReport(url, folder, crew.done, crew.bytes, time.monotonic() - started)


class _Crew:
    """Threads that take one file after the other, each over connections of its own."""

    def __init__(
        self, files: Sequence[RemoteFile], folder: Path, url: str, force: bool, patience: Patience,
        advance: Callable[..., None],
    ) -> None:  # fmt: skip
        self.folder, self.url, self.force, self.patience, self.advance = folder, url, force, patience, advance
        self.done: dict[str, Outcome] = {}
        self.failed: dict[str, DownloadError] = {}
        self.broken: Exception | None = None
        self.bytes = 0
        self._count, self._todo = len(files), iter(files)
        self._stop, self._lock = threading.Event(), threading.Lock()

    def run(self, jobs: int) -> None:
        """Fetch all; raise what went wrong."""
        # Daemons, so that one which waits for a silent server does not hold up the end of the program after Ctrl-C.
        threads = [
            threading.Thread(target=self._work, daemon=True, name=f"heartkit-fetch-{number}")
            for number in range(max(1, min(jobs, self._count, MOST_CONNECTIONS)))
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)
        finally:
            self._stop.set()
            end = time.monotonic() + SECONDS_TO_STOP
            for thread in (thread for thread in threads if thread.ident):
                thread.join(max(0.0, end - time.monotonic()))
        if self.broken is not None:
            raise self.broken
        if self.failed:
            raise self._failure()

    def _work(self) -> None:
        try:
            with open_client(self.patience) as client:
                connection = Connection(client, self.patience, self._stop, self._received)
                while (file := self._next()) is not None:
                    self._obtain(connection, file)
        except Stopped:
            return
        except Exception as error:  # the first one ends the run, in the main thread
            self.broken = self.broken or error
            self._stop.set()

    def _obtain(self, connection: Connection, file: RemoteFile) -> None:
        try:
            outcome = connection.obtain(file, self.url, self.folder / file.path, self.force)
        except DownloadError as error:
            log.warning("%s", error)
            with self._lock:
                self.failed[file.path] = error
                if len(self.failed) >= MOST_FAILURES:
                    self._stop.set()
            return
        with self._lock:
            self.done[file.path] = outcome
        self.advance(1, f"{self.bytes / 1e6:,.1f} MB")

    def _next(self) -> RemoteFile | None:
        with self._lock:
            return None if self._stop.is_set() else next(self._todo, None)

    def _received(self, count: int) -> None:
        with self._lock:
            self.bytes += count
        self.advance(0, f"{self.bytes / 1e6:,.1f} MB")

    def _failure(self) -> DownloadError:
        errors = sorted(self.failed.values(), key=lambda error: not isinstance(error, ChecksumError))
        given_up = " The rest was not tried." if len(self.failed) >= MOST_FAILURES else ""
        return type(errors[0])(
            f"{len(errors)} of {self._count} files could not be fetched ({', '.join(sorted(self.failed))}).{given_up} "
            f"The other {len(self.done)} are kept. First: {errors[0]}"
        )
