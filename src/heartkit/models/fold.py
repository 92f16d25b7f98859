"""One convolution in place of several that are summed: what trains better side by side runs as one.

A convolution with batch norm is linear, so a sum of such branches of one tensor is one convolution of it (Ding et al.
2021, doi:10.1109/CVPR46437.2021.01352). Branches are found by what they compute, not by names or marks: a stored
``.keras`` model of stock layers, from wherever, is all that is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.models.backend import keras

Weights = NDArray[np.float64]
_CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)


@dataclass(frozen=True)
class _Call:
    """A layer of the stored model; what it was called on in the new model, and what came out."""

    layer: Any
    inputs: list[Any]
    outputs: Any


@dataclass(frozen=True)
class _Branch:
    """A linear way from a tensor to a sum: crop, convolve, normalise; each may be missing."""

    root: Any
    crop: Any = None
    convolution: Any = None
    norm: Any = None


@dataclass(frozen=True)
class _Part:
    """A branch as numbers: its taps, and which sample of the root the first tap sees for the first output.

    Taps are (k, channels) where all branches are depthwise, else (k, channels in, channels out). `start` is negative
    where the first tap sees a zero before the frame.
    """

    taps: Weights
    bias: Weights
    start: int


@dataclass(frozen=True)
class _Convolution:
    """The one convolution: what it is called on, its layer, its weights."""

    root: Any
    layer: Any
    weights: list[Weights]


def fold(model: keras.Model) -> keras.Model:
    """Make one convolution of every sum of parallel linear branches.

    A branch is a ``Conv2D`` or ``DepthwiseConv2D`` with a (1, k) kernel and without activation, with a ``Cropping2D``
    before it and a ``BatchNormalization`` after it or not; or, beside such, its input alone or normalised. Outputs stay
    equal but for rounding. Do it after training: the statistics of batch norm become weights.

    Parameters
    ----------
    model : keras.Model
        A functional model whose shapes are known except for the batch. It is not changed.

    Returns
    -------
    keras.Model
        A new model with its own weights, not compiled, its layers named as before; `model` itself where nothing folds.
    """
    calls: dict[int, _Call] = {}
    folded: dict[str, list[Weights]] = {}

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        inputs = keras.tree.flatten(args)
        if type(layer) is keras.layers.Add and (one := _folded(layer.name, inputs, calls)):
            folded[layer.name] = one.weights
            return one.layer(one.root)
        outputs = layer(*args, **kwargs)
        if isinstance(layer, keras.layers.Layer):
            calls[id(outputs)] = _Call(model.get_layer(layer.name), inputs, outputs)
        return outputs

    # Without its optimizer, which is not to be cloned.
    plain = keras.Model(model.input, model.output, name=model.name)
    new = keras.models.clone_model(plain, call_function=call)
    if not folded:
        return model
    for layer in (layer for layer in new.layers if layer.weights):
        layer.set_weights(folded.get(layer.name) or model.get_layer(layer.name).get_weights())
    return new


def _folded(name: str, summands: list[Any], calls: dict[int, _Call]) -> _Convolution | None:
    """Return the one convolution that is the sum of these tensors, if there is one."""
    shape = summands[0].shape
    if len(shape) != 4 or shape[1] != 1 or any(tensor.shape != shape for tensor in summands):
        return None
    ways = [list(_ways(tensor, calls)) for tensor in summands]
    for root in [way.root for way in ways[0]]:
        branches = [way for found in ways for way in found if way.root is root]
        if len(branches) == len(ways) and any(branch.convolution for branch in branches):
            return _as_one(name, branches, shape[2])
    return None


def _ways(tensor: Any, calls: dict[int, _Call]) -> Iterator[_Branch]:
    """Yield the linear ways that end in a tensor, the shortest first."""
    found: dict[str, Any] = {}
    yield _Branch(tensor)
    for kind, types in (
        ("norm", (keras.layers.BatchNormalization,)),
        ("convolution", _CONVOLUTIONS),
        ("crop", (keras.layers.Cropping2D,)),
    ):
        before = calls.get(id(tensor))
        if before is not None and type(before.layer) in types and _is_linear(before.layer):
            found[kind], tensor = before.layer, before.inputs[0]
            yield _Branch(tensor, **found)


def _is_linear(layer: Any) -> bool:
    if isinstance(layer, keras.layers.BatchNormalization):
        return bool(layer.axis in (-1, 3))
    if not isinstance(layer, _CONVOLUTIONS):
        return True
    return (
        layer.activation is keras.activations.linear
        and layer.kernel_size[0] == 1
        and layer.data_format == "channels_last"
        and getattr(layer, "groups", 1) == 1
        and getattr(layer, "depth_multiplier", 1) == 1
    )


def _as_one(name: str, branches: list[_Branch], length: int) -> _Convolution | None:
    """Put the taps of all branches into one kernel; None if there is no convolution that has them all."""
    root, convolutions = branches[0].root, [branch.convolution for branch in branches if branch.convolution]
    strides = {layer.strides[-1] for layer in convolutions}
    dilations = {layer.dilation_rate[-1] for layer in convolutions if layer.kernel_size[1] > 1} or {1}
    if len(strides) > 1 or len(dilations) > 1:
        return None
    stride, dilation = strides.pop(), dilations.pop()
    by_channel = all(type(layer) is keras.layers.DepthwiseConv2D for layer in convolutions)
    parts = [_part(branch, length, by_channel) for branch in branches]
    for padding in ("same", "valid"):
        kernel = _kernel(parts, padding, root.shape[2], length, stride, dilation)
        if kernel is not None:
            break
    else:
        return None
    shared = {
        "kernel_size": (1, len(kernel)), "strides": (stride, stride), "dilation_rate": (1, dilation),
        "padding": padding, "name": name,
    }  # fmt: skip
    bias: Weights = sum((part.bias for part in parts), start=np.zeros(kernel.shape[-1]))
    if by_channel:
        return _Convolution(root, keras.layers.DepthwiseConv2D(**shared), [kernel[None, ..., None], bias])
    return _Convolution(root, keras.layers.Conv2D(kernel.shape[-1], **shared), [kernel[None], bias])


def _kernel(parts: list[_Part], padding: str, length: int, outputs: int, stride: int, dilation: int) -> Weights | None:
    """Return the sum of all taps, each at its place; None if with this padding they have none."""
    same = padding == "same"
    size = max(len(part.taps) + (0 if same else part.start // dilation) for part in parts)
    span = (size - 1) * dilation + 1
    start = -_zeros_before(length, outputs, stride, span) if same else 0
    if outputs != (-(-length // stride) if same else (length - span) // stride + 1):
        return None
    kernel = np.zeros((size, *parts[0].taps.shape[1:]))
    for part in parts:
        place, between = divmod(part.start - start, dilation)
        if between or place < 0 or place + len(part.taps) > size:
            return None
        kernel[place : place + len(part.taps)] += part.taps
    return kernel


def _part(branch: _Branch, length: int, by_channel: bool) -> _Part:
    """Return a branch's taps with batch norm in them, (k, channels) if `by_channel`, else (k, channels in, out)."""
    layer, channels = branch.convolution, branch.root.shape[-1]
    taps, bias, ahead = np.ones((1, channels)), np.zeros(1), 0
    ends = branch.crop.cropping[1] if branch.crop else (0, 0)
    if layer:
        taps = np.asarray(layer.get_weights()[0], np.float64)[0]
        taps = taps[..., 0] if type(layer) is keras.layers.DepthwiseConv2D else taps
        bias = np.asarray(layer.get_weights()[1], np.float64) if layer.use_bias else bias
        if layer.padding == "same":
            span = (layer.kernel_size[1] - 1) * layer.dilation_rate[1] + 1
            ahead = _zeros_before(branch.root.shape[2] - sum(ends), length, layer.strides[-1], span)
    if taps.ndim == 2 and not by_channel:
        taps = taps[..., None] * np.eye(channels)
    scale, shift = affine(branch.norm)
    return _Part(taps * scale, bias * scale + shift, ends[0] - ahead)


def _zeros_before(length: int, outputs: int, stride: int, span: int) -> int:
    """Return how many zeros ``padding="same"`` puts before the first sample; an odd one goes behind the last."""
    return max((outputs - 1) * stride + span - length, 0) // 2


def affine(norm: Any) -> tuple[Any, Any]:
    """Return what batch norm multiplies and adds at inference, per channel."""
    if norm is None:
        return np.ones(1), np.zeros(1)
    mean, variance = (np.asarray(value, np.float64) for value in (norm.moving_mean, norm.moving_variance))
    scale = (np.asarray(norm.gamma, np.float64) if norm.scale else 1.0) / np.sqrt(variance + norm.epsilon)
    return scale, (np.asarray(norm.beta, np.float64) if norm.center else 0.0) - mean * scale
