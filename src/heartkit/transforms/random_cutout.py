"""Augmentation ``random_cutout``: some stretches of the frame become flat."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from heartkit.transforms.base import Frames, Params, ShareSpan, Transform, uniform
from heartkit.transforms.cutout import within


class RandomCutoutParams(Params):
    """Parameters of `RandomCutout`.

    Parameters
    ----------
    cutouts : int
        How many stretches a frame loses; they may overlap.
    factor : [low, high]
        Length of each, as a share of the frame.
    """

    cutouts: int = Field(default=1, ge=1, le=100)
    factor: ShareSpan = (0.0, 0.1)


class Stretches(NamedTuple):
    """The stretches of each frame, (batch, cutouts) each."""

    start: NDArray[np.intp]
    stop: NDArray[np.intp]


class RandomCutout(Transform[RandomCutoutParams, Stretches]):
    """Lay stretches of the frame flat at the frame's mean, in all channels."""

    params_type = RandomCutoutParams

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> Stretches:
        """Draw where each stretch lies."""
        share = uniform(rng, self.params.factor, batch, self.params.cutouts)
        length = np.rint(share * frame_size).astype(np.intp)
        start = rng.integers(0, frame_size - length, endpoint=True)
        return Stretches(start, start + length)

    def apply(self, frames: Frames, drawn: Stretches) -> Frames:
        """Return the frames with their stretches laid flat."""
        lost = np.logical_or.reduce(within(drawn.start, drawn.stop, frames.shape[1]), axis=1)[:, :, None]
        return np.where(lost, frames.mean(axis=1, keepdims=True), frames)
