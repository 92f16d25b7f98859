"""Random curves that change no faster than a given frequency."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heartkit.transforms.base import uniform

VARIANCE = 26 / 35
"""Mean variance of a curve between independent knots of variance 1: the integral of (1 - w)² + w², w = 3s² - 2s³."""


class Knots(NamedTuple):
    """What fixes one curve for each channel of each frame."""

    value: NDArray[np.float32]
    """(batch, channels, knots)."""
    pace: NDArray[np.float32]
    """(batch,), knots per sample."""
    offset: NDArray[np.float32]
    """(batch,), where between its first two knots the frame starts, in [0, 1)."""


def knots_needed(highest: float, frame_size: int, sampling_rate: float) -> int:
    """Return how many knots a frame needs if its curve may be as fast as `highest` Hz."""
    return int(2 * highest / sampling_rate * frame_size) + 3


def draw_pace(
    rng: np.random.Generator, frequency: tuple[float, float], batch: int, sampling_rate: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw knots per sample, two per period of the frequency, and where the frame starts."""
    pace = uniform(rng, frequency, batch) * np.float32(2 / sampling_rate)
    return pace, uniform(rng, (0, 1), batch)


def curve(knots: Knots, frame_size: int) -> NDArray[np.float32]:
    """Return the curves, (batch, channels, frame_size): from knot to knot, flat at each, never beyond them."""
    batch, channels, count = knots.value.shape
    position = knots.pace[:, None] * np.arange(frame_size, dtype=np.float32) + knots.offset[:, None]
    before = np.minimum(position.astype(np.int32), count - 2)
    part = position - before.astype(np.float32)
    weight = part * part * (3 - 2 * part)
    rise = np.diff(knots.value, axis=2)
    # One flat index for all frames and channels; gathering with `take` is several times faster than along an axis.
    row = np.arange(batch * channels, dtype=np.int32).reshape(batch, channels, 1)
    start = knots.value.ravel().take(before[:, None, :] + row * np.int32(count))
    climb = rise.ravel().take(before[:, None, :] + row * np.int32(count - 1))
    return np.asarray(start + climb * weight[:, None, :])
