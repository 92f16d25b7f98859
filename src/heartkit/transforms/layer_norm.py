"""Preprocess ``layer_norm``: layer normalisation over time, the second generation's `znorm`."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from heartkit.transforms.base import Frames, Params, Preprocess


class LayerNormParams(Params):
    """Parameters of `LayerNorm`.

    Parameters
    ----------
    epsilon : float
        Added to the variance, in the signal's unit squared.
    """

    epsilon: float = Field(default=1e-3, gt=0, allow_inf_nan=False)


class LayerNorm(Preprocess[LayerNormParams]):
    """Per channel, take the mean off and divide by the square root of the variance plus `epsilon`.

    As Ba, Kiros and Hinton (2016) define it, without gain and bias.
    """

    params_type = LayerNormParams

    def apply(self, frames: Frames, drawn: None) -> Frames:
        """Return the normalised frames."""
        rows = frames.transpose(0, 2, 1)
        centred = rows - rows.mean(axis=2, keepdims=True)
        variance = np.mean(centred * centred, axis=2, keepdims=True)
        return np.ascontiguousarray((centred / np.sqrt(variance + np.float32(self.params.epsilon))).transpose(0, 2, 1))
