"""Augmentation ``noise_sources``: several interfering sines at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heartkit.transforms.base import AdditiveNoise, CountSpan, Params, Span, below_nyquist, uniform
from heartkit.transforms.sine_noise import sine


class NoiseSourcesParams(Params):
    """Parameters of `NoiseSources`.

    Parameters
    ----------
    num_sources : [low, high]
        How many sources a frame has, both ends included.
    amplitude : [low, high]
        Of each source's sine, in standard deviations of the frame.
    frequency : [low, high]
        Of each source, Hz.
    """

    num_sources: CountSpan = (0, 2)
    amplitude: Span = (0.0, 0.15)
    frequency: Span = (10.0, 40.0)


class Sources(NamedTuple):
    """The sources of each frame."""

    amplitude: NDArray[np.float32]
    """(batch, sources), in standard deviations; 0 for sources that a frame does not have."""
    frequency: NDArray[np.float32]
    """(batch, sources), Hz."""
    phase: NDArray[np.float32]
    """(batch, channels, sources), radians."""


class NoiseSources(AdditiveNoise[NoiseSourcesParams, Sources]):
    """Devices nearby: some sines, each of its own amplitude, frequency and phase."""

    params_type = NoiseSourcesParams

    def prepare(self) -> None:
        """Keep the frequencies within what the sampling rate can hold."""
        self.frequency = below_nyquist(self.params.frequency, self.sampling_rate, "NoiseSources")

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> Sources:
        """Draw how many sources each frame has, and what each is."""
        low, most = self.params.num_sources
        count = rng.integers(low, most, batch, endpoint=True)
        amplitude = uniform(rng, self.params.amplitude, batch, most)
        amplitude[np.arange(most) >= count[:, None]] = 0
        return Sources(
            amplitude,
            uniform(rng, self.frequency, batch, most),
            uniform(rng, (0, 2 * np.pi), batch, channels, most),
        )

    def noise(self, drawn: Sources, frame_size: int) -> NDArray[np.float32]:
        """Return the sum of the sources."""
        batch, channels, sources = drawn.phase.shape
        total = np.zeros((batch, channels, frame_size), np.float32)
        for one in range(sources):
            wave = sine(drawn.frequency[:, None, one], drawn.phase[:, :, one], frame_size, self.sampling_rate)
            total += wave * drawn.amplitude[:, one, None, None]
        return total
