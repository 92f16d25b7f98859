"""Means and medians of a score that every frame has, with intervals over patients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heartkit.errors import DataError
from heartkit.metrics.bootstrap import Estimate, bootstrap
from heartkit.metrics.classification import ratio

_GRID = (100, 500)
"""Values at which frames are counted for the interval of a median: more of them for fewer patients. It is exact if
there are no more frames."""

_CELLS = 500_000  # counts held for one score: patients times values

_REACH = 5
"""How far those values reach around the median, in standard deviations of the share of frames below it."""


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
    estimates = _estimates(values, owner, len(names), rng, resamples)
    return {
        name: {
            "mean": estimates[f"mean {name}"].json(),
            "median": replace(estimates[f"median {name}"], value=_median(score)).json(),
            "sd": _deviation(score),
            "frames": int(np.isfinite(score).sum()),
            "left_out": int((~np.isfinite(score)).sum()),
        }
        for name, score in values.items()
    }


def _estimates(
    values: Mapping[str, NDArray[np.floating]],
    owner: NDArray[np.intp],
    patients: int,
    rng: np.random.Generator,
    resamples: int,
) -> dict[str, Estimate]:
    """Estimate all means and medians from one set of resamples: everything that adds up stands side by side."""
    grids = [_grid(score, owner) for score in values.values()]
    columns = [_columns(*each, owner, patients) for each in zip(values.values(), grids, strict=True)]
    ends = np.cumsum([column.shape[1] for column in columns])[:-1]

    def metrics(total: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
        scores = {}
        for name, grid, part in zip(values, grids, np.split(total, ends, axis=-1), strict=True):
            scores[f"mean {name}"] = ratio(part[..., 0], part[..., 1])
            scores[f"median {name}"] = _weighted_median(grid, part[..., 2:])
        return scores

    return bootstrap(np.concatenate(columns, axis=1), metrics, rng, resamples)


def _columns(
    score: NDArray[np.floating], grid: NDArray[np.float64], owner: NDArray[np.intp], patients: int
) -> NDArray[np.float64]:
    """Return each patient's sum and number of frames, and how many there are up to each value of the grid."""
    defined = np.isfinite(score)
    kept, whose = score[defined].astype(np.float64), owner[defined]
    place = np.minimum(np.searchsorted(grid, kept), len(grid) - 1)
    counts = np.bincount(whose * len(grid) + place, minlength=patients * len(grid))
    sums = [np.bincount(whose, kept, patients), np.bincount(whose, minlength=patients)]
    return np.column_stack([*sums, counts.reshape(patients, len(grid))])


def _grid(score: NDArray[np.floating], owner: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the values at which the frames of a score are counted; all of them, if they are few."""
    defined = np.isfinite(score)
    kept = score[defined].astype(np.float64)
    frames = np.bincount(owner[defined]).astype(np.float64)
    size = int(np.clip(_CELLS // max(len(frames), 1), *_GRID))
    grid = np.unique(kept)
    if len(grid) <= size:
        return grid if len(grid) else np.zeros(1)
    # Were all frames of a patient alike, their share below the median would stray by this much; it strays by no more.
    spread = 0.5 * np.sqrt((frames**2).sum()) / frames.sum()
    reach = min(0.5, _REACH * spread)
    return np.unique(np.quantile(kept, np.linspace(0.5 - reach, 0.5 + reach, size), method="higher"))


def _weighted_median(grid: NDArray[np.float64], counts: NDArray[Any]) -> NDArray[np.float64]:
    """Return the mean of the two values in the middle, which are one where their number is odd; NaN without any."""
    below = np.cumsum(counts, axis=-1)
    half = below[..., -1:] / 2
    middle = grid[np.argmax(below >= half, axis=-1)] + grid[np.argmax(below > half, axis=-1)]
    return np.where(half[..., 0] > 0, middle / 2, np.nan)


def _median(score: NDArray[np.floating]) -> NDArray[np.float64]:
    kept = score[np.isfinite(score)]
    return np.asarray(np.median(kept) if len(kept) else np.nan, np.float64)


def _deviation(score: NDArray[np.floating]) -> float | None:
    kept = score[np.isfinite(score)]
    return float(np.std(kept, ddof=1)) if len(kept) > 1 else None
