"""Whether the converted model does on TensorFlow Lite Micro what it does in LiteRT."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.artifact.arena import smallest_arena
from heartkit.artifact.inspect import Inspection
from heartkit.artifact.runners import (
    NO_TFLM,
    LiteRTRunner,
    TflmRunner,
    dequantised_outputs,
    quantised_frames,
)
from heartkit.errors import BackendError, ExportError, VerificationError

log = logging.getLogger(__name__)

LIMITS = {"int8": 2.0, "int16": 16.0}
"""Units by which TFLite-Micro may differ from LiteRT's reference kernels.

Their MUL of int16 differ by a unit now and then, of which the layers behind make more; 16 are 0.02 % of the range.
"""
SAME_NUMBERS = frozenset({"QUANTIZE", "DEQUANTIZE", "RESHAPE"})
"""Operators that write the numbers they read in another form."""
SIGMOID_SLOPE = 0.25
"""Steepest slope of a sigmoid: how much of a difference between logits becomes one between probabilities."""
TABLE_LIMIT = 32.0
"""The same in int16 where an operator reads a lookup table, which the two build differently (0.05 % of the range)."""
MIXED_LIMIT = 2.0 * 256
"""The same in int16 where parts of the model have 8 bits: one unit of theirs is 256 of the output's."""
TABLE_OPERATORS = frozenset({"RSQRT", "LOGISTIC", "TANH", "EXP", "SOFTMAX"})
FLOAT_TOLERANCE = 1e-6
"""Largest difference of float models, relative to the range of the outputs."""


@dataclass(frozen=True)
class Verification:
    """What verifying found.

    Attributes
    ----------
    frames : int
        Frames that were run.
    tflm : bool
        Whether TensorFlow Lite Micro ran them; if not, `note` says why.
    unit : str
        What differences are counted in: ``"int8"`` or ``"int16"`` units, or ``"range"``, the range of the outputs.
    largest : float or None
        Largest difference between TFLite-Micro and LiteRT's reference kernels, in that unit; None if it did not run.
    limit : float
        What it may be.
    identical : float or None
        Share of frames on which all outputs are the same, 0-1; None if TFLite-Micro did not run.
    arena_bytes : int or None
        Smallest arena that works on this computer; None if TFLite-Micro did not run.
    float_error : float or None
        Largest difference between LiteRT and the float model, relative to the range of its outputs.
    note : str
        What else there is to know.
    """

    frames: int
    tflm: bool
    unit: str
    largest: float | None
    limit: float
    identical: float | None
    arena_bytes: int | None
    float_error: float | None
    note: str = ""


def verify(
    model: bytes, frames: NDArray[np.float32], expected: NDArray[np.float32] | None = None, need_tflm: bool = True
) -> Verification:
    """Run frames through LiteRT's reference kernels and TensorFlow Lite Micro and compare.

    Parameters
    ----------
    model : bytes
        The flatbuffer.
    frames : ndarray of float32, shape (n, time, channels)
        Frames that the model has not been calibrated on.
    expected : ndarray of float32, shape (n, ...), optional
        What the float model answers.
    need_tflm : bool
        False to go on where TensorFlow Lite Micro is not installed.

    Returns
    -------
    Verification
        The differences, all within their limits.

    Raises
    ------
    VerificationError
        If TFLite-Micro refuses the model, or differs by more than the limit.
    ExportError
        If TFLite-Micro is needed and not installed.
    """
    if len(frames) == 0:
        raise ExportError("There are no frames to verify the converted model on; choose a split that has records.")
    litert = LiteRTRunner(model, reference=True)
    unit, limit = _limit(litert.model)
    raw = quantised_frames(litert, frames)
    answers = litert.run(raw)
    error = None if expected is None else _relative(dequantised_outputs(litert, answers), expected)
    note = _why_not_tflm(litert.model, need_tflm)
    if note:
        log.warning("Verified in LiteRT only: %s", note)
        return Verification(len(frames), False, unit, None, limit, None, None, error, note)
    try:
        micro = TflmRunner(model).run(raw)
    except BackendError as refusal:
        raise VerificationError(f"{refusal} Build the model from operators that it has.") from refusal
    scale = litert.model.output.scale / (litert.model.output_unit or np.ptp(answers) or 1.0)
    difference = np.abs(micro.astype(np.float64) - answers.astype(np.float64)).reshape(len(frames), -1).max(1) * scale
    largest, identical = float(difference.max()), float((difference == 0).mean())
    if not largest <= limit:  # also where it is NaN
        raise VerificationError(
            f"On TensorFlow Lite Micro the model answers differently than in LiteRT: by up to {largest:.3g} "
            f"({unit} units; {limit:g} are allowed) on {1 - identical:.0%} of {len(frames)} frames. Do not use it on a "
            "device; try another quantization.format or conversion."
        )
    return Verification(len(frames), True, unit, largest, limit, identical, smallest_arena(model), error)


def _limit(model: Inspection) -> tuple[str, float]:
    """Return the unit that differences are counted in, and their limit."""
    if model.last_integers is None:
        return "range", FLOAT_TOLERANCE
    if model.last_integers.dtype == "int8":
        return "int8", LIMITS["int8"] * max(1.0, _gain(model))
    if any(tensor.dtype == "int8" and not tensor.constant for tensor in model.tensors):
        return "int16", MIXED_LIMIT
    return "int16", TABLE_LIMIT if TABLE_OPERATORS.intersection(model.operator_names) else LIMITS["int16"]


def _gain(model: Inspection) -> float:
    """Return how many units of the output a unit of the logits can become where a sigmoid ends the model; else 1."""
    last = next(one for one in reversed(model.operators) if one.name not in SAME_NUMBERS)
    if last.name != "LOGISTIC":
        return 1.0
    logits, shares = model.tensors[last.inputs[0]], model.tensors[last.outputs[0]]
    return SIGMOID_SLOPE * logits.scale / shares.scale


def _why_not_tflm(model: Inspection, needed: bool) -> str:
    """Say why TensorFlow Lite Micro cannot be asked; empty if it can."""
    if any(tensor.dtype == "float16" for tensor in model.tensors):
        return "TensorFlow Lite Micro has no float16 (it refuses the DEQUANTIZE operators of the weights)."
    try:
        from tflite_micro import runtime
    except ImportError as error:
        if needed:
            raise ExportError(f"{NO_TFLM}, or allow an unverified export with --no-tflm.") from error
        return "it is not installed."
    del runtime
    return ""


def _relative(answers: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    return float(np.abs(answers - expected).max() / (np.ptp(expected) or 1.0))
