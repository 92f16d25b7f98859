"""A network of one's own without code: a saved Keras model, as it is.

The file is read in safe mode and must take the configured frames and give the configured answers. Its weights are where
training starts; ``weights_file`` puts others in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from heartkit.errors import ConfigError, ModelError
from heartkit.models.architecture import FRAME, SAMPLE, Architecture
from heartkit.models.backend import keras
from heartkit.models.files import load_model
from heartkit.strict import StrictParams

PROBABILITIES = ("softmax", "sigmoid", "log_softmax")
"""Activations after which nothing can be learned from logits any more."""


class KerasFileParams(StrictParams):
    """Where the model is."""

    path: Annotated[Path, Field(strict=False)] = Field(description="A .keras file of stock layers")


@dataclass(frozen=True)
class KerasFile(Architecture):
    """The architecture that is read from a file; it has no parameters but the path."""

    def make(
        self, input_shape: tuple[int, int], params: Mapping[str, Any], num_classes: int, head: str = SAMPLE
    ) -> keras.Model:
        """Read the network; parameters and errors as `Architecture.make`.

        Raises
        ------
        ConfigError
            If a parameter is unknown, or the model takes other frames or gives other answers.
        ModelError
            If the file cannot be read in safe mode.
        """
        self.require(head)
        path = KerasFileParams.read(params, f"architecture.params of {self.name!r}").path.expanduser()
        model = load_model(path)
        _check(model, path, tuple(input_shape), num_classes, head)
        return model


def _check(model: keras.Model, path: Path, shape: tuple[int, ...], num_classes: int, head: str) -> None:
    """Make sure that a model takes these frames and answers with logits of these classes."""
    inputs, outputs = getattr(model, "inputs", None), getattr(model, "outputs", None)
    if not inputs or not outputs or len(inputs) != 1 or len(outputs) != 1:
        count = f"{len(inputs)} inputs and {len(outputs)} outputs" if inputs and outputs else "unknown shapes"
        raise ModelError(
            f"The model in {str(path)!r} has {count}; one input and one output are needed. Save a functional model "
            "that is built for its frames."
        )
    takes, gives = tuple(inputs[0].shape), tuple(outputs[0].shape)
    if takes[0] is not None:
        raise ConfigError(
            f"The model in {str(path)!r} takes batches of {takes[0]} only. Save it with an open batch size "
            f"(keras.Input({shape!r}))."
        )
    if takes[1:] != shape:
        raise ConfigError(
            f"The model in {str(path)!r} takes frames of shape {takes[1:]!r} (samples, channels), but the configured "
            f"ones are {shape!r}. Set frame_size to {takes[1] if len(takes) == 3 else shape[0]}, or save a model for "
            f"{shape!r}."
        )
    expected = (shape[0], num_classes) if head == SAMPLE else (num_classes,)
    if gives[1:] != expected:
        raise ConfigError(
            f"The model in {str(path)!r} gives answers of shape {gives[1:]!r}, but an answer per {head} with "
            f"num_classes {num_classes} has {expected!r}. Save a model with such an output, or change num_classes."
        )
    last = outputs[0]._keras_history.operation
    kind = getattr(getattr(last, "activation", None), "__name__", type(last).__name__.lower())
    if kind in PROBABILITIES:
        raise ConfigError(
            f"The model in {str(path)!r} ends in a {kind}; training needs logits. Save it without the activation of "
            f"its last layer, {last.name!r}; `export` puts one behind it with `use_logits: false`."
        )


def _no_build(inputs: keras.KerasTensor, params: Any, num_classes: int, head: str) -> keras.KerasTensor:
    raise NotImplementedError("a model from a file is made whole, see KerasFile.make")


ARCHITECTURE = KerasFile(
    name="keras-file",
    summary="a saved Keras model, per sample or per frame as its output is",
    params=KerasFileParams,
    build=_no_build,
    heads=frozenset({SAMPLE, FRAME}),
)
