"""Augmentation ``resizing``: frames of another number of samples."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from heartkit.transforms.base import Frames, Params, Preprocess, times_matrix


class ResizingParams(Params):
    """Parameters of `Resizing`.

    Parameters
    ----------
    duration : int
        Samples of the frames that come out.
    interpolation : ``"linear"`` or ``"cubic"``
        The kernel; when shrinking it is widened so that nothing folds back.
    """

    duration: int = Field(ge=2, le=1_000_000)
    interpolation: Literal["linear", "cubic"] = "cubic"


class Resizing(Preprocess[ResizingParams]):
    """Stretch or shrink each frame to `duration` samples, by one matrix product.

    Samples are cells, as in image resizing: the frame's whole extent is kept. The cubic kernel is that of Keys
    (1981) with a = -1/2.
    """

    params_type = ResizingParams

    def output_size(self, frame_size: int) -> int:
        """Return `duration`."""
        return self.params.duration

    def apply(self, frames: Frames, drawn: None) -> Frames:
        """Return the resized frames."""
        return times_matrix(frames, _weights(frames.shape[1], self.params.duration, self.params.interpolation))


@lru_cache(maxsize=8)
def _weights(samples: int, duration: int, interpolation: str) -> NDArray[np.float32]:
    """Return the (samples, duration) matrix; each column adds up to 1."""
    scale = samples / duration
    centre = (np.arange(duration) + 0.5) * scale - 0.5
    distance = np.abs(np.arange(samples)[:, None] - centre) / max(scale, 1.0)
    weights = np.maximum(1 - distance, 0) if interpolation == "linear" else _keys(distance)
    return np.asarray(weights / weights.sum(axis=0), np.float32)


def _keys(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    return np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
