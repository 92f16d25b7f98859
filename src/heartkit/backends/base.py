"""What every backend is to those who use it: float frames in, float outputs out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import DataError, ModelError
from heartkit.factories import BackendFactory


class Predictor(Protocol):
    """A network that is ready to answer.

    Attributes
    ----------
    input_shape : tuple of int
        (time, channels) of one frame.
    output_shape : tuple of int
        Shape of one answer, e.g. (time, classes).
    """

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]

    def predict(self, frames: NDArray[Any], batch: int = 256) -> NDArray[np.float32]:
        """Answer for each frame.

        Parameters
        ----------
        frames : ndarray, shape (n, time, channels)
            Preprocessed frames; finite. None (n = 0) are answered by an empty array.
        batch : int
            How many are computed at once where the backend can do that.

        Returns
        -------
        ndarray of float32, shape (n, *output_shape)

        Raises
        ------
        ModelError
            If the frames have another shape than the model's input.
        DataError
            If they hold NaN or infinite values.
        """
        ...


def open_predictor(path: Path, backend: str = "pc", input_shape: tuple[int, int] | None = None) -> Predictor:
    """Open a model file on a backend.

    Parameters
    ----------
    path : Path
        A ``.keras`` or ``.tflite`` file.
    backend : str
        Name of the backend.
    input_shape : tuple of int, optional
        The (frame size, channels) that frames will have, to find out now whether the model takes them.

    Raises
    ------
    UnknownNameError
        If no backend has that name.
    ModelError
        If the file is absent, no model, or takes frames of another shape.
    BackendError
        If the backend cannot run here.
    """
    predictor: Predictor = BackendFactory.get(backend)(path)
    if input_shape is not None and tuple(input_shape) != predictor.input_shape:
        raise ModelError(
            f"The model {str(path)!r} takes frames of (time, channels) = {predictor.input_shape!r}, but the "
            f"configuration makes {tuple(input_shape)!r}. Set frame_size to {predictor.input_shape[0]} (and as many "
            "signals), or train a model for these frames."
        )
    return predictor


def checked(frames: NDArray[Any], input_shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return frames as float32, or say why a model cannot take them; see `Predictor.predict` for the errors."""
    if frames.shape[1:] != input_shape:
        raise ModelError(
            f"The model takes frames of (time, channels) = {input_shape!r}, got {frames.shape[1:]!r}. "
            "Cut the frames to the model's frame_size, or choose the model that fits."
        )
    values = np.asarray(frames, np.float32)
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).any(axis=(1, 2)).sum())
        raise DataError(f"{bad} of {len(values)} frames hold NaN or infinite values. Leave them out, or fill the gaps.")
    return values
