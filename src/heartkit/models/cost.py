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

_KERNELS = (
    "Dense", "EinsumDense", "Conv1D", "Conv2D", "Conv1DTranspose", "Conv2DTranspose", "DepthwiseConv1D",
    "DepthwiseConv2D",
)  # fmt: skip
"""Layers with one kernel whose multiply-accumulates are counted."""


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
        Multiply-accumulates of convolutions, dense layers and attention; sums and activations are not counted.
    peak_activation_bytes : int
        Most memory that activations need at once, in int8, where each operator's inputs and outputs are held together
        with what later operators still need. TFLite-Micro's arena holds its own structures besides.
    layers : tuple of LayerCost
        The layers in the order they run.
    uncounted : tuple of str
        Layers of kinds whose multiply-accumulates are not known here, and are not in `macs`.
    """

    parameters: int
    macs: int
    peak_activation_bytes: int
    layers: tuple[LayerCost, ...]
    uncounted: tuple[str, ...] = ()


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
    every = model.layers if isinstance(model, keras.Sequential) else model.operations
    steps = [step for step in every if type(step).__name__ != "InputLayer"]
    fixed = _fixed(steps)
    layers = tuple(
        LayerCost(
            step.name, type(step).__name__, _shape(step.output), _parameters(step),
            0 if id(step.output) in fixed else _macs(step),
        )
        for step in steps
    )  # fmt: skip
    uncounted = tuple(step.name for step in steps if not _is_known(step))
    peak = _peak_bytes(model, [step for step in steps if id(step.output) not in fixed], fixed)
    return Cost(model.count_params(), sum(layer.macs for layer in layers), peak, layers, uncounted)


def _fixed(steps: Iterable[Any]) -> set[int]:
    """Return the tensors (by id) that are the same for every frame: the converter computes them and what follows."""
    fixed: set[int] = set()
    for step in steps:
        inputs = _tensors(step.input)
        if type(step).__name__ in ("ZerosLike", "OnesLike") or all(id(tensor) in fixed for tensor in inputs):
            fixed.add(id(step.output))
    return fixed


def _shape(tensor: Any) -> tuple[int, ...]:
    return tuple(int(size) for size in tensor.shape[1:])


def _parameters(step: Any) -> int:
    return int(step.count_params()) if isinstance(step, keras.layers.Layer) else 0


def _macs(step: Any) -> int:
    """Return kernel weights x positions they are applied at; a transposed convolution applies them at its input's.

    A product of two tensors (attention) takes as many for each output as the dimension that is summed over is long.
    """
    if isinstance(step, keras.Model):
        return cost(step).macs
    name, kernel = type(step).__name__, getattr(step, "kernel", None)
    if name in ("Matmul", "Dot"):
        first = _tensors(step.input)[0]
        axis = -1 if name == "Matmul" or isinstance(step.axes, int) else step.axes[0]
        return math.prod(_shape(step.output)) * int(first.shape[axis])
    if kernel is None or name not in _KERNELS:
        return 0
    if name == "EinsumDense":
        return _einsum_macs(step)
    at = step.input if "Transpose" in name else step.output
    return int(math.prod(kernel.shape)) * math.prod(_shape(at)[:-1])


def _einsum_macs(step: Any) -> int:
    """Multiply the sizes of all letters of the equation but the batch's."""
    operands = step.equation.replace(" ", "").split("->")[0].split(",")
    shapes = [step.input.shape, step.kernel.shape]
    sizes = {
        letter: size
        for word, shape in zip(operands, shapes, strict=True)
        for letter, size in zip(word, shape, strict=True)
    }
    return math.prod(int(size) for letter, size in sizes.items() if letter != operands[0][0])


def _is_known(step: Any) -> bool:
    """Say whether a step has no weights that could multiply frames, or `_macs` knows how often they do."""
    name = type(step).__name__
    if not isinstance(step, keras.layers.Layer) or isinstance(step, keras.Model):
        return not isinstance(step, keras.Model) or not cost(step).uncounted
    if name == "EinsumDense":
        return "..." not in step.equation
    return name in _KERNELS or all(len(weight.shape) < 2 for weight in step.weights)


def _peak_bytes(model: keras.Model, steps: Iterable[Any], fixed: set[int]) -> int:
    """Run through the steps with a set of live buffers and return their greatest sum."""
    order, crosswise = list(steps), _crosswise(steps)
    buffer = {id(tensor): index for index, tensor in enumerate(model.inputs, -len(model.inputs))}
    size = {buffer[id(tensor)]: math.prod(_shape(tensor)) for tensor in model.inputs}
    last = dict.fromkeys(size, -1)
    for now, step in enumerate(order):
        inputs = [buffer[id(tensor)] for tensor in _tensors(step.input) if id(tensor) not in fixed]
        last.update(dict.fromkeys(inputs, now))
        kept = type(step).__name__ in _FUSED or id(step.output) in crosswise
        buffer[id(step.output)] = inputs[0] if kept else now
        size.setdefault(buffer[id(step.output)], math.prod(_shape(step.output)))
        last.setdefault(buffer[id(step.output)], now)
    last.update({buffer[id(tensor)]: len(order) for tensor in model.outputs})
    held = [sum(size[b] for b in size if b <= now <= last[b]) for now in range(len(order))]
    return max(held, default=0)


def _crosswise(steps: Iterable[Any]) -> set[int]:
    """Return the transposed tensors (by id) that only products read: they read the original crosswise instead."""
    readers: dict[int, set[str]] = {}
    for step in steps:
        for tensor in _tensors(step.input):
            readers.setdefault(id(tensor), set()).add(type(step).__name__)
    turned = {id(step.output) for step in steps if type(step).__name__ in ("Swapaxes", "Transpose")}
    return {tensor for tensor in turned if readers.get(tensor) == {"Matmul"}}


def _tensors(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
