"""Preprocess ``znorm``: mean 0 and standard deviation 1."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from heartkit.transforms.base import Frames, Params, Preprocess


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


class ZNorm(Preprocess[ZNormParams]):
    """Take the mean off each frame and divide by its standard deviation plus `eps`."""

    params_type = ZNormParams

    def apply(self, frames: Frames, drawn: None) -> Frames:
        """Return the normalised frames."""
        rows = frames.transpose(0, 2, 1)
        over = (1, 2) if self.params.axis is None else (2,)
        centred = rows - rows.mean(axis=over, keepdims=True)
        deviation = np.sqrt(np.mean(centred * centred, axis=over, keepdims=True))
        return np.ascontiguousarray((centred / (deviation + np.float32(self.params.eps))).transpose(0, 2, 1))
