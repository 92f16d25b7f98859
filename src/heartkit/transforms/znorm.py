"""Preprocess ``znorm``: mean 0 and standard deviation 1."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from heartkit.transforms.base import Frames, Params
from heartkit.transforms.standardise import Standardise


class ZNormParams(Params):
    """Parameters of `ZNorm`.

    Parameters
    ----------
    eps : float
        Added to the standard deviation, in the signal's unit, so that a flat frame stays finite.
    axis : {None, 0, -1, -2}
        0 (or its older spellings) normalises each channel over time; None the whole frame, which keeps the ratio
        between channels.
    """

    eps: float = Field(default=1e-3, gt=0, allow_inf_nan=False)
    axis: Literal[0, -1, -2] | None = None


class ZNorm(Standardise[ZNormParams]):
    """Take the mean off each frame and divide by its standard deviation plus `eps`."""

    params_type = ZNormParams

    @property
    def over(self) -> tuple[int, ...]:
        """Axes of (batch, channels, time) that are measured together."""
        return (1, 2) if self.params.axis is None else (2,)

    def spread(self, variance: Frames) -> Frames:
        """Return the standard deviation plus `eps`."""
        return np.asarray(np.sqrt(variance) + np.float32(self.params.eps))
