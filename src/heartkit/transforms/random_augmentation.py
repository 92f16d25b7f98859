"""Augmentation ``random_augmentation``: each frame gets a few of several augmentations."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from heartkit.errors import ConfigError
from heartkit.transforms.base import Frames, Params, Transform
from heartkit.transforms.pipeline import build_step
from heartkit.transforms.table import AugmentationFactory


class Layer(BaseModel):
    """One augmentation to choose from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    params: dict[str, Any] = Field(default_factory=dict)


class RandomAugmentationParams(Params):
    """Parameters of `RandomAugmentation`.

    Parameters
    ----------
    layers : list of {name, params}
        The augmentations to choose from.
    augmentations_per_sample : int
        How many of them a frame gets, each at most once.
    rate : float
        The chance that a frame gets any at all.
    """

    layers: tuple[Layer, ...] = Field(min_length=1)
    augmentations_per_sample: int = Field(default=3, ge=1)
    rate: float = Field(default=1.0, ge=0, le=1)


class Choice(NamedTuple):
    """Which frames each layer gets, and what it drew for them."""

    rows: list[NDArray[np.intp]]
    """Per layer, the frames' numbers."""
    drawn: list[Any]
    """Per layer, its own draw for as many frames."""


class RandomAugmentation(Transform[RandomAugmentationParams, Choice]):
    """Choose anew for each frame; the chosen augmentations are done in the order in which they are listed."""

    params_type = RandomAugmentationParams

    def prepare(self) -> None:
        """Build the layers, none of which may change the frame size."""
        self.layers = [
            build_step(
                AugmentationFactory, layer.name, layer.params, self.sampling_rate, self.noise_folder, self.held_out
            )
            for layer in self.params.layers
        ]
        for layer, built in zip(self.params.layers, self.layers, strict=True):
            if built.output_size(0) != 0:
                raise ConfigError(f"The augmentation {layer.name!r} changes the frame size: use it on its own.")

    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> Choice:
        """Draw the layers of each frame, then what each layer does."""
        order = rng.random((batch, len(self.layers))).argsort(axis=1).argsort(axis=1)
        chosen = order < self.params.augmentations_per_sample
        chosen &= rng.random((batch, 1)) < self.params.rate
        rows = [np.flatnonzero(column) for column in chosen.T]
        drawn = [layer.draw(rng, len(at), frame_size, channels) for layer, at in zip(self.layers, rows, strict=True)]
        return Choice(rows, drawn)

    def apply(self, frames: Frames, drawn: Choice) -> Frames:
        """Return the frames, each through its own layers."""
        changed = frames.copy()
        for layer, rows, numbers in zip(self.layers, drawn.rows, drawn.drawn, strict=True):
            if rows.size:
                changed[rows] = layer.apply(changed[rows], numbers)
        return changed
