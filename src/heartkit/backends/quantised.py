"""A converted model as a `Predictor`: quantise, run, dequantise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.artifact.runners import Runner, dequantised_outputs, quantised_frames
from heartkit.backends.base import checked
from heartkit.errors import ModelError


class QuantisedPredictor:
    """Predict with an interpreter; see `heartkit.backends.base.Predictor`.

    Parameters
    ----------
    runner : Runner
        The interpreter with its model.
    """

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.input_shape = runner.model.input.shape[1:]
        self.output_shape = runner.model.output.shape[1:]

    def predict(self, frames: NDArray[Any], batch: int = 256) -> NDArray[np.float32]:
        """Answer for each frame, one after the other: the model's batch is fixed at 1, and `batch` changes nothing."""
        raw = quantised_frames(self.runner, checked(frames, self.input_shape))
        return dequantised_outputs(self.runner, self.runner.run(raw))


def read_flatbuffer(path: Path) -> bytes:
    """Read a ``.tflite`` file; an absent one raises `ModelError`."""
    if not path.is_file():
        raise ModelError(
            f"The model file {str(path)!r} is not there. "
            "Make one with 'heartkit export', or set model_file to a file that exists."
        )
    return path.read_bytes()
