"""What an architecture is: its parameters, what it can answer, and how it is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from heartkit.errors import ConfigError
from heartkit.models.backend import keras
from heartkit.models.params import TopParams

SAMPLE = "sample"
"""Head with an answer for every sample: outputs (batch, time, num_classes)."""
FRAME = "frame"
"""Head with one answer for the frame: outputs (batch, num_classes)."""


@dataclass(frozen=True)
class Architecture:
    """A family of networks that configurations call by name.

    Attributes
    ----------
    name : str
        The name in configurations.
    summary : str
        One line about it.
    params : type
        Its parameters, a `TopParams`.
    build : callable
        ``(inputs, params, num_classes, head) -> outputs``: inputs (batch, time, channels) and outputs are Keras
        tensors; head is one of `heads`.
    heads : frozenset of str
        Which heads it has: `SAMPLE`, `FRAME`.
    """

    name: str
    summary: str
    params: type[TopParams]
    build: Callable[[keras.KerasTensor, Any, int, str], keras.KerasTensor]
    heads: frozenset[str]

    def make(
        self, input_shape: tuple[int, int], params: Mapping[str, Any], num_classes: int, head: str = SAMPLE
    ) -> keras.Model:
        """Build a network with fresh weights.

        Parameters
        ----------
        input_shape : tuple of int
            (frame size in samples, channels), each >= 1.
        params : mapping
            Parameters as a configuration has them.
        num_classes : int
            Channels of the head, >= 1.
        head : str
            `SAMPLE` or `FRAME`.

        Returns
        -------
        keras.Model
            From (batch, time, channels) to (batch, time, num_classes) with the head per sample, to
            (batch, num_classes) with the head per frame, float32.

        Raises
        ------
        ConfigError
            If a parameter is unknown or out of its range, a size is not positive, or it has no such head.
        """
        if head not in self.heads:
            raise ConfigError(
                f"Architecture {self.name!r} cannot answer per {head}; it answers per "
                f"{', per '.join(sorted(self.heads))}. Choose another architecture (`heartkit list models`)."
            )
        if min(*input_shape, num_classes) < 1:
            raise ConfigError(
                f"A {self.name} with inputs of shape {input_shape!r} and {num_classes!r} classes cannot be built: "
                "frame_size, channels and num_classes must be at least 1."
            )
        read = self.params.read(params, f"architecture.params of {self.name!r}")
        inputs = keras.Input(tuple(input_shape), name="frame")
        return keras.Model(
            inputs, self.build(inputs, read, num_classes, head), name=read.name or read.model_name or self.name
        )


def finish(x: keras.KerasTensor, params: TopParams) -> keras.KerasTensor:
    """Apply what the configuration asks for after the head: an activation, a softmax, or nothing (logits)."""
    if not params.include_top:
        return x
    kind = params.output_activation or ("linear" if params.use_logits else "softmax")
    return x if kind == "linear" else keras.layers.Activation(kind, name="output")(x)


def with_probabilities(model: keras.Model, kind: str = "softmax") -> keras.Model:
    """Return the same network with its logits turned into probabilities; the weights are shared.

    Parameters
    ----------
    model : keras.Model
        A network that answers with logits.
    kind : str
        ``"softmax"`` over the classes (with one class a sigmoid), or ``"sigmoid"`` of each.
    """
    kind = kind if model.output_shape[-1] > 1 else "sigmoid"
    outputs = keras.layers.Activation(kind, name="probabilities")(model.outputs[0])
    return keras.Model(model.inputs[0], outputs, name=model.name)
