"""The mean beat of one signal, put where another signal has its beats: the least that a translation must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.signal.beats import beats

REACH = 0.75
"""Seconds before and after a beat that the template knows."""


@dataclass(frozen=True)
class MeanTemplate:
    """How the target signal looks, on average, around a beat of the source.

    Parameters
    ----------
    wave : (2 * reach + 1,) array of float
        The target's mean; its middle is at the source's beat.
    rate : float
        Hz.
    """

    wave: NDArray[np.float64]
    rate: float

    @classmethod
    def fitted(cls, sources: NDArray[np.float32], targets: NDArray[np.float32], rate: float) -> MeanTemplate:
        """Average targets around the beats of their sources.

        Parameters
        ----------
        sources, targets : (n, samples) arrays
            The two signals of the same frames.
        rate : float
            Hz.
        """
        reach = round(REACH * rate)
        total, count = np.zeros(2 * reach + 1), np.zeros(2 * reach + 1)
        for source, target in zip(sources, targets, strict=True):
            for at in np.rint(beats(source, rate) * rate).astype(int):
                first, last = max(at - reach, 0), min(at + reach + 1, len(target))
                inside = slice(first - at + reach, last - at + reach)
                total[inside] += target[first:last]
                count[inside] += 1
        return cls(total / np.maximum(count, 1), rate)

    def translate(self, sources: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, samples): the template at each sample's nearest beat; zeros out of reach of any."""
        made = np.zeros(sources.shape, np.float32)
        reach, samples = len(self.wave) // 2, np.arange(sources.shape[1])
        for row, source in zip(made, sources, strict=True):
            marks = beats(source, self.rate) * self.rate
            if len(marks):
                nearest = marks[np.abs(samples[:, None] - marks).argmin(axis=1)]
                place = np.rint(samples - nearest).astype(int) + reach
                known = (place >= 0) & (place < len(self.wave))
                row[known] = self.wave[place[known]]
        return made
