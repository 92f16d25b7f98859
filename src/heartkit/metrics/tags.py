"""Scores of several tags per item, each of which may hold or not, such as the diagnoses of a recording.

Every tag is scored by itself: how well its probabilities rank (AUROC, average precision), and what they say at a
threshold. Macro averages are over tags and leave out those that do not define the score.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heartkit.errors import DataError
from heartkit.metrics.bootstrap import bootstrap_items
from heartkit.metrics.classification import UNKNOWN, mean_defined, ratio
from heartkit.metrics.probabilities import rank_scores

log = logging.getLogger(__name__)

RANK_SCORES = ("auroc", "average_precision")
THRESHOLD_SCORES = ("f1", "se", "sp", "ppv")
TAG_SCORES = (*RANK_SCORES, *THRESHOLD_SCORES)

CELLS = ("tp", "fn", "fp", "tn")
"""Of a tag at its threshold: right, missed, false, and rightly left away."""

DEFAULT_THRESHOLD = 0.5


def tag_counts(
    truth: NDArray[np.integer], probabilities: NDArray[np.floating], thresholds: ArrayLike
) -> NDArray[np.bool_]:
    """Say into which cell each tag of each item falls; sums over items are counts.

    Parameters
    ----------
    truth : (n, tags) array of int or bool
        1 where the tag holds, 0 where not, `UNKNOWN` where nobody knows: that falls into no cell.
    probabilities : (n, tags) array
        What is said of it, 0..1.
    thresholds : (tags,) or (n, tags) array, or one number
        A tag is said to hold from this probability on.

    Returns
    -------
    (n, tags, 4) array of bool
        `CELLS`.
    """
    holds, said = truth == 1, probabilities >= np.asarray(thresholds)
    holds_not = truth == 0
    return np.stack([holds & said, holds & ~said, holds_not & said, holds_not & ~said], axis=-1)


def threshold_scores(counts: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    """Score counts of cells.

    Parameters
    ----------
    counts : (..., 4) array
        `CELLS`, summed over items.

    Returns
    -------
    dict of (...) arrays
        `THRESHOLD_SCORES`: F1, sensitivity, specificity, positive predictive value; NaN where undefined.
    """
    hits, missed, false, rejected = np.moveaxis(counts, -1, 0)
    return {
        "f1": ratio(2 * hits, 2 * hits + missed + false),
        "se": ratio(hits, hits + missed),
        "sp": ratio(rejected, rejected + false),
        "ppv": ratio(hits, hits + false),
    }


def best_thresholds(truth: NDArray[np.integer], probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the threshold of each tag that makes its F1 highest. Only ever choose on validation patients.

    Parameters
    ----------
    truth : (n, tags) array of int or bool
        As in `tag_counts`.
    probabilities : (n, tags) array
        What is said of it, 0..1.

    Returns
    -------
    (tags,) array
        Half-way between the lowest probability that is to count and the next below it, so that small changes of the
        network do not cross it; of thresholds that are equally good the highest. `DEFAULT_THRESHOLD` for a tag that
        holds nowhere, and a warning.

    Raises
    ------
    DataError
        If shapes do not fit.
    """
    _check(truth, probabilities)
    thresholds = np.full(truth.shape[1], DEFAULT_THRESHOLD)
    for tag in range(truth.shape[1]):
        known = truth[:, tag] != UNKNOWN
        holds, score = truth[known, tag] == 1, probabilities[known, tag].astype(np.float64)
        if not holds.any():
            log.warning("Tag %d holds for no item, so its threshold stays at %g.", tag, DEFAULT_THRESHOLD)
            continue
        levels, place = np.unique(score, return_inverse=True)
        # From the highest level down: hits and all that are said to hold.
        hits = np.cumsum(np.bincount(place, holds, len(levels))[::-1])
        said = np.cumsum(np.bincount(place, minlength=len(levels))[::-1])
        best = len(levels) - 1 - int(np.argmax(2 * hits / (said + holds.sum())))
        middle = levels[max(best - 1, 0) : best + 1].mean()
        thresholds[tag] = middle if middle > levels[max(best - 1, 0)] else levels[best]
    return thresholds


def tag_report(
    truth: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    thresholds: ArrayLike,
    names: Sequence[str],
    patients: ArrayLike,
    rng: np.random.Generator,
    resamples: int = 2000,
) -> dict[str, Any]:
    """Report scores of tags with 95 % intervals over patients, ready for JSON.

    Parameters
    ----------
    truth, probabilities : (n, tags) arrays
        As in `tag_counts`.
    thresholds : (tags,) or (n, tags) array, or one number
        Chosen on other patients, such as by `best_thresholds` on those for validation.
    names : sequence of str
        Names of the tags.
    patients : (n,) array
        Whose items they are, in any code.
    rng : numpy.random.Generator
        Draws the resamples.
    resamples : int
        How many.

    Returns
    -------
    dict
        ``patients``, ``items``, ``tags`` (name -> ``support`` (items for which it holds), ``known``, ``threshold`` (the
        mean, where items have thresholds of their own),
        `CELLS`, `TAG_SCORES`), ``macro_auroc`` and the other averages. A score is ``{"value", "low", "high"}``; an
        undefined one is None.

    Raises
    ------
    DataError
        If shapes do not fit, or there is no item.
    """
    _check(truth, probabilities)
    if len(np.asarray(patients)) != len(truth):
        raise DataError(f"There are {len(np.asarray(patients))} patients for {len(truth)} items; expected one each.")
    each = np.broadcast_to(np.asarray(thresholds, np.float64), truth.shape)
    cells = tag_counts(truth, probabilities, each)
    rankings = []
    for tag in range(truth.shape[1]):
        known = np.flatnonzero(truth[:, tag] != UNKNOWN)
        rankings.append((known, rank_scores(truth[known, tag] == 1, probabilities[known, tag])))
    flat = cells.reshape(len(cells), -1).astype(np.float64)

    def metrics(weights: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
        ranked = [ranking(weights[..., known]) for known, ranking in rankings]
        scores = {name: np.stack([tag[name] for tag in ranked], axis=-1) for name in RANK_SCORES}
        scores |= threshold_scores((weights @ flat).reshape(*weights.shape[:-1], *cells.shape[1:]))
        return scores | {f"macro_{name}": mean_defined(values) for name, values in scores.items()}

    estimates = bootstrap_items(patients, metrics, rng, resamples)
    counts = cells.sum(0)
    return {
        "patients": len(np.unique(np.asarray(patients))),
        "items": len(truth),
        "tags": {
            name: {
                "support": int(counts[at, :2].sum()),
                "known": int(counts[at].sum()),
                "threshold": float(each[:, at].mean()),
                **{cell: int(count) for cell, count in zip(CELLS, counts[at], strict=True)},
                **{score: estimates[score].json(at) for score in TAG_SCORES},
            }
            for at, name in enumerate(names)
        },
        **{f"macro_{name}": estimates[f"macro_{name}"].json() for name in TAG_SCORES},
    }


def _check(truth: NDArray[np.integer], probabilities: NDArray[np.floating]) -> None:
    if truth.shape != probabilities.shape or truth.ndim != 2:
        raise DataError(
            f"Tags of shape {truth.shape} and probabilities of shape {probabilities.shape} must be of one (n, tags)."
        )
    wrong = truth[~np.isin(truth, (0, 1, UNKNOWN))]
    if wrong.size:
        raise DataError(f"A tag is {wrong[0]}; expected 1 (it holds), 0 (it does not) or {UNKNOWN} (nobody knows).")
    if not np.isfinite(probabilities).all():
        raise DataError("A probability is not finite. Check that the model has no NaN weights.")
