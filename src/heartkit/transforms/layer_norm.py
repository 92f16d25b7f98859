"""Preprocess ``layer_norm``: layer normalisation over time, the second generation's `znorm`."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from heartkit.transforms.base import Frames, Params
from heartkit.transforms.standardise import Standardise


class LayerNormParams(Params):
    """Parameters of `LayerNorm`.

    Parameters
    ----------
    epsilon : float
        Added to the variance, in the signal's unit squared.
    """

    epsilon: float = Field(default=1e-3, gt=0, allow_inf_nan=False)


class LayerNorm(Standardise[LayerNormParams]):
    """Per channel, take the mean off and divide by the square root of the variance plus `epsilon`.

    As Ba, Kiros and Hinton (2016) define it, without gain and bias.
    """

    params_type = LayerNormParams

    def spread(self, variance: Frames) -> Frames:
        """Return the square root of the variance plus `epsilon`."""
        return np.asarray(np.sqrt(variance + np.float32(self.params.epsilon)))
