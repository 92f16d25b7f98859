"""Augmentations that add recorded noise: ``nstdb`` and, in the second generation, ``random_background_noise``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from heartkit.datasets.nstdb import NOISES
from heartkit.errors import ConfigError
from heartkit.transforms.base import AdditiveNoise, Params, Span, uniform
from heartkit.transforms.noise_bank import LEADS, half, noise_bank

QUIETEST = 0.1
"""Stretches quieter than this share of their record are not blown up to full size: only rounding is left in them."""

Noises = Annotated[tuple[Literal["bw", "em", "ma"], ...], Field(min_length=1)]


class NstdbParams(Params):
    """Parameters of `Nstdb`.

    Parameters
    ----------
    noise_level : [low, high]
        Standard deviation of the noise, in standard deviations of the frame; 0.1 is a signal-to-noise ratio of 20 dB.
    noises : list of "bw", "em", "ma"
        Which of the records: baseline wander, electrode motion, muscle artefact.
    path : Path, optional
        Folder of the NSTDB records.
    """

    noise_level: Span = (0.0, 0.15)
    noises: Noises = ("bw", "em", "ma")
    path: Path | None = None


class RandomBackgroundNoiseParams(Params):
    """Parameters of `RandomBackgroundNoise`.

    Parameters
    ----------
    amplitude : [low, high]
        Standard deviation of each noise, in standard deviations of the frame.
    num_noises : int
        How many stretches of noise are added to a frame.
    noises : list of "bw", "em", "ma"
        Which of the records: baseline wander, electrode motion, muscle artefact.
    path : Path, optional
        Folder of the NSTDB records.
    """

    amplitude: Span = (0.0, 0.1)
    num_noises: int = Field(default=1, ge=1, le=100)
    noises: Noises = ("bw", "em", "ma")
    path: Path | None = None


class Stretches(NamedTuple):
    """Which stretch of noise goes where."""

    row: NDArray[np.intp]
    """(batch, noises, channels), row of the bank."""
    start: NDArray[np.intp]
    """(batch, noises, 1), first sample in that row."""
    level: NDArray[np.float32]
    """(batch, noises), in standard deviations of the frame."""


class Nstdb(AdditiveNoise[NstdbParams | RandomBackgroundNoiseParams, Stretches]):
    """Baseline wander, electrode motion or muscle artefact of the MIT-BIH Noise Stress Test Database."""

    params_type: ClassVar[type[Params]] = NstdbParams

    def prepare(self) -> None:
        """Find the noise, its half for these frames, and how loud each row of it is."""
        self.bank = half(noise_bank(self.params.path, self.noise_folder, self.sampling_rate), self.held_out)
        self.records = np.array([NOISES.index(name) for name in dict.fromkeys(self.params.noises)])
        self.quietest = self.bank.std(axis=1) * np.float32(QUIETEST)

    @property
    def levels(self) -> tuple[float, float]:
        """Range of the noise's standard deviation."""
        return self.params.noise_level if isinstance(self.params, NstdbParams) else self.params.amplitude

    @property
    def count(self) -> int:
        """How many stretches are added to a frame."""
        return 1 if isinstance(self.params, NstdbParams) else self.params.num_noises

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> Stretches:
        """Draw a record and a place in it; channels take its leads in turn, beginning with either."""
        samples = self.bank.shape[1]
        if frame_size > samples:
            raise ConfigError(
                f"A frame of {frame_size} samples is longer than half of the noise records ({samples} samples at "
                f"{self.sampling_rate:g} Hz). Use shorter frames, or leave the step out."
            )
        record = self.records[rng.integers(0, len(self.records), (batch, self.count, 1))]
        lead = (rng.integers(0, LEADS, (batch, self.count, 1)) + np.arange(channels)) % LEADS
        start = rng.integers(0, samples - frame_size, (batch, self.count, 1), endpoint=True)
        return Stretches(record * LEADS + lead, start, uniform(rng, self.levels, batch, self.count))

    def noise(self, drawn: Stretches, frame_size: int) -> NDArray[np.float32]:
        """Return the stretches, each with mean 0 and its own level as standard deviation."""
        windows = np.lib.stride_tricks.sliding_window_view(self.bank, frame_size, axis=1)
        cut = windows[drawn.row, drawn.start]
        cut -= cut.mean(axis=3, keepdims=True)
        loudness = np.sqrt(np.einsum("bnct,bnct->bnc", cut, cut) / np.float32(frame_size))
        gain = drawn.level[:, :, None] / np.maximum(loudness, self.quietest[drawn.row])
        return np.asarray(np.einsum("bnct,bnc->bct", cut, gain))


class RandomBackgroundNoise(Nstdb):
    """One or more stretches of recorded noise."""

    params_type = RandomBackgroundNoiseParams
