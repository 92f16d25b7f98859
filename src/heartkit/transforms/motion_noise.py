"""Augmentations that add a random curve: ``motion_noise``, and ``random_noise_distortion`` of the second generation."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from heartkit.transforms.base import AdditiveNoise, Params, Span, below_nyquist, uniform
from heartkit.transforms.smooth_curve import VARIANCE, Knots, curve, draw_pace, knots_needed


class MotionNoiseParams(Params):
    """Parameters of `MotionNoise`.

    Parameters
    ----------
    amplitude : [low, high]
        Standard deviation of the curve, in standard deviations of the frame.
    frequency : [low, high]
        How fast the curve changes at most, Hz.
    """

    amplitude: Span = (0.0, 0.5)
    frequency: Span = (1.0, 2.0)


class RandomNoiseDistortionParams(Params):
    """Parameters of `RandomNoiseDistortion`, as those of `MotionNoiseParams`."""

    amplitude: Span = (0.0, 0.5)
    frequency: Span = (0.5, 1.5)


class MotionNoise(AdditiveNoise[MotionNoiseParams | RandomNoiseDistortionParams, Knots]):
    """An irregular curve, as movement gives: amplitude and pace per frame, course per channel."""

    params_type: ClassVar[type[Params]] = MotionNoiseParams

    def prepare(self) -> None:
        """Keep the frequencies within what the sampling rate can hold."""
        self.frequency = below_nyquist(self.params.frequency, self.sampling_rate, type(self).__name__)

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> Knots:
        """Draw the knots of one curve for each channel of each frame."""
        count = knots_needed(self.frequency[1], frame_size, self.sampling_rate)
        amplitude = uniform(rng, self.params.amplitude, batch, 1, 1) / np.float32(np.sqrt(VARIANCE))
        value = rng.standard_normal((batch, channels, count), np.float32) * amplitude
        return Knots(value, *draw_pace(rng, self.frequency, batch, self.sampling_rate))

    def noise(self, drawn: Knots, frame_size: int) -> NDArray[np.float32]:
        """Return the curves."""
        return curve(drawn, frame_size)


class RandomNoiseDistortion(MotionNoise):
    """An irregular curve, which second-generation files use for baseline wander."""

    params_type = RandomNoiseDistortionParams
