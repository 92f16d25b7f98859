"""What an architecture is: its parameters, what it can answer, and how it is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from heartkit.errors import ConfigError, HeartkitError
from heartkit.factories import ModelFactory
from heartkit.models.backend import keras
from heartkit.models.heads import frame_head
from heartkit.models.params import PooledParams, TopParams
from heartkit.strict import StrictParams

SAMPLE = "sample"
"""Head with an answer for every sample: outputs (batch, time, num_classes)."""
FRAME = "frame"
"""Head with one answer for the frame: outputs (batch, num_classes)."""

OPERATORS = frozenset({"RESHAPE", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "MUL", "AVERAGE_POOL_2D"})
"""What networks of convolutions with batch norm, relu6, squeeze-excite and a head become on the target."""


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
        Its parameters, a `TopParams` unless it has a `make` of its own.
    build : callable
        ``(inputs, params, num_classes, head) -> outputs``: inputs (batch, time, channels) and outputs are Keras
        tensors; head is one of `heads`.
    heads : frozenset of str
        Which heads it has: `SAMPLE`, `FRAME`.
    operators : frozenset of str
        LiteRT's names of the operators that it may become in int8 and int16x8.
    example : mapping
        Parameters of a small network, some thousand multiply-accumulates, that uses most of what the architecture has:
        what its tests build.
    """

    name: str
    summary: str
    params: type[StrictParams]
    build: Callable[[keras.KerasTensor, Any, int, str], keras.KerasTensor]
    heads: frozenset[str]
    operators: frozenset[str] = OPERATORS
    example: Mapping[str, Any] = field(default_factory=dict)

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
        self.require(head)
        if min(*input_shape, num_classes) < 1:
            raise ConfigError(
                f"A {self.name} with inputs of shape {input_shape!r} and {num_classes!r} classes cannot be built: "
                "frame_size, channels and num_classes must be at least 1."
            )
        read: Any = self.params.read(params, f"architecture.params of {self.name!r}")
        inputs = keras.Input(tuple(input_shape), name="frame")
        return keras.Model(
            inputs, self.build(inputs, read, num_classes, head), name=read.name or read.model_name or self.name
        )

    def require(self, head: str, what_for: str = "") -> None:
        """Make sure that it has a head.

        Parameters
        ----------
        head : str
            Which.
        what_for : str
            Said of the head where it is missing, e.g. ``", which task 'beat' needs"``.

        Raises
        ------
        ConfigError
            If it has not; the message names architectures that have.
        """
        if head not in self.heads:
            others = ", ".join(answering(head)) or "none that is known"
            raise ConfigError(
                f"Architecture {self.name!r} cannot answer per {head}{what_for}; it answers per "
                f"{', per '.join(sorted(self.heads))}. Those that answer per {head}: {others}."
            )


def answering(head: str) -> list[str]:
    """Return the names of the architectures that have a head; one that cannot be imported is not among them."""
    found = []
    for name in ModelFactory.list():
        try:
            heads = ModelFactory.get(name).heads
        except HeartkitError:
            continue
        found += [name] * (head in heads)
    return found


def finish(x: keras.KerasTensor, params: TopParams) -> keras.KerasTensor:
    """Apply what the configuration asks for after the head: an activation, a softmax, or nothing (logits)."""
    if not params.include_top:
        return x
    kind = params.output_activation or ("linear" if params.use_logits else "softmax")
    return x if kind == "linear" else keras.layers.Activation(kind, name="output")(x)


def frame_answer(
    x: keras.KerasTensor, params: PooledParams, num_classes: int, dropout: float | None = None
) -> keras.KerasTensor:
    """Give one answer for the frame, as far as the configuration wants a head; see `frame_head` and `finish`."""
    classes = num_classes if params.include_top else None
    return finish(frame_head(x, classes, dropout=dropout, pooling=params.pooling), params)


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
