"""Weights from one model into another."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import ModelError
from heartkit.models.backend import keras
from heartkit.models.files import load_model

WEIGHTS_ONLY = ".weights.h5"
"""How files end that hold weights without an architecture."""


def load_weights(model: keras.Model, path: Path) -> None:
    """Copy the weights of a stored model into a model of the same architecture.

    Parameters
    ----------
    model : keras.Model
        Filled in; left as it is where the weights do not fit.
    path : Path
        A ``.keras`` model or a ``.weights.h5`` file.

    Raises
    ------
    ModelError
        If the file is absent, cannot be read, or its weights have other shapes.
    """
    weights_only = path.name.endswith(WEIGHTS_ONLY) and path.is_file()
    stored = _read_weights(model, path) if weights_only else load_model(path).get_weights()
    there, here = _shapes(stored), _shapes(model.get_weights())
    if there != here:
        differing = next((pair for pair in zip(there, here, strict=False) if pair[0] != pair[1]), None)
        what = f"a shape of {differing[0]!r} for {differing[1]!r}" if differing else "another depth"
        raise _no_fit(path, f"{len(there)} arrays for {len(here)}, {what}")
    model.set_weights(stored)


def bare_copy(model: keras.Model) -> keras.Model:
    """Return a copy of a model with its weights, without its optimiser and its loss."""
    copy = type(model).from_config(model.get_config())
    copy.set_weights(model.get_weights())
    return copy


def _read_weights(model: keras.Model, path: Path) -> list[NDArray[Any]]:
    """Read weights by way of a copy of the model: Keras leaves a model half filled where they do not fit."""
    copy = bare_copy(model)
    try:
        with warnings.catch_warnings():
            # Said of every layer that does not fit, and of older files; the error says it once.
            warnings.filterwarnings("ignore", "Skipping nested container", UserWarning)
            copy.load_weights(path)
    except (ValueError, OSError, KeyError) as error:
        raise _no_fit(path, str(error).splitlines()[0]) from error
    weights: list[NDArray[Any]] = copy.get_weights()
    return weights


def _shapes(weights: list[NDArray[Any]]) -> list[tuple[int, ...]]:
    return [np.shape(weight) for weight in weights]


def _no_fit(path: Path, why: str) -> ModelError:
    return ModelError(
        f"The weights in {str(path)!r} do not fit the configured architecture: {why.rstrip('.')}. "
        f"Use the architecture they were trained with, or leave weights_file out."
    )
