"""Keras on this computer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.backends.base import checked
from heartkit.models.backend import keras
from heartkit.models.files import load_model


class KerasPredictor:
    """Predict with a Keras model; see `heartkit.backends.base.Predictor`.

    Parameters
    ----------
    model : keras.Model
        With one input (batch, time, channels) and one output.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self.input_shape = tuple(model.input_shape[1:])
        self.output_shape = tuple(model.output_shape[1:])

    def predict(self, frames: NDArray[Any], batch: int = 256) -> NDArray[np.float32]:
        """Answer for each frame, `batch` frames at once."""
        values = checked(frames, self.input_shape)
        if len(values) == 0:
            return np.empty((0, *self.output_shape), np.float32)
        # Not `predict`: setting its pipeline up costs more than the answers to a recording's few frames.
        parts = [self.model.predict_on_batch(values[at : at + batch]) for at in range(0, len(values), batch)]
        return np.concatenate(parts).astype(np.float32)


def open_predictor(path: Path) -> KerasPredictor:
    """Open a ``.keras`` file in safe mode; an absent or unreadable one raises `ModelError`."""
    return KerasPredictor(load_model(path))


def untrained(path: Path, seed: int) -> KerasPredictor:
    """Open the network of a ``.keras`` file with fresh weights, which depend on the seed alone; errors as above."""
    model = load_model(path)
    keras.utils.set_random_seed(seed % 2**32)
    return KerasPredictor(type(model).from_config(model.get_config()))
