"""Biases that the converter stores wrongly, put right.

Two mistakes of TensorFlow 2.21's converter, both silent and both wrong in every interpreter. In int16x8, layers with
equal biases share one tensor, in the units of one of them. With trained ranges, a bias that is the same for all
channels is stored as the first channel's integer for all, though each channel has a unit of its own.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.artifact.flat import added_buffer, copied_tensor, packed, unpacked
from heartkit.artifact.inspect import Scales, inspect, same_units

log = logging.getLogger(__name__)


def mended(model: bytes) -> bytes:
    """Give every layer a bias in its own units.

    Parameters
    ----------
    model : bytes
        The flatbuffer.

    Returns
    -------
    bytes
        The same bytes where nothing is wrong.
    """
    found, flat = inspect(model), unpacked(model)
    graph, changed = flat.subgraphs[0], 0
    for known, operator in zip(found.operators, graph.operators, strict=True):
        units = found.bias_units(known)
        if units is None:
            continue
        tensor = graph.tensors[operator.inputs[2]]
        kind = np.dtype(found.tensors[operator.inputs[2]].dtype)
        values = np.frombuffer(bytes(flat.buffers[tensor.buffer].data), kind)
        real = _meant(values, *units)
        if real is not None:
            _replace(flat, operator, tensor, real, units[0], kind)
            changed += 1
    if not changed:
        return model
    log.info("mended the biases of %d layers", changed)
    return packed(flat)


def _meant(values: NDArray[Any], expected: Scales, stored: Scales) -> NDArray[np.float64] | None:
    """Return the real biases that stored integers stand for; None where nothing is wrong with them."""
    if not same_units(expected, stored):
        return values * np.resize(stored, len(values))
    # Real biases are not the same number of units in all channels, whose units differ.
    if len(values) > 1 and values[0] and (values == values[0]).all() and np.ptp(stored) > 0:
        return np.full(len(values), values[0] * stored[0])
    return None


def _replace(
    flat: Any, operator: Any, tensor: Any, real: NDArray[np.float64], units: Scales, kind: np.dtype[Any]
) -> None:
    """Give an operator a bias tensor of its own."""
    limits = np.iinfo(kind)
    whole = np.clip(np.rint(real / np.resize(units, len(real))), limits.min, limits.max).astype(kind)
    own = copied_tensor(tensor, tensor.name + b"/own", buffer=added_buffer(flat, whole))
    own.quantization.scale, own.quantization.zeroPoint = units.astype(np.float32), np.zeros(len(units), np.int64)
    tensors = flat.subgraphs[0].tensors
    tensors.append(own)
    operator.inputs = np.array([*operator.inputs[:2], len(tensors) - 1], np.int32)
