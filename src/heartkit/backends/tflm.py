"""TensorFlow Lite Micro's own interpreter on this computer: the numbers that a device will give."""

from __future__ import annotations

from pathlib import Path

from heartkit.artifact.runners import TflmRunner
from heartkit.backends.quantised import QuantisedPredictor, read_flatbuffer
from heartkit.errors import BackendError


def tflm_predictor(model: bytes) -> QuantisedPredictor:
    """Predict with a LiteRT model in memory; `BackendError` where TFLite-Micro is not installed or refuses it."""
    return QuantisedPredictor(TflmRunner(model))


def open_predictor(path: Path) -> QuantisedPredictor:
    """Open a ``.tflite`` file.

    Raises
    ------
    ModelError
        If the file is absent or no LiteRT model.
    BackendError
        If it is a Keras model, or TFLite-Micro is not installed or refuses the model.
    """
    if path.suffix == ".keras":
        raise BackendError(f"Backend 'tflm' runs .tflite files, not {str(path)!r}. Run 'heartkit export' first.")
    return tflm_predictor(read_flatbuffer(path))
