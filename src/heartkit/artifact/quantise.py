"""From real numbers to integers and back: the one place where values are rounded and clipped."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def quantise(values: NDArray[np.floating[Any]], scale: float, zero_point: int, dtype: DTypeLike) -> NDArray[Any]:
    """Turn real numbers into integers as LiteRT's QUANTIZE operator does: halves away from zero, clipped.

    Parameters
    ----------
    values : ndarray of float
        Finite numbers, any shape.
    scale : float
        What one unit is worth, > 0.
    zero_point : int
        The integer that stands for 0.
    dtype : dtype
        Integer type of the result.

    Returns
    -------
    ndarray of `dtype`
        Of the same shape. Jacob et al. 2018 (doi:10.1109/CVPR.2018.00286), equation 1.
    """
    limits = np.iinfo(np.dtype(dtype))
    units = np.asarray(values, np.float32) / np.float32(scale)
    rounded = np.trunc(units + np.copysign(np.float32(0.5), units)) + zero_point
    integers: NDArray[Any] = np.clip(rounded, limits.min, limits.max).astype(dtype)
    return integers


def dequantise(values: NDArray[Any], scale: float, zero_point: int) -> NDArray[np.float32]:
    """Turn integers back into real numbers, float32 of the same shape."""
    return (values.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)
