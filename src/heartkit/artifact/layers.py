"""Where does quantising hurt? The error of each layer's output against the float model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.artifact.inspect import FLOAT_ONLY, Inspection, TensorInfo
from heartkit.artifact.quantise import dequantise, quantise
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
    own : float
        Mean difference that rounding and clipping the exact values to this output's units makes, relative to `span`:
        its own part of `mean`, the rest comes from the layers before it and from rounded weights.
    """

    operator: str
    name: str
    span: float
    mean: float
    largest: float
    clipped: float
    own: float


def layer_errors(quantised: bytes, reference: bytes, frames: NDArray[np.float32]) -> list[LayerError]:
    """Compare each activation of an integer model with the same in the float model.

    Parameters
    ----------
    quantised : bytes
        The int8 or int16x8 model.
    reference : bytes
        The float32 model of the same network.
    frames : ndarray of float32, shape (n, time, channels)
        Frames to compare on; some tens are enough.

    Returns
    -------
    list of LayerError
        In the order the operators run; those that only one of the models has are left out.
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
        self.low, self.high, self.total, self.own, self.largest = np.inf, -np.inf, 0.0, 0.0, 0.0
        self.clipped, self.count = 0, 0

    def add(self, units: NDArray[Any], exact: NDArray[np.float32]) -> None:
        exact = exact.reshape(units.shape)
        unit = self.info.scale, self.info.zero_point
        difference = np.abs(dequantise(units, *unit) - exact)
        limits = np.iinfo(units.dtype)
        self.own += float(np.abs(dequantise(quantise(exact, *unit, units.dtype), *unit) - exact).sum())
        self.low, self.high = min(self.low, float(exact.min())), max(self.high, float(exact.max()))
        self.total += float(difference.sum())
        self.largest = max(self.largest, float(difference.max()))
        self.clipped += int(((units == limits.min) | (units == limits.max)).sum())
        self.count += units.size

    def row(self) -> LayerError:
        span = self.high - self.low
        mean, own, largest = (
            value / (span or 1.0) for value in (self.total / self.count, self.own / self.count, self.largest)
        )
        return LayerError(self.operator, self.info.name, span, mean, largest, self.clipped / self.count, own)


def _shared_outputs(small: Inspection, exact: Inspection) -> dict[tuple[int, int], _Sums]:
    """Pair the outputs of operators that both models have, in their order: their numbers in either.

    Not by their names: those depend on what the converter fused.
    """
    mine, theirs = ([one for one in model.operators if one.name not in FLOAT_ONLY] for model in (small, exact))
    kinds = [
        [(one.name, math.prod(model.tensors[one.outputs[0]].shape)) for one in operators]
        for model, operators in ((small, mine), (exact, theirs))
    ]
    found = {}
    for first, second, length in SequenceMatcher(None, kinds[0], kinds[1], autojunk=False).get_matching_blocks():
        for one, partner in zip(mine[first : first + length], theirs[second : second + length], strict=True):
            info = small.tensors[one.outputs[0]]
            if info.quantised:
                found[one.outputs[0], partner.outputs[0]] = _Sums(one.name, info)
    return found
