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


def load_weights(model: keras.Model, path: Path) -> str:
    """Copy the weights of a stored model into a model of the same architecture, its head aside if that differs.

    Parameters
    ----------
    model : keras.Model
        Filled in; left as it is where the weights do not fit.
    path : Path
        A ``.keras`` model, or a ``.weights.h5`` file, which must fit as a whole: it does not say what is what.

    Returns
    -------
    str
        What was taken, in a sentence.

    Raises
    ------
    ModelError
        If the file is absent, cannot be read, or its weights have other shapes.
    """
    weights_only = path.name.endswith(WEIGHTS_ONLY) and path.is_file()
    source = None if weights_only else load_model(path)
    stored = _read_weights(model, path) if source is None else source.get_weights()
    there, here = _shapes(stored), _shapes(model.get_weights())
    if there == here:
        model.set_weights(stored)
        return f"All {len(here)} arrays of weights are those of {path}."
    if source is not None and _same_body(source, model):
        return _take_body(source, model, path)
    differing = next((pair for pair in zip(there, here, strict=False) if pair[0] != pair[1]), None)
    what = f"a shape of {differing[0]!r} for {differing[1]!r}" if differing else "another depth"
    raise _no_fit(path, f"{len(there)} arrays for {len(here)}, {what}", model, source)


def bare_copy(model: keras.Model) -> keras.Model:
    """Return a copy of a model with its weights, without its optimiser and its loss."""
    copy = type(model).from_config(model.get_config())
    copy.set_weights(model.get_weights())
    return copy


def _layers(model: keras.Model) -> list[Any]:
    """Return the layers that have weights, from input to output: the last one is the head."""
    return [layer for layer in model.layers if layer.get_weights()]


def _same_body(source: keras.Model, model: keras.Model) -> bool:
    """Say whether two models have the same layers before their heads, by name and shape."""
    bodies = [[(layer.name, _shapes(layer.get_weights())) for layer in _layers(one)[:-1]] for one in (source, model)]
    return bool(bodies[0]) and bodies[0] == bodies[1]


def _take_body(source: keras.Model, model: keras.Model, path: Path) -> str:
    *taken, old = _layers(source)
    *filled, new = _layers(model)
    for there, here in zip(taken, filled, strict=True):
        here.set_weights(there.get_weights())
    return (
        f"The weights of {len(taken)} layers, all but the head, are those of {path}; the head {new.name!r} begins "
        f"anew: it gives {new.output.shape[-1]} numbers, that of the file {old.output.shape[-1]}."
    )


def _read_weights(model: keras.Model, path: Path) -> list[NDArray[Any]]:
    """Read weights by way of a copy of the model: Keras leaves a model half filled where they do not fit."""
    copy = bare_copy(model)
    try:
        with warnings.catch_warnings():
            # Said of every layer that does not fit, and of older files; the error says it once.
            warnings.filterwarnings("ignore", "Skipping nested container", UserWarning)
            copy.load_weights(path)
    except (ValueError, OSError, KeyError) as error:
        raise _no_fit(path, str(error).splitlines()[0], model) from error
    weights: list[NDArray[Any]] = copy.get_weights()
    return weights


def _shapes(weights: list[NDArray[Any]]) -> list[tuple[int, ...]]:
    return [np.shape(weight) for weight in weights]


def _no_fit(path: Path, why: str, model: keras.Model, source: keras.Model | None = None) -> ModelError:
    of = f" of the network {source.name!r}" if source is not None else ""
    return ModelError(
        f"The weights{of} in {str(path)!r} do not fit the configured architecture {model.name!r}: {why.rstrip('.')}. "
        f"Use the architecture they were trained with (only its head, the last layer, may differ), or leave "
        f"weights_file out."
    )
