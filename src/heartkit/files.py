"""Writing results so that nothing is ever half there: whole files and folders take their name only when complete."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import json
import math
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import Any

from heartkit.errors import HeartkitError

_FULL = "there is no space left. Free some, or choose a folder on another disk; what was there before is unharmed"
_FORBIDDEN = "that is not permitted. Correct the folder's permissions, or choose another folder"
_SHAPE = "a file stands where a folder is needed, or a folder where a file is. Move it, or choose another name"
_ADVICE: Mapping[int, str] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EROFS: _FORBIDDEN,
    errno.ENOTDIR: _SHAPE,
    errno.EISDIR: _SHAPE,
    errno.EEXIST: _SHAPE,
    errno.EFBIG: "the file is larger than the disk's format or your limit admits. Choose a folder on another disk",
    errno.ENAMETOOLONG: "the name is too long. Choose a shorter one",
    errno.EIO: "the disk reports a fault. Choose a folder on another disk",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says about writing `path` into an error that says what to do.

    Only errors about `path`, its temporary neighbours and the folders above it are translated; others pass.

    Parameters
    ----------
    path : Path
        The file or folder that the body writes.

    Raises
    ------
    HeartkitError
        If the disk is full, or `path` may not or cannot be written.
    """
    try:
        yield
    except OSError as error:
        # Libraries in C (HDF5, Arrow) pass a full disk on as text without the number.
        number = errno.ENOSPC if "No space left" in str(error) else error.errno
        advice = _ADVICE.get(number or 0)
        if advice is None or not _concerns(error, path):
            raise
        raise HeartkitError(f"Cannot write {str(path)!r}: {advice}. ({error.strerror or error})") from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write; move it onto `path` if the body succeeds, remove it if not.

    The temporary file stands in the same folder (so that the move is one step of the file system) and its name ends
    in that of `path`, so that libraries which look at the extension do what they would. It does not exist yet.

    Parameters
    ----------
    path : Path
        File to write; missing folders above it are made.

    Yields
    ------
    Path
        Where to write instead.

    Raises
    ------
    HeartkitError
        If the disk is full, or `path` may not or cannot be written; the old file is unharmed.
    """
    temporary = _neighbour(path)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            move_into_place(temporary, path)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Give an empty temporary folder to fill; move it onto `path` if the body succeeds, remove it if not.

    An old folder `path` is moved aside first and removed last, and moved back if the new one cannot take its place.

    Yields
    ------
    Path
        The folder to fill.

    Raises
    ------
    HeartkitError
        If the disk is full, or `path` may not or cannot be written; the old folder is unharmed.
    """
    temporary = _neighbour(path)
    with writing(path):
        temporary.mkdir(parents=True)
        try:
            yield temporary
            for file in temporary.rglob("*"):
                _sync(file)
            _swap_folder(temporary, path)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file, wholly or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file with ``\\n`` line ends, wholly or not at all."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file, wholly or not at all.

    Parameters
    ----------
    path : Path
        File to write.
    value : object
        Besides what JSON knows: mappings and sequences of any kind, sets (sorted), NumPy arrays and numbers,
        dataclasses, enumerations and paths. Numbers that are not finite become ``null``, as JSON has no word for them.
    """
    write_text(path, json.dumps(_plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def sha256(path: Path) -> str:
    """Return the SHA-256 sum of a file, as 64 lower-case hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def move_into_place(temporary: Path, path: Path) -> None:
    """Move a finished file onto `path` in the same file system, so that it outlives a power cut."""
    _sync(temporary)
    temporary.replace(path)
    _sync(path.parent)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool)):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, (int, float)):
        return value if math.isfinite(value) else None
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(_plain, value))
    if dataclasses.is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if hasattr(value, "tolist"):  # NumPy arrays and numbers
        return _plain(value.tolist())
    return [_plain(item) for item in value]


def _neighbour(path: Path) -> Path:
    return path.with_name(f".{secrets.token_hex(4)}-{path.name}")


def _swap_folder(new: Path, path: Path) -> None:
    if not path.exists():
        new.rename(path)
        return
    old = _neighbour(path)
    path.rename(old)
    try:
        new.rename(path)
    except BaseException:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _sync(path: Path) -> None:
    """Have the system put a file (or a folder's list of names) on the disk itself, where it offers that."""
    if os.name == "nt":  # Windows opens no folders, and syncs only files open for writing
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems sync no folders
            raise
    finally:
        os.close(handle)


def _concerns(error: OSError, path: Path) -> bool:
    if error.filename is None:
        return True
    named = Path(os.fsdecode(error.filename))
    return named in (path, *path.parents) or path.parent in named.parents
