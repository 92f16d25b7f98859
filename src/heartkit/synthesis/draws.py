"""Random numbers for a batch of records, each record's from a stream of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_BLOCK = 192


class Draws:
    """Random numbers of a batch: row *i* depends on the seed and ``numbers[i]`` alone.

    Every record takes the same numbers in the same order whatever becomes of it, so that a record does not depend
    on the batch it is made in, nor on how many workers make the batches.

    Parameters
    ----------
    seed : int
        Of the dataset; not negative.
    numbers : sequence of int
        Numbers of the records.
    """

    def __init__(self, seed: int, numbers: Sequence[int]) -> None:
        self._generators = [np.random.default_rng([seed, number]) for number in numbers]
        self._pool = np.empty((len(numbers), 0))
        self._used = 0

    def __len__(self) -> int:
        return len(self._generators)

    def uniform(
        self, low: float | NDArray[np.float64] = 0.0, high: float | NDArray[np.float64] = 1.0
    ) -> NDArray[np.float64]:
        """Return one number in ``[low, high)`` for each record, shape (batch,)."""
        column: NDArray[np.float64] = self._take(1)[:, 0]
        return low + (high - low) * column

    def table(self, *shape: int) -> NDArray[np.float64]:
        """Return numbers in ``[0, 1)`` of shape (batch, \\*shape)."""
        return self._take(int(np.prod(shape))).reshape(len(self), *shape)

    def spread(self, *shape: int) -> NDArray[np.float64]:
        """Return numbers of mean 0 and standard deviation 1 within 2.45, of shape (batch, \\*shape)."""
        numbers: NDArray[np.float64] = np.sqrt(6) * (self.table(*shape) + self.table(*shape) - 1)
        return numbers

    def noise(self, channels: int, samples: int) -> NDArray[np.float32]:
        """Return white Gaussian noise of standard deviation 1, of shape (batch, channels, samples)."""
        out = np.empty((len(self), channels, samples), np.float32)
        for row, generator in zip(out, self._generators, strict=True):
            generator.standard_normal(dtype=np.float32, out=row)
        return out

    def _take(self, count: int) -> NDArray[np.float64]:
        while self._pool.shape[1] - self._used < count:
            fresh = np.array([generator.random(_BLOCK) for generator in self._generators]).reshape(len(self), _BLOCK)
            self._pool = np.concatenate([self._pool[:, self._used :], fresh], axis=1)
            self._used = 0
        self._used += count
        return self._pool[:, self._used - count : self._used]
