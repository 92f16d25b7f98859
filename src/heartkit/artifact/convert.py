"""From a Keras model to a LiteRT flatbuffer, with the batch fixed at one frame.

With an open batch size a dilated depthwise convolution becomes SPACE_TO_BATCH and BATCH_TO_SPACE, whose shapes hold the
batch; LiteRT resizes them and is right, TFLite-Micro is wrong without an error. Fixed at 1, the dilation folds into one
operator. What comes out is checked for the operators that would betray it.
"""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from heartkit.artifact.inspect import Inspection, inspect
from heartkit.artifact.mend import mended
from heartkit.artifact.mixed import mix
from heartkit.artifact.runners import LiteRTRunner
from heartkit.artifact.target import Target, target_of
from heartkit.artifact.ways import WAYS, Calibration, options_of, quiet_converter
from heartkit.errors import ConfigError, ExportError, ModelError
from heartkit.models.backend import keras
from heartkit.models.fake_quant import ranges
from heartkit.models.quantise_aware import without_rounding
from heartkit.models.quiet import captured_stderr
from heartkit.params import QuantizationParams, QuantizationType

log = logging.getLogger(__name__)

FEW_FRAMES = 500
"""With fewer calibration frames than this, ranges are clipped noticeably."""

RANKING_FRAMES = 32
"""Calibration frames on which layers are ranked for ``mixed``."""

Frames = NDArray[np.float32]


def convert(model: keras.Model, quantization: QuantizationParams, representative: Frames | None = None) -> bytes:
    """Convert a model to LiteRT, for one frame at a time.

    Parameters
    ----------
    model : keras.Model
        From (batch, time, channels) float32 to one output. One that was trained with ``qat`` becomes int8 with the
        ranges that it was trained with; in other formats it is taken as the float network that it rounds.
    quantization : QuantizationParams
        Number format, type of input and output, way of conversion, and whether operators without an integer form may
        stay in float (``fallback``).
    representative : ndarray of float32, shape (n, time, channels), optional
        Training frames to calibrate the ranges of activations on, a thousand or more; see `needs_calibration`.

    Returns
    -------
    bytes
        The flatbuffer.

    Raises
    ------
    ConfigError
        If the parameters contradict each other, or ask for ``qat`` of a model that was trained in float.
    ExportError
        If calibration frames are missing or do not fit, the converter fails, or what it made would not run, or run
        wrongly, on TFLite-Micro.
    """
    target = target_of(quantization)
    if keras.backend.backend() != "tensorflow":
        raise ExportError(f"Keras runs on {keras.backend.backend()!r}; converting needs KERAS_BACKEND=tensorflow.")
    _require_trained(model, quantization)
    if target.mixed is not None:
        return _mixed(model, quantization, representative, target.mixed)
    shape = tuple(model.input_shape[1:])
    model = as_converted(model, quantization)
    calibrated = needs_calibration(model, quantization)
    options = options_of(target, _calibration(representative, shape) if calibrated else None)
    with captured_stderr() as said, quiet_converter():
        try:
            flat = mended(WAYS[target.conversion](model, shape, options))
        except Exception as error:  # the converter's own errors share no class
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ExportError(
                f"The converter cannot turn {model.name!r} into {target.format.value}: {reason} "
                "Change the layer it names, or set quantization.fallback to true to keep it in float32."
            ) from error
    log.debug("converter: %s", said.text)
    _require_running(flat, model, target)
    return flat


def as_converted(model: keras.Model, quantization: QuantizationParams) -> keras.Model:
    """Return what is converted: of a model trained with ``qat``, for other formats than int8, its float twin."""
    return without_rounding(model) if ranges(model) and not _trained_for(target_of(quantization)) else model


def needs_calibration(model: keras.Model, quantization: QuantizationParams) -> bool:
    """Say whether converting needs calibration frames: for integers whose ranges were not trained."""
    target = target_of(quantization)
    return target.integer and (not _trained_for(target) or target.mixed is not None or not ranges(model))


def _trained_for(target: Target) -> bool:
    """Say whether quantisation-aware training is for this format."""
    return target.format is QuantizationType.INT8


def _require_trained(model: keras.Model, quantization: QuantizationParams) -> None:
    if quantization.qat and not ranges(model):
        raise ConfigError(
            f"quantization.qat is true, but {model.name!r} was trained in float. Train it with "
            "`--set quantization.qat=true`, or set it to false."
        )


def _mixed(model: keras.Model, quantization: QuantizationParams, representative: Frames | None, wanted: float) -> bytes:
    """Convert to int8 and to int16x8, and join the two: the layers that suffer most from 8 bits keep 16."""
    eight = quantization.replaced(mixed=None)
    own = eight.io_type != "float32"
    sixteen = eight.replaced(format=QuantizationType.INT16X8, qat=False, io_type="int16" if own else "float32")
    flats = [convert(model, one, representative) for one in (eight, sixteen)]
    if representative is None:  # converting to int16x8 has refused that
        raise AssertionError
    some = np.linspace(0, len(representative) - 1, min(len(representative), RANKING_FRAMES)).astype(np.int64)
    with captured_stderr():
        flat = mix(flats[0], flats[1], wanted, representative[some])
    _require_running(flat, model, target_of(quantization))
    return flat


def _require_running(flat: bytes, model: keras.Model, target: Target) -> None:
    """Raise `ExportError` unless a converted model is safe on TFLite-Micro and runs in LiteRT."""
    check(inspect(flat), target)
    try:
        LiteRTRunner(flat)
    except ModelError as error:
        raise ExportError(f"What the converter made of {model.name!r} does not run: {error}") from error


def check(found: Inspection, target: Target) -> None:
    """Make sure that a converted model will run on TFLite-Micro as it does in LiteRT.

    Raises
    ------
    ExportError
        If it holds operators of an open batch size, computes in float where it should not, has activations without a
        range, or a bias in the units of another layer.
    """
    if unsafe := found.unsafe_operators():
        raise ExportError(
            f"The converted model holds {', '.join(unsafe)}: TFLite-Micro takes their shapes as fixed and would answer "
            "wrongly without an error. Build the model with shapes that do not depend on the batch size."
        )
    if dead := found.dead_activations():
        raise ExportError(
            f"The output of {dead[0]!r} is zero on every calibration frame, so that it has no range to quantise. "
            "Calibrate on more varied frames, train again with another seed or activation, or use format INT8."
        )
    if wrong := found.foreign_biases():
        raise ExportError(
            f"The bias of {wrong[0]!r} is stored in units that are not this layer's, so that every interpreter would "
            "answer wrongly. Export again with another quantization.conversion or format."
        )
    if target.integer and not target.fallback and (left := found.float_operators()):
        raise ExportError(
            f"The {target.format.value} model computes {', '.join(left)} in float32, as they have no integer form. "
            "Use other layers, or set quantization.fallback to true."
        )


def _calibration(frames: Frames | None, shape: tuple[int, ...]) -> Calibration:
    if frames is None or len(frames) == 0 or frames.shape[1:] != shape:
        got = "none" if frames is None else f"an array of shape {frames.shape!r}"
        raise ExportError(
            f"Integer formats are calibrated on training frames of shape {('n', *shape)!r}, got {got}. "
            "Use the frame_size and the signals that the model was trained with."
        )
    if not np.isfinite(frames).all():
        raise ExportError("The calibration frames hold NaN or infinite values. Leave those frames out.")
    if len(frames) < FEW_FRAMES:
        log.warning("Calibrating on %d frames clips ranges; a thousand or more are better.", len(frames))
    return lambda: ([frame[None].astype(np.float32)] for frame in frames)
