"""Augmentations that add white noise: ``lead_noise`` and, in the second generation, ``random_noise``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heartkit.transforms.base import AdditiveNoise, Params, Span, uniform


class LeadNoiseParams(Params):
    """Parameters of `LeadNoise`.

    Parameters
    ----------
    scale : [low, high]
        Standard deviation of the noise, in standard deviations of the frame.
    """

    scale: Span = (0.0, 0.15)


class RandomNoiseParams(Params):
    """Parameters of `RandomNoise`.

    Parameters
    ----------
    factor : [low, high]
        Standard deviation of the noise, in standard deviations of the frame.
    """

    factor: Span = (0.0, 0.1)


class LeadNoise(AdditiveNoise[LeadNoiseParams, NDArray[np.float32]]):
    """Gaussian white noise, as amplifiers and contacts give, independent in each lead."""

    params_type = LeadNoiseParams

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> NDArray[np.float32]:
        """Draw the noise itself, (batch, channels, frame_size)."""
        return _white(rng, self.params.scale, batch, channels, frame_size)

    def noise(self, drawn: NDArray[np.float32], frame_size: int) -> NDArray[np.float32]:
        """Return what was drawn."""
        return drawn


class RandomNoise(AdditiveNoise[RandomNoiseParams, NDArray[np.float32]]):
    """Gaussian white noise, independent in each lead."""

    params_type = RandomNoiseParams

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> NDArray[np.float32]:
        """Draw the noise itself, (batch, channels, frame_size)."""
        return _white(rng, self.params.factor, batch, channels, frame_size)

    def noise(self, drawn: NDArray[np.float32], frame_size: int) -> NDArray[np.float32]:
        """Return what was drawn."""
        return drawn


def _white(
    rng: np.random.Generator, span: tuple[float, float], batch: int, channels: int, frame_size: int
) -> NDArray[np.float32]:
    level = uniform(rng, span, batch, 1, 1)
    return rng.standard_normal((batch, channels, frame_size), np.float32) * level
