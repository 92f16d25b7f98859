"""Means and medians of a score that every frame has, with intervals over patients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heartkit.errors import DataError
from heartkit.metrics.bootstrap import Estimate, bootstrap
from heartkit.metrics.classification import ratio

_GRID = 1000
"""Most values at which frames are counted for the interval of a median; with fewer frames it is exact."""


def summarise(
    values: Mapping[str, NDArray[np.floating]], patients: ArrayLike, rng: np.random.Generator, resamples: int = 2000
) -> dict[str, dict[str, Any]]:
    """Summarise scores of frames over all of them, ready for JSON.

    Parameters
    ----------
    values : mapping of str to (n,) arrays
        A score of each frame. What is not finite is undefined: it is left out of that score, and counted.
    patients : (n,) array
        Whose frames they are, in any code.
    rng : numpy.random.Generator
        Draws the resamples.
    resamples : int
        How many.

    Returns
    -------
    dict
        name -> ``mean`` and ``median`` over frames, each ``{"value", "low", "high"}`` with the 95 % interval over
        patients; ``sd`` over frames (sample standard deviation); ``frames`` that are counted and ``left_out``.

    Raises
    ------
    DataError
        If there is no frame, or the numbers of frames differ.
    """
    names, owner = np.unique(np.asarray(patients), return_inverse=True)
    for name, score in values.items():
        if score.shape != owner.shape:
            raise DataError(f"Score {name!r} has shape {score.shape}, but there are patients for {len(owner)} frames.")
    means = _means(values, owner, len(names), rng, resamples)
    return {
        name: {
            "mean": means[name].json(),
            "median": _median(score, owner, len(names), rng, resamples).json(),
            "sd": _deviation(score),
            "frames": int(np.isfinite(score).sum()),
            "left_out": int((~np.isfinite(score)).sum()),
        }
        for name, score in values.items()
    }


def _means(
    values: Mapping[str, NDArray[np.floating]],
    owner: NDArray[np.intp],
    patients: int,
    rng: np.random.Generator,
    resamples: int,
) -> dict[str, Estimate]:
    """Estimate all means at once: each patient's sums and counts add up."""
    statistics = np.zeros((patients, len(values), 2))
    for at, score in enumerate(values.values()):
        defined = np.isfinite(score)
        statistics[:, at, 0] = np.bincount(owner, np.where(defined, score, 0.0), patients)
        statistics[:, at, 1] = np.bincount(owner, defined, patients)

    def metrics(total: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
        mean = ratio(total[..., 0], total[..., 1])
        return {name: mean[..., at] for at, name in enumerate(values)}

    return bootstrap(statistics, metrics, rng, resamples)


def _median(
    score: NDArray[np.floating], owner: NDArray[np.intp], patients: int, rng: np.random.Generator, resamples: int
) -> Estimate:
    """Estimate a median from how many frames each patient has at each of a grid of values, which adds up."""
    defined = np.isfinite(score)
    kept = score[defined].astype(np.float64)
    if not len(kept):
        undefined = np.array(np.nan)
        return Estimate(undefined, None, None) if patients < 2 else Estimate(undefined, undefined, undefined)
    value = np.asarray(np.median(kept))
    if patients < 2:
        return Estimate(value, None, None)  # the means have said that one patient gives no interval
    grid = np.unique(kept)
    if len(grid) > _GRID:
        grid = np.unique(np.quantile(kept, np.linspace(0, 1, _GRID), method="higher"))
    column = np.searchsorted(grid, kept)
    counts = np.bincount(owner[defined] * len(grid) + column, minlength=patients * len(grid))

    def metrics(total: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
        below = np.cumsum(total, axis=-1)
        half = below[..., -1:] / 2
        # The mean of the two in the middle, which are one where the number of frames is odd.
        middle = grid[np.argmax(below >= half, axis=-1)] + grid[np.argmax(below > half, axis=-1)]
        return {"median": np.where(half[..., 0] > 0, middle / 2, np.nan)}

    found = bootstrap(counts.reshape(patients, -1), metrics, rng, resamples)["median"]
    return Estimate(value, found.low, found.high)


def _deviation(score: NDArray[np.floating]) -> float | None:
    kept = score[np.isfinite(score)]
    return float(np.std(kept, ddof=1)) if len(kept) > 1 else None
