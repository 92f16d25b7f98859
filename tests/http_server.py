"""A publisher's server on loopback that can misbehave as told."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

# (path, how many requests for it came before) -> what goes wrong: "" nothing; "cut" the connection ends halfway;
# "drop" it ends before any answer; "wrong" other bytes; "slow" a pause after each piece; "other range" than asked for;
# or a status, such as "404".
Behaviour = Callable[[str, int], str]


@dataclass
class Publisher:
    """What a test knows of the server: its address, and what it was asked for."""

    url: str
    requests: list[tuple[str, str | None]] = field(default_factory=list)

    def asked(self, path: str) -> list[str | None]:
        """Return the Range headers of all requests for files whose path ends so, in order."""
        return [asked for name, asked in self.requests if name.endswith(path)]


@contextmanager
def serving(folder: Path, behave: Behaviour = lambda path, seen: "", ranges: bool = True) -> Iterator[Publisher]:
    """Serve a folder's files while the body runs."""
    server = _Server(("127.0.0.1", 0), _handler(folder, behave, ranges))
    publisher = server.publisher = Publisher(f"http://127.0.0.1:{server.server_port}")
    server.seen, server.lock = Counter(), threading.Lock()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield publisher
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def content(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder but the list of sums."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "SHA256SUMS.txt"
    }


def only(path: str, *faults: str) -> Behaviour:
    """Misbehave on one file: a fault per request, then none."""
    return lambda name, seen: faults[seen] if name.endswith(path) and seen < len(faults) else ""


def always(path: str, fault: str) -> Behaviour:
    """Misbehave on one file at every request."""
    return lambda name, seen: fault if name.endswith(path) else ""


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing the server waits for its connections to be closed

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that break off are what is tested."""


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS.txt for all other files of a folder, as PhysioNet does."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != "SHA256SUMS.txt")
    lines = [f"{sha256(file.read_bytes()).hexdigest()} {file.relative_to(folder).as_posix()}\n" for file in files]
    (folder / "SHA256SUMS.txt").write_text("".join(lines))


def _handler(folder: Path, behave: Behaviour, ranges: bool) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5
        disable_nagle_algorithm = True  # else each small file costs the 40 ms of a delayed acknowledgement

        def do_GET(self) -> None:
            name, asked = unquote(self.path.lstrip("/")), self.headers.get("Range")
            with self.server.lock:
                self.server.publisher.requests.append((name, asked))
                seen = self.server.seen[name]
                self.server.seen[name] += 1
            fault = behave(name, seen)
            if fault == "drop":
                self.close_connection = True
            elif fault.isdecimal() or not (folder / name).is_file():
                self.send_response(int(fault or 404))
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.give((folder / name).read_bytes(), asked, fault)

        def give(self, data: bytes, asked: str | None, fault: str) -> None:
            etag = f'"{sha256(data).hexdigest()[:8]}"'
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and ranges else 0
            if self.headers.get("If-Range", etag) != etag:
                start = 0
            if start and start >= len(data):
                self.send_response(416)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = start // 2 if fault == "other range" else start
            body = data[start:]
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("ETag", etag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.send(body, fault)

        def send(self, body: bytes, fault: str) -> None:
            try:
                if fault == "wrong":
                    body = bytes(byte ^ 1 for byte in body)
                elif fault == "cut":
                    body, self.close_connection = body[: len(body) // 2], True
                for at in range(0, len(body), 8192):
                    self.wfile.write(body[at : at + 8192])
                    if fault == "slow":
                        time.sleep(0.1)
            except (BrokenPipeError, ConnectionResetError):  # the client has left
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler
