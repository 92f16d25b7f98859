"""Augmentation ``amplitude_warp``: a gain that slowly changes within the frame."""

from __future__ import annotations

import numpy as np

from heartkit.transforms.base import Frames, Params, Span, Transform, below_nyquist, uniform
from heartkit.transforms.smooth_curve import Knots, curve, draw_pace, knots_needed


class AmplitudeWarpParams(Params):
    """Parameters of `AmplitudeWarp`.

    Parameters
    ----------
    amplitude : [low, high]
        Bounds of the gain.
    frequency : [low, high]
        How fast the gain changes at most, Hz.
    """

    amplitude: Span = (0.9, 1.1)
    frequency: Span = (0.5, 1.5)


class AmplitudeWarp(Transform[AmplitudeWarpParams, Knots]):
    """Multiply each frame by a random smooth curve, the same for all its channels."""

    params_type = AmplitudeWarpParams

    def prepare(self) -> None:
        """Keep the frequencies within what the sampling rate can hold."""
        self.frequency = below_nyquist(self.params.frequency, self.sampling_rate, "AmplitudeWarp")

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> Knots:
        """Draw the knots of one gain curve per frame."""
        count = knots_needed(self.frequency[1], frame_size, self.sampling_rate)
        value = uniform(rng, self.params.amplitude, batch, 1, count)
        return Knots(value, *draw_pace(rng, self.frequency, batch, self.sampling_rate))

    def apply(self, frames: Frames, drawn: Knots) -> Frames:
        """Return the frames times their curves."""
        return frames * curve(drawn, frames.shape[1]).transpose(0, 2, 1)
