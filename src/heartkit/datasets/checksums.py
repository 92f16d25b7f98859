"""The publisher's list of files: ``SHA256SUMS.txt`` as PhysioNet and `sha256sum` write it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from heartkit.errors import DownloadError

SUMS_FILE = "SHA256SUMS.txt"
UNFINISHED = ".part"

# The sum, a space, and as sha256sum writes it a second space, or an asterisk for binary mode; PhysioNet: one space.
_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *]?(\S.*)")


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that the publisher offers.

    Parameters
    ----------
    path : str
        Relative to the dataset's folder, with ``/`` between the parts.
    sha256 : str
        Its sum, 64 lower-case hexadecimal digits.
    """

    path: str
    sha256: str


def parse_sums(text: str, source: str = SUMS_FILE) -> list[RemoteFile]:
    """Read a list of files with their SHA-256 sums.

    Parameters
    ----------
    text : str
        One file per line: the sum, one or two spaces (or a space and ``*``), the path.
    source : str
        Where the text comes from, for messages.

    Returns
    -------
    list of RemoteFile
        In the list's order, each path once; the list itself is never in it.

    Raises
    ------
    DownloadError
        If a line is no such line, a path could lead out of the folder, a path has two sums, or nothing is listed.
    """
    sums: dict[str, str] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line.removesuffix("\r"))
        if found is None:
            raise DownloadError(
                f"{source}, line {number}: expected '<SHA-256> <path>', got {line[:80]!r}. Is this a page that asks to "
                "log in, or the wrong base URL?"
            )
        digest, path = found[1].lower(), found[2]
        if not is_safe(path):
            raise DownloadError(
                f"{source}, line {number}: the path {path!r} could lead out of the dataset's folder. Nothing was "
                "fetched; do not trust this server."
            )
        if sums.setdefault(path, digest) != digest:
            raise DownloadError(f"{source}, line {number}: {path!r} is listed with two different sums.")
    sums.pop(SUMS_FILE, None)  # no file can hold its own sum
    if not sums:
        raise DownloadError(f"{source} lists no file. Check the dataset's version and the base URL.")
    clash = next((path for path in sums if path + UNFINISHED in sums), None)
    if clash is not None:
        raise DownloadError(f"{source} lists {clash + UNFINISHED!r}, the name under which {clash!r} would be fetched.")
    return [RemoteFile(path, digest) for path, digest in sums.items()]


def is_safe(path: str) -> bool:
    r"""Say whether a listed path stays inside its folder on every operating system.

    Refused are absolute paths, empty parts, ``.`` and ``..``, backslashes, colons (drives, streams) and control
    characters.
    """
    if any(character in "\\:\x7f" or character < " " for character in path):
        return False
    return all(part not in ("", ".", "..") for part in path.split("/"))
