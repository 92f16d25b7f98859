"""Sets of frames kept in a file, so that runs share exactly the same ones.

The file is a NumPy archive of plain arrays. Pickles of earlier generations are read too, by an unpickler that builds
NumPy arrays and nothing else: no code in a file is ever run.
"""

from __future__ import annotations

import json
import logging
import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit import files
from heartkit.errors import DataError

log = logging.getLogger(__name__)

ADMITTED = {
    ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,
    ("numpy._core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,
    ("numpy.core.numeric", "_frombuffer"): np._core.numeric._frombuffer,
    ("numpy._core.numeric", "_frombuffer"): np._core.numeric._frombuffer,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("_codecs", "encode"): lambda text, encoding="utf-8": _latin1(text, encoding),
}
"""All that a pickle may name: what NumPy needs to build an array from bytes."""


@dataclass(frozen=True)
class StoredFrames:
    """Frames as arrays.

    Parameters
    ----------
    frames : (n, frame_size, channels) array of float32
        Preprocessed.
    classes : array of int, first axis n
        Their answers.
    patients : (n,) array of int
        Whose frame each is.
    """

    frames: NDArray[np.float32]
    classes: NDArray[Any]
    patients: NDArray[np.int64]


def save_frames(path: Path, stored: StoredFrames, made_with: Mapping[str, object]) -> None:
    """Write frames to a file, with the parameters they were made with.

    The format is a NumPy archive, whatever the file is called.
    """
    facts = np.frombuffer(json.dumps(dict(made_with), sort_keys=True).encode(), np.uint8)
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file, frames=stored.frames, classes=stored.classes, patients=stored.patients, made_with=facts
        )
    log.info("kept %d frames in %s", len(stored.frames), path)


def load_frames(path: Path, made_with: Mapping[str, object], shape: tuple[int, int]) -> StoredFrames:
    """Read frames from a file.

    Parameters
    ----------
    path : Path
        A NumPy archive that `save_frames` wrote, or a pickle of (frames, answers).
    made_with : mapping
        The parameters of this run; those in the archive must agree.
    shape : tuple of int
        (frame_size, channels) that this run takes.

    Returns
    -------
    StoredFrames
        From a pickle, which does not say whose frame each is, every frame counts as a patient.

    Raises
    ------
    DataError
        If the file cannot be read, holds anything but plain arrays, or does not fit the run.
    """
    try:
        stored = _read_archive(path, made_with) if zipfile.is_zipfile(path) else _read_pickle(path)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"The stored frames in {path} cannot be read: {error}. Delete the file to make it anew.") from error
    frames, classes = stored.frames, stored.classes
    if frames.shape[1:] != shape or len(classes) != len(frames):
        raise DataError(
            f"The stored frames in {path} have shape {frames.shape} with answers of shape {classes.shape}; expected "
            f"(n, {shape[0]}, {shape[1]}) with n answers. Correct frame_size, or delete the file to make it anew."
        )
    if not np.isfinite(frames).all():
        raise DataError(f"The stored frames in {path} hold NaN or infinity. Delete the file to make it anew.")
    return stored


def _read_archive(path: Path, made_with: Mapping[str, object]) -> StoredFrames:
    with np.load(path, allow_pickle=False) as archive:
        then = json.loads(archive["made_with"].tobytes())
        now = json.loads(json.dumps(dict(made_with)))
        changed = [key for key in now if then.get(key) != now[key]]
        if changed:
            raise DataError(
                f"The stored frames in {path} were made with {changed[0]} = {then.get(changed[0])!r}; it is "
                f"{now[changed[0]]!r} now. Set it back, name another file, or delete this one to make it anew."
            )
        return StoredFrames(archive["frames"], archive["classes"], archive["patients"])


def _read_pickle(path: Path) -> StoredFrames:
    try:
        with path.open("rb") as file:
            content = _ArraysOnly(file).load()
        frames, answers = (np.asarray(part) for part in content)
    except (pickle.UnpicklingError, TypeError, AttributeError, IndexError) as error:
        raise DataError(f"The pickle {path} is not a pair of plain arrays (frames, answers): {error}.") from error
    if frames.dtype.hasobject or answers.dtype.hasobject:
        raise DataError(f"The pickle {path} holds arrays of objects; expected numbers.")
    # One-hot answers of earlier generations become class numbers.
    classes = answers.argmax(-1) if answers.ndim == frames.ndim and answers.shape[-1] > 1 else answers
    classes = classes.reshape(classes.shape[:2]).astype(np.int64) if classes.ndim > 2 else classes.astype(np.int64)
    return StoredFrames(frames.astype(np.float32), classes, np.arange(len(frames)))


class _ArraysOnly(pickle.Unpickler):
    """An unpickler that can build NumPy arrays and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the few functions that arrays need."""
        if (module, name) not in ADMITTED:
            raise pickle.UnpicklingError(f"it names {module}.{name}, and only plain arrays are read")
        return ADMITTED[module, name]


def _latin1(text: str, encoding: str) -> bytes:
    """Turn text into bytes the one way in which old pickles hold an array's bytes."""
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"it encodes as {encoding!r}")
    return text.encode("latin-1")
