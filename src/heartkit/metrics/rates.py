"""Heart rates measured in a signal against those of the reference, in beats per minute."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heartkit.errors import DataError
from heartkit.metrics.bootstrap import bootstrap
from heartkit.metrics.classification import ratio


def rate_report(
    reference: NDArray[np.floating],
    measured: NDArray[np.floating],
    patients: ArrayLike,
    rng: np.random.Generator,
    resamples: int = 2000,
) -> dict[str, Any]:
    """Report how far measured rates are from the reference, ready for JSON.

    Parameters
    ----------
    reference, measured : (n,) arrays
        Beats per minute of the same stretches; not finite where there is none.
    patients : (n,) array
        Whose they are, in any code.
    rng : numpy.random.Generator
        Draws the resamples.
    resamples : int
        How many.

    Returns
    -------
    dict
        ``patients``; ``reference`` (stretches that have a reference rate), ``both`` (of them, those measured too);
        ``coverage`` (the share of them), ``mean_absolute_error``, ``root_mean_square_error`` and ``bias`` (measured
        less reference) in beats per minute over those with both, each ``{"value", "low", "high"}`` with the 95 %
        interval over patients, None where undefined. An error says nothing without its coverage.

    Raises
    ------
    DataError
        If lengths differ, or there is nothing at all.
    """
    names, owner = np.unique(np.asarray(patients), return_inverse=True)
    if not reference.shape == measured.shape == owner.shape:
        raise DataError(
            f"Rates of shapes {reference.shape} and {measured.shape} and patients {owner.shape} must be of one (n,)."
        )
    known = np.isfinite(reference)
    both = known & np.isfinite(measured)
    error = np.where(both, measured, 0.0) - np.where(both, reference, 0.0)
    columns = (known, both, np.abs(error), error**2, error)
    statistics = np.stack([np.bincount(owner, column, len(names)) for column in columns], axis=1)
    estimates = bootstrap(statistics, _scores, rng, resamples)
    return {
        "patients": len(names),
        "reference": int(known.sum()),
        "both": int(both.sum()),
        **{name: estimate.json() for name, estimate in estimates.items()},
    }


def _scores(total: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    known, both, absolute, squares, error = np.moveaxis(total, -1, 0)
    return {
        "coverage": ratio(both, known),
        "mean_absolute_error": ratio(absolute, both),
        "root_mean_square_error": np.sqrt(ratio(squares, both)),
        "bias": ratio(error, both),
    }
