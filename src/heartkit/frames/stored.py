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
    answers : array, first axis n
        What a model should say: class numbers, or float32 where the task's answers are no classes.
    patients : (n,) array of int
        Whose frame each is.
    """

    frames: NDArray[np.float32]
    answers: NDArray[Any]
    patients: NDArray[np.int64]


def save_frames(path: Path, stored: StoredFrames, made_with: Mapping[str, object]) -> None:
    """Write frames to a file, with the parameters they were made with.

    The format is a NumPy archive, whatever the file is called.
    """
    facts = np.frombuffer(json.dumps(dict(made_with), sort_keys=True).encode(), np.uint8)
    with files.replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file, frames=stored.frames, answers=stored.answers, patients=stored.patients, made_with=facts
        )
    log.info("kept %d frames in %s", len(stored.frames), path)


def load_frames(
    path: Path, made_with: Mapping[str, object], shape: tuple[int, int], labels: bool = True
) -> StoredFrames:
    """Read frames from a file.

    Parameters
    ----------
    path : Path
        A NumPy archive that `save_frames` wrote, or a pickle of (frames, answers).
    made_with : mapping
        The parameters of this run; those in the archive must agree.
    shape : tuple of int
        (frame_size, channels) that this run takes.
    labels : bool
        Whether answers are class numbers.

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
        stored = _read_archive(path, made_with, labels) if archive else _read_pickle(path, labels)
    except DataError:
        raise
    except Exception as error:  # broken archives fail in as many ways as zip, zlib and NumPy have exceptions
        raise DataError(
            f"The stored frames in {path} cannot be read: {error}. Delete the file to make it anew."
        ) from error
    frames, answers = stored.frames, stored.answers
    if frames.shape[1:] != shape or not frames.shape[:1] == answers.shape[:1] == stored.patients.shape[:1]:
        raise DataError(
            f"The stored frames in {path} have shape {frames.shape} with answers of shape {answers.shape}; expected "
            f"(n, {shape[0]}, {shape[1]}) with n answers. Correct frame_size, or delete the file to make it anew."
        )
    if not np.isfinite(frames).all():
        raise DataError(f"The stored frames in {path} hold NaN or infinity. Delete the file to make it anew.")
    return stored


def _read_archive(path: Path, made_with: Mapping[str, object], labels: bool) -> StoredFrames:
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
            _checked(archive["answers"], labels),
            archive["patients"].astype(np.int64, casting="same_kind", copy=False),
        )


def _read_pickle(path: Path, labels: bool) -> StoredFrames:
    frames, answers = read_arrays(path, 2)
    if labels:
        # One-hot answers of earlier generations become class numbers.
        answers = answers.argmax(-1) if answers.ndim == frames.ndim and answers.shape[-1] > 1 else answers
        answers = answers.reshape(answers.shape[:2])
    return StoredFrames(frames.astype(np.float32), _checked(answers, labels), np.arange(len(frames)))


def _checked(answers: NDArray[Any], labels: bool) -> NDArray[Any]:
    """Return class numbers as whole numbers, which some pickles hold as floating-point ones, other answers as float32.

    Raises
    ------
    ValueError
        If they are not finite numbers of that kind.
    """
    if labels:
        return _whole(answers)
    if not np.isfinite(answers).all():
        raise ValueError("its answers hold NaN or infinity")
    return answers.astype(np.float32)


def _whole(classes: NDArray[Any]) -> NDArray[Any]:
    if classes.dtype.kind not in "iu" and not (np.isfinite(classes).all() and (classes == np.round(classes)).all()):
        raise ValueError("its answers are not whole numbers")
    return classes if classes.dtype.kind in "iu" else classes.astype(np.int64)
