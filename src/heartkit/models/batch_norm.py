"""Batch norm, folded into the layer before it: what the converter does silently, done where training can see it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.models.backend import keras
from heartkit.models.fold import affine
from heartkit.models.graph import Graph, again

LINEAR = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense)
"""Layers that batch norm folds into."""


def fold_norms(model: keras.Model) -> keras.Model:
    """Put every batch norm into the convolution or dense layer before it.

    One that follows something else becomes a depthwise convolution with kernel 1 under the same name. Outputs stay
    equal but for rounding. Do it after training: the statistics become weights.

    Parameters
    ----------
    model : keras.Model
        A functional model, each of whose layers is called once. It is not changed.

    Returns
    -------
    keras.Model
        A new model with its own weights, not compiled.

    Raises
    ------
    ModelError
        If it has no graph, or a layer is called more than once.
    """
    graph = Graph(model)
    norms = {name: one for name, one in graph.operations.items() if _is_norm(one)}
    into = {layer.name: norm for norm in norms.values() if (layer := _before(graph, norm)) is not None}
    gone = {norm.name for norm in into.values()}

    def make(operation: Any) -> Any:
        if operation.name in into:
            return type(operation).from_config(operation.get_config() | {"use_bias": True})
        if operation.name in norms and operation.name not in gone:
            return keras.layers.DepthwiseConv2D((1, 1), name=operation.name)
        return again(operation)

    def call(operation: Any, *args: Any, **kwargs: Any) -> Any:
        if operation.name in norms:
            return args[0] if operation.name in gone else operation(args[0])  # without a norm's own arguments
        return operation(*args, **kwargs)

    new = graph.clone(make, call)
    for layer in (layer for layer in new.layers if layer.weights):
        old = graph.operations[layer.name]
        if layer.name in into:
            layer.set_weights(_with_norm(old, into[layer.name]))
        else:
            layer.set_weights(_alone(old) if layer.name in norms else old.get_weights())
    return new


def _is_norm(operation: Any) -> bool:
    if type(operation) is not keras.layers.BatchNormalization:
        return False
    rank = len(operation.input.shape)
    return operation.axis in (-1, rank - 1) and rank in (2, 4)


def _before(graph: Graph, norm: Any) -> Any:
    """Return the linear layer that only this norm uses the output of, if there is one."""
    layer = graph.maker(norm.input)
    if type(layer) not in LINEAR or layer.activation is not keras.activations.linear:
        return None
    return layer if graph.only_user(layer) is norm else None


def _with_norm(layer: Any, norm: Any) -> list[NDArray[Any]]:
    """Return the weights of a linear layer with the norm after it in them."""
    kernel, channels = np.asarray(layer.kernel, np.float64), layer.output.shape[-1]
    bias = np.asarray(layer.bias, np.float64) if layer.use_bias else np.zeros(channels)
    scale, shift = _parts(norm, channels)
    # A depthwise kernel's last two axes together are the output's channels.
    factors = scale.reshape(kernel.shape[2:]) if type(layer) is keras.layers.DepthwiseConv2D else scale
    return [kernel * factors, bias * scale + shift]


def _alone(norm: Any) -> list[NDArray[Any]]:
    """Return the weights of the depthwise convolution with kernel 1 that does what a norm does."""
    scale, shift = _parts(norm, norm.output.shape[-1])
    return [scale.reshape(1, 1, -1, 1), shift]


def _parts(norm: Any, channels: int) -> tuple[NDArray[Any], NDArray[Any]]:
    scale, shift = affine(norm)
    return np.broadcast_to(scale, channels), np.broadcast_to(shift, channels)
