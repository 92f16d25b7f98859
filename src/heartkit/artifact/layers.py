"""Where does quantising hurt? The error of each layer's output against the float model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.artifact.inspect import Inspection, TensorInfo
from heartkit.artifact.quantise import dequantise
from heartkit.artifact.runners import LiteRTRunner, quantised_frames


@dataclass(frozen=True)
class LayerError:
    """One operator's output, quantised against float.

    Attributes
    ----------
    operator : str
        Its LiteRT name.
    name : str
        The tensor it writes, as the converter named it: the layers that were fused into it.
    span : float
        Range of the float values (largest - smallest) over all frames.
    mean, largest : float
        Mean and largest absolute difference, relative to that range.
    clipped : float
        Share of quantised values at an end of the integer range, 0-1. High where an activation has a bound there.
    """

    operator: str
    name: str
    span: float
    mean: float
    largest: float
    clipped: float


def layer_errors(quantised: bytes, reference: bytes, frames: NDArray[np.float32]) -> list[LayerError]:
    """Compare each activation of an integer model with the same in the float model.

    Parameters
    ----------
    quantised : bytes
        The int8 or int16x8 model.
    reference : bytes
        The float32 model, converted in the same way, so that tensors have the same names.
    frames : ndarray of float32, shape (n, time, channels)
        Frames to compare on; some tens are enough.

    Returns
    -------
    list of LayerError
        In the order the operators run; outputs that only one of the models has are left out.
    """
    small = LiteRTRunner(quantised, reference=True, keep_all=True)
    exact = LiteRTRunner(reference, reference=True, keep_all=True)
    sums = _shared_outputs(small.model, exact.model)
    for raw, frame in zip(quantised_frames(small, frames), frames, strict=True):
        small.run(raw[None])
        exact.run(frame[None])
        for (number, partner), total in sums.items():
            total.add(small.tensor(number), exact.tensor(partner))
    return [total.row() for total in sums.values()] if len(frames) else []


class _Sums:
    """What is added up over frames for one operator's output."""

    def __init__(self, operator: str, info: TensorInfo) -> None:
        self.operator, self.info = operator, info
        self.low, self.high, self.total, self.largest, self.clipped, self.count = np.inf, -np.inf, 0.0, 0.0, 0, 0

    def add(self, units: NDArray[Any], exact: NDArray[np.float32]) -> None:
        difference = np.abs(dequantise(units, self.info.scale, self.info.zero_point) - exact)
        limits = np.iinfo(units.dtype)
        self.low, self.high = min(self.low, float(exact.min())), max(self.high, float(exact.max()))
        self.total += float(difference.sum())
        self.largest = max(self.largest, float(difference.max()))
        self.clipped += int(((units == limits.min) | (units == limits.max)).sum())
        self.count += units.size

    def row(self) -> LayerError:
        span = self.high - self.low
        mean, largest = self.total / self.count / (span or 1.0), self.largest / (span or 1.0)
        return LayerError(self.operator, self.info.name, span, mean, largest, self.clipped / self.count)


def _shared_outputs(small: Inspection, exact: Inspection) -> dict[tuple[int, int], _Sums]:
    """Find the outputs that both models have: their numbers in either, in the order they are computed."""
    numbers = {(tensor.name, tensor.shape): number for number, tensor in enumerate(exact.tensors)}
    found = {}
    for operator in small.operators:
        info = small.tensors[operator.outputs[0]]
        partner = numbers.get((info.name, info.shape))
        if info.quantised and partner is not None:
            found[operator.outputs[0], partner] = _Sums(operator.name, info)
    return found
