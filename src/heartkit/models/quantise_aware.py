"""From a trained float network to one that computes as its int8 export will, for fine-tuning.

Sums of branches and batch norm are folded, kernels are rounded per channel, and a `Range` stands wherever the converted
model has an integer tensor with a unit of its own: after each operator, behind the activation that fuses into it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import ModelError
from heartkit.models.backend import keras
from heartkit.models.batch_norm import fold_norms
from heartkit.models.fake_quant import NARROWEST, ROUNDED, Range, ranges
from heartkit.models.fold import fold
from heartkit.models.graph import Graph, again, functional

ops = keras.ops

SAME_UNIT = {
    "Reshape", "Flatten", "Permute", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "Cropping2D", "ZeroPadding2D",
    "MaxPooling2D", "AveragePooling2D", "UpSampling2D", "Resizing", "Identity", "Transpose", "Squeeze", "ExpandDims",
    "GetItem", "Swapaxes",
}  # fmt: skip
"""Operations whose outputs are in the unit of their input."""
OWN_UNIT = {
    "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "GlobalAveragePooling1D",
    "GlobalAveragePooling2D", "Mean", "Rsqrt", "Square", "Matmul", "Einsum",
}  # fmt: skip
"""Operations whose outputs have a unit of their own."""
FUSING = {"Conv2D", "DepthwiseConv2D", "Dense", "Add"}
"""Operations that a relu after them fuses into, so that what is between them has no unit."""
LOGISTIC, TANH = (0.0, 255 / 256), (-1.0, 127 / 128)
"""Ends that LiteRT prescribes: units of 1/256 and 1/128."""
FIXED = {"sigmoid": LOGISTIC, "softmax": LOGISTIC, "tanh": TANH}
PLAIN = {"relu", "relu6", "leaky_relu"}
"""Activations that are one operator with a unit of its own."""
SHIFTED = {"hard_sigmoid"}
"""Activations that begin with an addition and relu6, which fuse into a convolution before them."""


def quantise_aware(model: keras.Model) -> keras.Model:
    """Rebuild a trained float network so that it computes as its int8 export will.

    Parameters
    ----------
    model : keras.Model
        Trained in float: a functional model of stock layers, each called once. It is not changed.

    Returns
    -------
    keras.Model
        A new model with the same answers but for rounding once `observe` has set its ranges, without batch norm.

    Raises
    ------
    ModelError
        If a layer cannot be quantised while training; it is named.
    """
    graph = Graph(fold_norms(fold(functional(model))))
    constant = _constant(graph)
    for operation in graph.operations.values():
        if operation.name not in constant:
            _require_known(operation)
    start = keras.Input(batch_shape=model.inputs[0].shape, dtype=model.inputs[0].dtype, name=model.inputs[0].name)
    frames = Range(name="frame_range")(start)

    def make(operation: Any) -> Any:
        twin = ROUNDED.get(type(operation))
        if twin is None or operation.name in constant:
            return again(operation)
        return twin.from_config(operation.get_config() | {"activation": None})

    # Tensors that are read by their ranges: the frames, and constants where something that is none reads them.
    ranged: dict[int, tuple[Any, Any]] = {id(start): (start, frames)}

    def call(operation: Any, *args: Any, **kwargs: Any) -> Any:
        args = keras.tree.map_structure(lambda value: ranged.get(id(value), (value, value))[1], args)
        if operation.name not in constant:
            return _ranged(graph, operation, args, kwargs)
        outputs = operation(*args, **kwargs)
        if graph.only_user(graph.operations[operation.name]) not in [graph.operations[name] for name in constant]:
            ranged[id(outputs)] = (outputs, _range(outputs, operation.name))
        return outputs

    new = graph.clone(make, call, start)
    for layer in (layer for layer in new.layers if layer.weights and layer.name in graph.operations):
        layer.set_weights(graph.operations[layer.name].get_weights())
    return new


def observe(model: keras.Model, batches: Iterable[NDArray[np.float32]]) -> None:
    """Set the ranges of a model to the smallest and largest values that its float twin has on some frames.

    Parameters
    ----------
    model : keras.Model
        As `quantise_aware` made it; its ranges are changed.
    batches : iterable of ndarray of float32, shape (n, time, channels)
        Training frames.
    """
    moving = [layer for layer in ranges(model) if layer.fixed is None]
    plain = without_rounding(model)
    ends = [end(plain.get_layer(layer.name).output) for layer in moving for end in (ops.min, ops.max)]
    watched = keras.Model(plain.input, ends)
    seen = np.array([[float(end) for end in watched(frames, training=False)] for frames in batches])
    for layer, low, high in zip(moving, seen[:, ::2].min(0), seen[:, 1::2].max(0), strict=True):
        layer.low.assign(min(low, 0.0))
        layer.high.assign(max(high, NARROWEST))


def without_rounding(model: keras.Model) -> keras.Model:
    """Return the float twin of a model that `quantise_aware` made: the same weights and names, nothing rounded."""
    graph = Graph(model)
    stock: dict[type, Any] = {twin: kind for kind, twin in ROUNDED.items()}

    def make(operation: Any) -> Any:
        if isinstance(operation, Range):
            return keras.layers.Activation("linear", name=operation.name)
        return stock.get(type(operation), type(operation)).from_config(operation.get_config())

    new = graph.clone(make, lambda operation, *args, **kwargs: operation(*args, **kwargs))
    for layer in (layer for layer in new.layers if layer.weights):
        layer.set_weights(graph.operations[layer.name].get_weights())
    return new


def _constant(graph: Graph) -> set[str]:
    """Return the operations that give the same for every frame, which the converter computes beforehand."""
    found: set[str] = set()
    for name, operation in graph.operations.items():
        makers = [graph.maker(tensor) for tensor in keras.tree.flatten(operation.input)]
        if type(operation).__name__ == "ZerosLike" or all(one is not None and one.name in found for one in makers):
            found.add(name)
    return found


def _kind(operation: Any) -> str:
    """Return what an operation is: its class, or for activations their name in Keras."""
    if type(operation) is keras.layers.ReLU:
        config = operation.get_config()
        if config["negative_slope"] or config["threshold"] or config["max_value"] not in (None, 6):
            return "ReLU"
        return "relu6" if config["max_value"] else "relu"
    if type(operation) is keras.layers.Activation:
        return _activation_name(operation)
    name = type(operation).__name__
    return {"Softmax": "softmax", "LeakyReLU": "leaky_relu"}.get(name, name)


def _activation_name(layer: Any) -> str:
    name: str = getattr(layer.activation, "__name__", str(layer.activation))
    return {"swish": "silu", "hard_swish": "hard_silu"}.get(name, name)


def _require_known(operation: Any) -> None:
    kind = _kind(operation)
    known = {*SAME_UNIT, *OWN_UNIT, *PLAIN, *FIXED, *SHIFTED, "linear", "silu", "hard_silu"}
    activation = _activation_name(operation) if type(operation) in ROUNDED else "linear"
    if (kind in known or type(operation) in ROUNDED) and activation in known:
        return
    what = kind if kind not in known and type(operation) not in ROUNDED else activation
    raise ModelError(
        f"Layer {operation.name!r} ({what}) cannot be quantised while training. Use other layers, or set "
        "quantization.qat to false: a model trained in float is quantised when it is exported."
    )


def _ranged(graph: Graph, operation: Any, args: Any, kwargs: Any) -> Any:
    """Call one operation on ranged tensors and put ranges behind it where the converted model has units."""
    old, name = graph.operations[operation.name], operation.name
    kind = _kind(old)
    if kind in SAME_UNIT or kind == "linear":
        return operation(*args, **kwargs)
    if type(old) in ROUNDED:
        outputs, inner = operation(*args, **kwargs), _activation_name(old)
        if inner != "linear":
            return _activated(outputs, inner, name, fresh=True)
        return outputs if _fuses(graph, old) else _range(outputs, name)
    if kind in OWN_UNIT:
        outputs = operation(*args, **kwargs)
        return outputs if _fuses(graph, old) else _range(outputs, name)
    return _activated(args[0], kind, name, fresh=False, call=operation)


def _fuses(graph: Graph, operation: Any) -> bool:
    """Say whether the only thing that reads an operation's output is an activation that fuses into it."""
    user = graph.only_user(operation)
    return user is not None and type(operation).__name__ in FUSING and _kind(user) in {"relu", "relu6", *SHIFTED}


def _activated(x: Any, kind: str, name: str, fresh: bool, call: Any = None) -> Any:
    """Apply an activation as the operators that the converter makes of it.

    Parameters
    ----------
    x : KerasTensor
        Ranged, or (`fresh`, or where `_fuses` says so) straight from the operator that it fuses into.
    kind : str
        The activation.
    name : str
        The layer's; ranges are named after it.
    fresh : bool
        Whether `x` needs a range first, unless the activation fuses.
    call : operation, optional
        The activation as a layer, in place of a new one.
    """
    if fresh and kind not in {"relu", "relu6", *SHIFTED}:
        x = _range(x, f"{name}_in")
    if kind == "hard_sigmoid":
        return _gate(x, name)
    if kind in ("silu", "hard_silu"):
        factor = _gate(x, name) if kind == "hard_silu" else _fixed(ops.sigmoid(x), "sigmoid", f"{name}_gate")
        return _range(ops.multiply(x, factor), name)
    outputs = (call or keras.layers.Activation(kind, name=f"{name}_act"))(x)
    return _fixed(outputs, kind, name) if kind in FIXED else _range(outputs, name)


def _gate(x: Any, name: str) -> Any:
    """Return the hard sigmoid of a tensor: relu6(x + 3) / 6."""
    six = _range(ops.relu6(ops.add(x, 3.0)), f"{name}_six")
    return _range(ops.multiply(six, 1 / 6), f"{name}_gate")


def _range(x: Any, name: str) -> Any:
    return Range(name=f"{name}_range")(x)


def _fixed(x: Any, kind: str, name: str) -> Any:
    return Range(FIXED[kind], name=f"{name}_range")(x)
