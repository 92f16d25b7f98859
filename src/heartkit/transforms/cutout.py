"""Augmentation ``cutout``: a stretch of the frame is lost or drowned in noise."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import AliasChoices, BeforeValidator, Field

from heartkit.transforms.base import Frames, Params, ShareSpan, Transform, spread, uniform

Kind = Literal["cut", "noise"]


class CutoutParams(Params):
    """Parameters of `Cutout`.

    Parameters
    ----------
    probability (or prob) : [low, high]
        The chance that a frame is touched at all.
    amplitude (or amp) : [low, high]
        How much: for ``"cut"`` the share of the signal that is lost (1 leaves a flat line at the frame's mean), for
        ``"noise"`` the noise's standard deviation in standard deviations of the frame.
    width : [low, high]
        Of the stretch, as a share of the frame.
    type : ``"cut"``, ``"noise"`` or a list of them
        One is chosen at random per frame.
    """

    probability: ShareSpan = Field(default=(0.0, 0.25), validation_alias=AliasChoices("probability", "prob"))
    amplitude: ShareSpan = Field(default=(1.0, 1.0), validation_alias=AliasChoices("amplitude", "amp"))
    width: ShareSpan = (0.05, 0.2)
    type: Annotated[tuple[Kind, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)] = Field(
        default=("cut",), min_length=1
    )


class Cuts(NamedTuple):
    """One stretch per frame."""

    start: NDArray[np.intp]
    """(batch,), first sample."""
    stop: NDArray[np.intp]
    """(batch,), the sample after the last; equal to `start` in frames that stay as they are."""
    kept: NDArray[np.float32]
    """(batch,), the share of the signal that is left."""
    noise: NDArray[np.float32]
    """(batch, frame_size, channels), what is added within, in standard deviations; empty where none is."""


class Cutout(Transform[CutoutParams, Cuts]):
    """Lose a stretch of the frame in all channels, as when a contact is loose."""

    params_type = CutoutParams

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> Cuts:
        """Draw which frames are touched, where, how and how much."""
        touched = rng.random(batch, np.float32) < uniform(rng, self.params.probability, batch)
        length = np.rint(uniform(rng, self.params.width, batch) * frame_size).astype(np.intp) * touched
        start = rng.integers(0, frame_size - length, endpoint=True)
        amplitude = uniform(rng, self.params.amplitude, batch)
        noisy = np.array([kind == "noise" for kind in self.params.type])[rng.integers(0, len(self.params.type), batch)]
        shape = (batch, frame_size, channels) if noisy.any() else (batch, 0, channels)
        noise = rng.standard_normal(shape, np.float32) * np.where(noisy, amplitude, 0)[:, None, None]
        return Cuts(start, start + length, np.where(noisy, np.float32(1), 1 - amplitude), noise)

    def apply(self, frames: Frames, drawn: Cuts) -> Frames:
        """Return the frames with their stretches cut or drowned."""
        inside = within(drawn.start, drawn.stop, frames.shape[1])[:, :, None]
        mean = frames.mean(axis=1, keepdims=True)
        changed = mean + (frames - mean) * drawn.kept[:, None, None]
        if drawn.noise.size:
            changed += drawn.noise * spread(frames)[:, None, :]
        return np.where(inside, changed, frames)


def within(start: NDArray[np.intp], stop: NDArray[np.intp], frame_size: int) -> NDArray[np.bool_]:
    """Say which samples lie in ``[start, stop)``, with time as a new last axis."""
    time = np.arange(frame_size)
    return (time >= start[..., None]) & (time < stop[..., None])
