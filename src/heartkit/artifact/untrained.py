"""What a network will need on the device, known before it is trained: no size depends on a weight or a frame."""

from __future__ import annotations

import numpy as np

from heartkit.artifact.arena import smallest_arena
from heartkit.artifact.convert import FEW_FRAMES, convert
from heartkit.models.backend import keras
from heartkit.params import ConversionType, QuantizationParams


def arena_in_int8(model: keras.Model) -> int:
    """Convert a network to int8, calibrated on noise, and search the smallest arena.

    Parameters
    ----------
    model : keras.Model
        From (batch, time, channels) to its answers, folded as for export.

    Returns
    -------
    int
        Bytes, as `heartkit.artifact.arena.smallest_arena` counts them.

    Raises
    ------
    ExportError
        If it cannot be converted.
    BackendError
        If TensorFlow Lite Micro is not installed, or does not run it.
    """
    noise = np.random.default_rng(0).standard_normal((FEW_FRAMES, *model.input_shape[1:]), np.float32)
    return smallest_arena(convert(model, QuantizationParams(enabled=True, conversion=ConversionType.CONCRETE), noise))
