"""What `znorm` and `layer_norm` share: a mean taken off each frame, and a division by its spread."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from heartkit.transforms.base import Frames, P, Preprocess


class Standardise(Preprocess[P]):
    """Take a mean off each frame and divide by a spread, both measured on the frame."""

    @abstractmethod
    def spread(self, variance: Frames) -> Frames:
        """Return what centred frames are divided by, from their variance."""

    @property
    def over(self) -> tuple[int, ...]:
        """Axes of (batch, channels, time) that are measured together: by default time."""
        return (2,)

    def measure(self, frames: Frames) -> tuple[Frames, Frames]:
        """Return mean and spread, (batch, 1, channels or 1) each."""
        rows = frames.transpose(0, 2, 1)
        mean = rows.mean(axis=self.over, keepdims=True)
        centred = rows - mean
        spread = self.spread(np.mean(centred * centred, axis=self.over, keepdims=True))
        return mean.transpose(0, 2, 1), spread.transpose(0, 2, 1)

    def apply(self, frames: Frames, drawn: tuple[Frames, Frames]) -> Frames:
        """Return the normalised frames."""
        mean, spread = drawn
        return np.asarray((frames - mean) / spread)

    def without_offset(self, measured: tuple[Frames, Frames]) -> tuple[Frames, Frames]:
        """Return a mean of 0, and the spread."""
        return np.zeros_like(measured[0]), measured[1]

    def undo(self, frames: Frames, measured: tuple[Frames, Frames]) -> Frames:
        """Return frames in the signal's unit."""
        mean, spread = measured
        return np.asarray(frames * spread + mean)
