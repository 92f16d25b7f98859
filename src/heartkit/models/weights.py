"""Weights from one model into another."""

from __future__ import annotations

from pathlib import Path

from heartkit.errors import ModelError
from heartkit.models.backend import keras
from heartkit.models.files import load_model


def load_weights(model: keras.Model, path: Path) -> None:
    """Copy the weights of a stored model into a model of the same architecture.

    Parameters
    ----------
    model : keras.Model
        Filled in.
    path : Path
        A ``.keras`` model or a ``.weights.h5`` file.

    Raises
    ------
    ModelError
        If the file is absent or its weights have other shapes.
    """
    try:
        if path.name.endswith(".weights.h5") and path.is_file():
            model.load_weights(path)
        else:
            model.set_weights(load_model(path).get_weights())
    except (ValueError, OSError) as error:
        raise ModelError(
            f"The weights in {path} do not fit the configured architecture: {str(error).splitlines()[0]} "
            f"Use the architecture they were trained with, or leave weights_file out."
        ) from error
