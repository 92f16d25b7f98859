"""Models on this computer: Keras for ``.keras`` files, LiteRT for ``.tflite`` files."""

from __future__ import annotations

from pathlib import Path

from heartkit.backends.base import Predictor
from heartkit.errors import ModelError


def open_predictor(path: Path) -> Predictor:
    """Open a model file by its extension.

    Raises
    ------
    ModelError
        If the extension is neither, or the file is absent or cannot be read.
    """
    if path.suffix == ".keras":
        from heartkit.backends import keras_backend

        return keras_backend.open_predictor(path)
    if path.suffix == ".tflite":
        from heartkit.backends import litert

        return litert.open_predictor(path)
    raise ModelError(
        f"The model file {str(path)!r} ends in {path.suffix!r}; backend 'pc' runs .keras and .tflite files."
    )
