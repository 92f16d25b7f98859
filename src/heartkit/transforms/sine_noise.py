"""Augmentations that add one sine: ``baseline_wander``, ``powerline_noise``, ``random_sine_wave``, ``sine_wave``."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveFloat

from heartkit.errors import ConfigError
from heartkit.transforms.base import AdditiveNoise, Params, Span, below_nyquist, uniform


class BaselineWanderParams(Params):
    """Parameters of `BaselineWander`.

    Parameters
    ----------
    amplitude : [low, high]
        Of the sine, in standard deviations of the frame.
    frequency : [low, high]
        Hz.
    """

    amplitude: Span = (0.0, 0.5)
    frequency: Span = (0.5, 1.5)


class PowerlineNoiseParams(Params):
    """Parameters of `PowerlineNoise`, as those of `BaselineWanderParams`."""

    amplitude: Span = (0.0, 0.15)
    frequency: Span = (45.0, 50.0)


class RandomSineWaveParams(Params):
    """Parameters of `RandomSineWave`, as those of `BaselineWanderParams`.

    Parameters
    ----------
    auto_vectorize : bool
        Accepted from older files; every transform works on whole batches.
    """

    amplitude: Span = (0.0, 0.1)
    frequency: Span = (0.5, 1.5)
    auto_vectorize: bool = True


class SineWaveParams(Params):
    """Parameters of `SineWave`.

    Parameters
    ----------
    amplitude : float
        In standard deviations of the frame.
    frequency : float
        Hz.
    sample_rate : float, optional
        Accepted from older files; it has to be the frames' own rate.
    """

    amplitude: float = Field(default=0.1, ge=0, allow_inf_nan=False)
    frequency: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    sample_rate: PositiveFloat | None = None


class Sines(NamedTuple):
    """One sine per frame and channel."""

    amplitude: NDArray[np.float32]
    """(batch,), in standard deviations of the frame."""
    frequency: NDArray[np.float32]
    """(batch,), Hz."""
    phase: NDArray[np.float32]
    """(batch, channels), radians at the first sample."""


class BaselineWander(AdditiveNoise[BaselineWanderParams | PowerlineNoiseParams | RandomSineWaveParams, Sines]):
    """A slow sine, as breathing and slow movement give: amplitude and frequency per frame, phase per channel."""

    params_type: ClassVar[type[Params]] = BaselineWanderParams

    def prepare(self) -> None:
        """Keep the frequencies within what the sampling rate can hold."""
        self.frequency = below_nyquist(self.params.frequency, self.sampling_rate, type(self).__name__)

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> Sines:
        """Draw one sine for each channel of each frame."""
        return Sines(
            uniform(rng, self.params.amplitude, batch),
            uniform(rng, self.frequency, batch),
            uniform(rng, (0, 2 * np.pi), batch, channels),
        )

    def noise(self, drawn: Sines, frame_size: int) -> NDArray[np.float32]:
        """Return the sines."""
        wave = sine(drawn.frequency[:, None], drawn.phase, frame_size, self.sampling_rate)
        return wave * drawn.amplitude[:, None, None]


class PowerlineNoise(BaselineWander):
    """Mains hum: a sine of 50 or 60 Hz, or of what is left of it at the sampling rate."""

    params_type = PowerlineNoiseParams


class RandomSineWave(BaselineWander):
    """A sine of random amplitude, frequency and phase."""

    params_type = RandomSineWaveParams


class SineWave(AdditiveNoise[SineWaveParams, Sines]):
    """Always the same sine, starting at phase 0."""

    params_type = SineWaveParams

    def prepare(self) -> None:
        """Check the frequency and the sampling rate."""
        if self.params.sample_rate not in (None, self.sampling_rate):
            raise ConfigError(
                f"The sample_rate of sine_wave is {self.params.sample_rate!r} Hz, but frames have "
                f"{self.sampling_rate!r} Hz. Leave sample_rate out."
            )
        below_nyquist((self.params.frequency, self.params.frequency), self.sampling_rate, "SineWave")

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> Sines:
        """Repeat the one sine."""
        return Sines(
            np.full(batch, self.params.amplitude, np.float32),
            np.full(batch, self.params.frequency, np.float32),
            np.zeros((batch, channels), np.float32),
        )

    def noise(self, drawn: Sines, frame_size: int) -> NDArray[np.float32]:
        """Return the sines."""
        wave = sine(drawn.frequency[:, None], drawn.phase, frame_size, self.sampling_rate)
        return wave * drawn.amplitude[:, None, None]


def sine(
    frequency: NDArray[np.float32], phase: NDArray[np.float32], samples: int, sampling_rate: float
) -> NDArray[np.float32]:
    """Return sines of amplitude 1, with time as a new last axis.

    Parameters
    ----------
    frequency, phase : arrays
        Hz, and radians at the first sample; they broadcast.
    samples : int
        Length of the time axis.
    sampling_rate : float
        Hz.

    Returns
    -------
    (..., samples) array of float32
        Exact to some 1e-4 for up to a thousand periods.
    """
    step = (frequency * np.float32(2 * np.pi / sampling_rate))[..., None]
    return np.sin(step * np.arange(samples, dtype=np.float32) + phase[..., None])
