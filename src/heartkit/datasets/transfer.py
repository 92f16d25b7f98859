"""One file over HTTP: resumed where it stopped, tried again with patience, verified before it takes its name."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import quote

import httpx

from heartkit.datasets.checksums import UNFINISHED, RemoteFile
from heartkit.errors import ChecksumError, DownloadError
from heartkit.files import move_into_place, sha256, writing

T = TypeVar("T")
Outcome = Literal["present", "fetched", "resumed"]


class Stopped(Exception):
    """The run is being stopped; what has arrived stays for the next one."""


class _Passing(Exception):
    """A failure that may pass if tried again."""

    def __init__(self, why: str, wait: float = 0) -> None:
        super().__init__(why)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to put up with a bad connection.

    Parameters
    ----------
    attempts : int
        So many in a row without a new byte, then the file is given up.
    pause : float
        Seconds before the second attempt; doubled before each further one, 30 at most.
    timeout : float
        Seconds without an answer or a byte until an attempt counts as failed.
    """

    attempts: int = 5
    pause: float = 0.5
    timeout: float = 30.0

    def wait(self, failures: int, asked: float) -> float:
        """Return the seconds to wait after so many failures, or what the server asked for, 30 at most."""
        return min(30.0, max(asked, self.pause * 2.0 ** (failures - 1)))


@dataclass(frozen=True, slots=True)
class Connection:
    """How a thread reaches the server.

    Parameters
    ----------
    client : httpx.Client
        The thread's own connections.
    patience : Patience
        When to give up.
    stop : threading.Event
        Set when the run is to end.
    received : callable
        Called with the number of bytes of each piece that arrives.
    """

    client: httpx.Client
    patience: Patience
    stop: threading.Event
    received: Callable[[int], None]

    def text(self, url: str) -> str:
        """Return a small text file."""

        def attempt() -> str:
            response = self.client.get(url)
            _check_status(response, url)
            return response.content.decode("utf-8", errors="replace")

        return self._patiently(url, attempt, lambda: 0)

    def obtain(self, file: RemoteFile, url: str, target: Path, force: bool) -> Outcome:
        """Make `target` hold the file's bytes.

        Parameters
        ----------
        file : RemoteFile
            What to fetch.
        url : str
            The address of the dataset, without a slash at the end.
        target : Path
            Where it goes. What arrives stands in ``<target>.part`` until it is complete and verified.
        force : bool
            Fetch it although it is there; the old file stays until the new one is verified.

        Returns
        -------
        str
            ``"present"``, ``"fetched"`` or ``"resumed"`` (some of its bytes had come before an interruption).

        Raises
        ------
        ChecksumError
            If twice other bytes arrive than the publisher's.
        DownloadError
            If the server does not give it.
        Stopped
            If `stop` is set meanwhile.
        HeartkitError
            If it cannot be written.
        """
        address = f"{url}/{quote(file.path)}"
        with writing(target):
            if not force and target.is_file() and sha256(target) == file.sha256:
                return "present"
            target.parent.mkdir(parents=True, exist_ok=True)
            part = _Part(target.with_name(target.name + UNFINISHED), fresh=force)
            for _ in range(2):
                self._complete(part, address, file.sha256)
                if part.sha256 == file.sha256:
                    move_into_place(part.path, target)
                    return "resumed" if part.resumed else "fetched"
                wrong = part.sha256
                part.clear()
        raise ChecksumError(
            f"{file.path!r} from {address} is not what the publisher lists: expected SHA-256 {file.sha256}, got "
            f"{wrong}, twice. Something on the way changes it, or the server's copy is damaged: try again later, "
            "or another base URL."
        )

    def _complete(self, part: _Part, address: str, expected: str) -> None:
        if part.size and part.sha256 == expected:  # only the verification was missing
            part.resumed = True
            return
        self._patiently(address, lambda: self._continue(part, address), lambda: part.size)

    def _continue(self, part: _Part, address: str) -> None:
        """Ask for what is missing and append it."""
        with self.client.stream("GET", address, headers=part.range_headers()) as response:
            if response.status_code == 416:
                part.clear()
                raise _Passing("the server has less than arrived before; it is fetched anew")
            _check_status(response, address)
            if response.status_code == 206 and not part.is_continued_by(response):
                part.clear()
                raise _Passing("the server answered with another range than asked for")
            if response.status_code == 200:
                part.clear()
            part.resumed = part.resumed or part.size > 0
            part.etag = response.headers.get("ETag", "")
            with part.path.open("ab") as sink:
                for piece in response.iter_raw():
                    if self.stop.is_set():
                        raise Stopped
                    sink.write(piece)
                    part.count(piece)
                    self.received(len(piece))

    def _patiently(self, address: str, attempt: Callable[[], T], size: Callable[[], int]) -> T:
        """Attempt until it succeeds, or has failed too often in a row without a new byte."""
        failures, largest = 0, size()
        while True:
            try:
                return attempt()
            except httpx.RequestError as error:
                reason, asked = f"{type(error).__name__}: {error}".rstrip(": "), 0.0
            except _Passing as error:
                reason, asked = str(error), error.wait
            failures = failures + 1 if size() <= largest else 1
            largest = max(largest, size())
            if failures >= self.patience.attempts:
                raise DownloadError(
                    f"{address} could not be fetched: {reason} ({failures} attempts). Check the connection and the "
                    "base URL, then run the same command again: it goes on from what has arrived."
                )
            if self.stop.wait(self.patience.wait(failures, asked)):
                raise Stopped


class _Part:
    """A file that is still arriving: its bytes on the disk and their running sum."""

    def __init__(self, path: Path, fresh: bool) -> None:
        self.path, self.etag, self.resumed = path, "", False
        self._digest, self.size = hashlib.sha256(), 0
        if fresh:
            self.clear()
        elif path.is_file():
            self._load()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def clear(self) -> None:
        """Start from nothing."""
        self.path.unlink(missing_ok=True)
        self._digest, self.size, self.resumed = hashlib.sha256(), 0, False

    def _load(self) -> None:
        """Go on from what an earlier run left."""
        with self.path.open("rb") as file:
            while piece := file.read(1 << 20):
                self.count(piece)

    def count(self, piece: bytes) -> None:
        self._digest.update(piece)
        self.size += len(piece)

    def range_headers(self) -> dict[str, str]:
        """Return the headers that ask for the rest, where the server knows the file as unchanged."""
        if not self.size:
            return {}
        strong = self.etag if self.etag.startswith('"') else ""  # RFC 9110, 13.1.5: weak tags may not be used
        return {"Range": f"bytes={self.size}-", **({"If-Range": strong} if strong else {})}

    def is_continued_by(self, response: httpx.Response) -> bool:
        found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
        return self.size > 0 and found is not None and int(found[1]) == self.size


def _check_status(response: httpx.Response, address: str) -> None:
    """Raise unless the answer is the file or a part of it."""
    status = response.status_code
    if status in (200, 206):
        return
    if status in (408, 425, 429) or status >= 500:
        asked = response.headers.get("Retry-After", "")
        raise _Passing(f"the server answers {status}", float(asked) if asked.isdecimal() else 0.0)
    if status in (401, 403):
        raise DownloadError(f"{address}: the server refuses access ({status}). Does this dataset need an account?")
    raise DownloadError(f"{address}: the server answers {status}. Check the base URL and the dataset's version.")
