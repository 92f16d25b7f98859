"""Augmentation ``burst_noise``: short bursts of oscillation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heartkit.transforms.base import AdditiveNoise, CountSpan, Params, Span, below_nyquist, uniform
from heartkit.transforms.sine_noise import sine

SHORTEST, LONGEST = 0.1, 0.4
"""Seconds that a burst lasts: about a muscle twitch."""


class BurstNoiseParams(Params):
    """Parameters of `BurstNoise`.

    Parameters
    ----------
    burst_number : [low, high]
        How many bursts a frame has, both ends included.
    amplitude : [low, high]
        Of each burst at its height, in standard deviations of the frame.
    frequency : [low, high]
        Of each burst, Hz.
    """

    burst_number: CountSpan = (0, 4)
    amplitude: Span = (0.0, 0.5)
    frequency: Span = (20.0, 49.0)


class Bursts(NamedTuple):
    """All bursts of a batch, one after the other."""

    shape: tuple[int, int]
    """(batch, channels)."""
    frame: NDArray[np.intp]
    """(bursts,), the frame that each belongs to."""
    centre: NDArray[np.float32]
    """(bursts,), seconds from the frame's start."""
    length: NDArray[np.float32]
    """(bursts,), seconds."""
    amplitude: NDArray[np.float32]
    """(bursts,), in standard deviations of the frame."""
    frequency: NDArray[np.float32]
    """(bursts,), Hz."""
    phase: NDArray[np.float32]
    """(bursts, channels), radians."""


class BurstNoise(AdditiveNoise[BurstNoiseParams, Bursts]):
    """Bursts as twitching muscles and loose contacts give, at random places; all channels have them at once."""

    params_type = BurstNoiseParams

    def prepare(self) -> None:
        """Keep the frequencies within what the sampling rate can hold."""
        self.frequency = below_nyquist(self.params.frequency, self.sampling_rate, "BurstNoise")

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> Bursts:
        """Draw how many bursts each frame has, and what each is."""
        low, high = self.params.burst_number
        frame = np.repeat(np.arange(batch), rng.integers(low, high, batch, endpoint=True))
        count = len(frame)
        return Bursts(
            (batch, channels),
            frame,
            uniform(rng, (0, frame_size / self.sampling_rate), count),
            uniform(rng, (SHORTEST, LONGEST), count),
            uniform(rng, self.params.amplitude, count),
            uniform(rng, self.frequency, count),
            uniform(rng, (0, 2 * np.pi), count, channels),
        )

    def noise(self, drawn: Bursts, frame_size: int) -> NDArray[np.float32]:
        """Return the bursts: computed on their own short stretches, then laid into the frames."""
        batch, channels = drawn.shape
        width = int(LONGEST * self.sampling_rate) + 1
        longer = frame_size + 2 * width
        begin = (drawn.centre * self.sampling_rate).astype(np.intp) - width // 2
        from_centre = (begin[:, None] + np.arange(width)) / self.sampling_rate - drawn.centre[:, None]
        part = np.clip(from_centre / drawn.length[:, None], -0.5, 0.5)
        swell = drawn.amplitude[:, None] * np.cos(np.pi * part.astype(np.float32)) ** 2
        wave = sine(drawn.frequency[:, None], drawn.phase, width, self.sampling_rate) * swell[:, None, :]
        row = drawn.frame[:, None] * channels + np.arange(channels)
        place = (row * longer + width + begin[:, None])[:, :, None] + np.arange(width)
        total = np.bincount(place.ravel(), wave.ravel(), minlength=batch * channels * longer)
        total = total.reshape(batch, channels, longer)[:, :, width : width + frame_size]
        return total.astype(np.float32)
