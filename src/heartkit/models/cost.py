"""What a network costs on the target: parameters, multiply-accumulates, activation memory."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from heartkit.models.backend import keras

_FUSED = (
    "BatchNormalization", "Activation", "ReLU", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "Reshape", "Flatten",
)  # fmt: skip
"""Layers that fold into the operator before them, or keep its buffer."""


@dataclass(frozen=True)
class LayerCost:
    """One layer: its name and kind, the shape of its output without the batch, its parameters and MACs."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    macs: int


@dataclass(frozen=True)
class Cost:
    """What one frame costs.

    Attributes
    ----------
    parameters : int
        All weights, those of batch normalisation included (which fold away at export).
    macs : int
        Multiply-accumulates of convolutions and dense layers; sums and activations are not counted.
    peak_activation_bytes : int
        Most memory that activations need at once, in int8, where each operator's inputs and outputs are held together
        with what later operators still need. TFLite-Micro's arena holds its own structures besides.
    layers : tuple of LayerCost
        The layers in the order they run.
    """

    parameters: int
    macs: int
    peak_activation_bytes: int
    layers: tuple[LayerCost, ...]


def cost(model: keras.Model) -> Cost:
    """Count what one frame costs.

    Parameters
    ----------
    model : keras.Model
        A functional (or built sequential) model whose shapes are known except for the batch.

    Returns
    -------
    Cost
        For one frame.
    """
    steps = [step for step in model.operations if type(step).__name__ != "InputLayer"]
    layers = tuple(
        LayerCost(step.name, type(step).__name__, _shape(step.output), _parameters(step), _macs(step)) for step in steps
    )
    return Cost(model.count_params(), sum(layer.macs for layer in layers), _peak_bytes(model, steps), layers)


def _shape(tensor: Any) -> tuple[int, ...]:
    return tuple(int(size) for size in tensor.shape[1:])


def _parameters(step: Any) -> int:
    return int(step.count_params()) if isinstance(step, keras.layers.Layer) else 0


def _macs(step: Any) -> int:
    """Return kernel weights x positions they are applied at; a transposed convolution applies them at its input's."""
    kernel = getattr(step, "kernel", None)
    if kernel is None:
        return 0
    at = step.input if "Transpose" in type(step).__name__ else step.output
    return int(math.prod(kernel.shape)) * math.prod(_shape(at)[:-1])


def _peak_bytes(model: keras.Model, steps: Iterable[Any]) -> int:
    """Run through the steps with a set of live buffers and return their greatest sum."""
    order = list(steps)
    buffer = {id(tensor): index for index, tensor in enumerate(model.inputs, -len(model.inputs))}
    size = {buffer[id(tensor)]: math.prod(_shape(tensor)) for tensor in model.inputs}
    last = dict.fromkeys(size, -1)
    for now, step in enumerate(order):
        inputs = [buffer[id(tensor)] for tensor in _tensors(step.input)]
        last.update(dict.fromkeys(inputs, now))
        buffer[id(step.output)] = inputs[0] if type(step).__name__ in _FUSED else now
        size.setdefault(buffer[id(step.output)], math.prod(_shape(step.output)))
        last.setdefault(buffer[id(step.output)], now)
    last.update({buffer[id(tensor)]: len(order) for tensor in model.outputs})
    held = [sum(size[b] for b in size if b <= now <= last[b]) for now in range(len(order))]
    return max(held, default=0)


def _tensors(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
