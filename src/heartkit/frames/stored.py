"""Sets of frames kept in a file, so that runs share exactly the same ones.

The file is a NumPy archive of plain arrays. Pickles of earlier generations are read too, without running anything that
they name.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit import files
from heartkit.errors import DataError
from heartkit.frames.pickles import read_arrays

log = logging.getLogger(__name__)

ZIP = b"PK"
"""How a NumPy archive begins; no pickle does."""


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
        If the file cannot be read, holds anything but plain arrays of numbers, or does not fit the run.
    """
    try:
        with path.open("rb") as file:
            archive = file.read(len(ZIP)) == ZIP
        stored = _read_archive(path, made_with) if archive else _read_pickle(path)
    except DataError:
        raise
    except Exception as error:  # broken archives fail in as many ways as zip, zlib and NumPy have exceptions
        raise DataError(
            f"The stored frames in {path} cannot be read: {error}. Delete the file to make it anew."
        ) from error
    frames, classes = stored.frames, stored.classes
    if frames.shape[1:] != shape or not frames.shape[:1] == classes.shape[:1] == stored.patients.shape[:1]:
        raise DataError(
            f"The stored frames in {path} have shape {frames.shape} with answers of shape {classes.shape}; expected "
            f"(n, {shape[0]}, {shape[1]}) with n answers. Correct frame_size, or delete the file to make it anew."
        )
    if not np.isfinite(frames).all():
        raise DataError(f"The stored frames in {path} hold NaN or infinity. Delete the file to make it anew.")
    return stored


def _read_archive(path: Path, made_with: Mapping[str, object]) -> StoredFrames:
    # The file is opened here, as NumPy leaves that of a broken archive open.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        then = dict(json.loads(archive["made_with"].tobytes()))
        now = json.loads(json.dumps(dict(made_with)))
        changed = [key for key in now if then.get(key) != now[key]]
        if changed:
            raise DataError(
                f"The stored frames in {path} were made with {changed[0]} = {then.get(changed[0])!r}; it is "
                f"{now[changed[0]]!r} now. Set it back, name another file, or delete this one to make it anew."
            )
        return StoredFrames(
            archive["frames"].astype(np.float32, casting="same_kind", copy=False),
            _whole(archive["classes"]),
            archive["patients"].astype(np.int64, casting="same_kind", copy=False),
        )


def _read_pickle(path: Path) -> StoredFrames:
    frames, answers = read_arrays(path, 2)
    # One-hot answers of earlier generations become class numbers.
    classes = answers.argmax(-1) if answers.ndim == frames.ndim and answers.shape[-1] > 1 else answers
    classes = _whole(classes.reshape(classes.shape[:2]))
    return StoredFrames(frames.astype(np.float32), classes, np.arange(len(frames)))


def _whole(classes: NDArray[Any]) -> NDArray[Any]:
    """Return class numbers as whole numbers, which some pickles hold as floating-point ones."""
    if classes.dtype.kind not in "iu" and not (np.isfinite(classes).all() and (classes == np.round(classes)).all()):
        raise ValueError("its answers are not whole numbers")
    return classes if classes.dtype.kind in "iu" else classes.astype(np.int64)
