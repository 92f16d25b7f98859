"""What an embedding has learned without labels: who its neighbours are, and how it fills the sphere.

All is on directions: embeddings are scaled to length one first. An embedding of length zero has no direction; it is
left out, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heartkit.errors import DataError
from heartkit.metrics.bootstrap import bootstrap
from heartkit.metrics.classification import UNKNOWN, ratio

_BLOCK = 1_000_000  # similarities held at once, in single precision


def neighbours(embeddings: NDArray[np.floating], count: int, patients: ArrayLike | None = None) -> NDArray[np.intp]:
    """Return the nearest other frames by cosine.

    Parameters
    ----------
    embeddings : (n, d) array
        One row per frame.
    count : int
        How many neighbours.
    patients : (n,) array, optional
        Whose frames they are, in any code. Given, only frames of other patients are neighbours.

    Returns
    -------
    (n, count) array of int
        Nearest first; of equally near ones the first frame. -1 where there are no more, and for frames and neighbours
        without a direction.

    Raises
    ------
    DataError
        If `embeddings` is not (n, d), has a number that is not finite, or `count` is below one.
    """
    unit, known = _directions(embeddings)
    if count < 1:
        raise DataError(f"The number of neighbours is {count}; expected at least 1.")
    owner = np.arange(len(unit)) if patients is None else np.unique(np.asarray(patients), return_inverse=True)[1]
    if len(owner) != len(unit):
        raise DataError(f"There are {len(owner)} patients for {len(unit)} frames; expected one each.")
    found = np.full((len(unit), count), -1, np.intp)
    for rows, similarity in _similarities(unit):
        similarity[owner[rows, None] == owner[None, :]] = -np.inf
        similarity[:, ~known] = -np.inf
        found[rows] = _nearest(similarity, count)
    found[~known] = -1
    return found


def neighbour_agreement(
    embeddings: NDArray[np.floating],
    labels: Mapping[str, NDArray[np.integer]],
    patients: ArrayLike,
    rng: np.random.Generator,
    count: int = 5,
    other_patients: bool = True,
    resamples: int = 2000,
) -> dict[str, Any]:
    """Report how often neighbours carry the frame's own label, ready for JSON.

    Parameters
    ----------
    embeddings : (n, d) array
        One row per frame.
    labels : mapping of str to (n,) arrays of int
        By name, what neighbours may agree on; `UNKNOWN` where nobody knows, which is left out on both sides.
    patients : (n,) array
        Whose frames they are, in any code.
    rng : numpy.random.Generator
        Draws the resamples.
    count : int
        Neighbours of each frame.
    other_patients : bool
        Whether only frames of other patients are neighbours. Two frames of one patient resemble each other in any
        embedding, so that without it the agreement on labels is mostly that of recognising the patient.
    resamples : int
        How many.

    Returns
    -------
    dict
        ``patients``, ``frames``, ``neighbours``, ``other_patients``, ``left_out`` (frames without a direction);
        ``labels``: name -> ``agreement`` (mean over frames of the share of their neighbours with their label) and
        ``chance`` (the same if neighbours were drawn blindly from the frames that may be neighbours), each
        ``{"value", "low", "high"}`` with the 95 % interval over patients. Unless `other_patients`, one of the labels
        is ``patient``. Neighbours are those among all frames in every resample.
    """
    names, owner = np.unique(np.asarray(patients), return_inverse=True)
    near = neighbours(embeddings, count, owner if other_patients else None)
    asked = dict(labels) if other_patients else {**labels, "patient": owner}
    known = _directions(embeddings)[1]
    statistics = np.zeros((len(names), len(asked), 3))
    for at, label in enumerate(asked.values()):
        shares, chance = _agreement(near, label), _chance(label, owner, known, other_patients)
        scored = np.isfinite(shares)
        for column, values in enumerate((shares[scored], chance[scored], np.ones(scored.sum()))):
            statistics[:, at, column] = np.bincount(owner[scored], values, len(names))

    def metrics(total: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
        return {"agreement": ratio(total[..., 0], total[..., 2]), "chance": ratio(total[..., 1], total[..., 2])}

    estimates = bootstrap(statistics, metrics, rng, resamples)
    return {
        "patients": len(names),
        "frames": len(owner),
        "neighbours": count,
        "other_patients": other_patients,
        "left_out": int((~known).sum()),
        "labels": {
            name: {score: estimate.json(at) for score, estimate in estimates.items()} for at, name in enumerate(asked)
        },
    }


def alignment(first: NDArray[np.floating], second: NDArray[np.floating], power: float = 2.0) -> float:
    """Return how far the two views of a frame lie apart (Wang & Isola 2020), lower being better.

    Parameters
    ----------
    first, second : (n, d) arrays
        Embeddings of two views of the same frames.
    power : float
        Of the distance; 2 in the paper.

    Returns
    -------
    float
        Mean of the distances' powers, 0 to 2 ** power; NaN without a pair that has directions.
    """
    if first.shape != second.shape:
        raise DataError(f"Two views of the same frames have shapes {first.shape} and {second.shape}.")
    (one, known), (other, also) = _directions(first), _directions(second)
    both = known & also
    squares = ((one[both] - other[both]) ** 2).sum(1, dtype=np.float64)
    return float(np.mean(squares ** (power / 2))) if both.any() else float("nan")


def uniformity(embeddings: NDArray[np.floating], temperature: float = 2.0) -> float:
    """Return how evenly embeddings fill the sphere (Wang & Isola 2020), lower being better.

    Parameters
    ----------
    embeddings : (n, d) array
        One row per frame.
    temperature : float
        t of the Gaussian potential exp(-t * distance^2); 2 in the paper.

    Returns
    -------
    float
        Logarithm of the mean potential over all pairs of different frames: 0 where all are one point, not below
        -4 * temperature; NaN with fewer than two directions.
    """
    unit, known = _directions(embeddings)
    unit = unit[known]
    if len(unit) < 2:
        return float("nan")
    total = 0.0
    for rows, similarity in _similarities(unit):
        potential = np.exp(2 * temperature * (similarity - 1))
        potential[np.arange(len(rows)), rows] = 0  # with itself
        total += float(potential.sum(dtype=np.float64))
    return float(np.log(total / (len(unit) * (len(unit) - 1))))


def _directions(embeddings: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return rows of length one, and which have a direction at all."""
    if embeddings.ndim != 2 or not np.isfinite(embeddings).all():
        raise DataError(f"Embeddings of shape {embeddings.shape} must be (n, d) and finite.")
    # Scaling by the largest first keeps the squares of tiny and of huge numbers in range.
    largest = np.abs(embeddings).max(1, keepdims=True, initial=0.0)
    known = largest[:, 0] > 0
    scaled = embeddings / np.where(known[:, None], largest, 1)
    length = np.linalg.norm(scaled, axis=1, keepdims=True)
    return (scaled / np.where(known[:, None], length, 1)).astype(np.float32), known


def _similarities(unit: NDArray[np.float32]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float32]]]:
    """Yield row numbers and their cosines with all rows, block by block, so that memory does not grow with n^2."""
    step = max(1, _BLOCK // max(len(unit), 1))
    for start in range(0, len(unit), step):
        rows = np.arange(start, min(start + step, len(unit)))
        yield rows, unit[rows] @ unit.T


def _nearest(similarity: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Return the columns of the highest similarities, highest first, -1 where they are minus infinity."""
    rows, columns = similarity.shape
    found = np.full((rows, count), -1, np.intp)
    kept = min(count, columns)
    if kept < columns:
        # The lowest similarity that is in: with it the choice among equals is the first, not any.
        bar = -np.partition(-similarity, kept - 1, axis=1)[:, kept - 1 : kept]
        chosen = similarity >= bar
        crowded = np.flatnonzero(chosen.sum(1) > kept)
        level = similarity[crowded] == bar[crowded]
        free = kept - (chosen[crowded] & ~level).sum(1, keepdims=True)
        chosen[crowded] &= ~level | (np.cumsum(level, axis=1) <= free)
        top = np.nonzero(chosen)[1].reshape(rows, kept)
    else:
        top = np.broadcast_to(np.arange(columns), (rows, columns))
    values = np.take_along_axis(similarity, top, 1)
    order = np.argsort(-values, axis=1, kind="stable")
    top, values = np.take_along_axis(top, order, 1), np.take_along_axis(values, order, 1)
    found[:, :kept] = np.where(np.isfinite(values), top, -1)
    return found


def _agreement(near: NDArray[np.intp], label: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the share of each frame's neighbours with its label; NaN where its own or all of theirs are unknown."""
    theirs = np.where(near >= 0, label[near], UNKNOWN)
    counted = (theirs != UNKNOWN) & (label != UNKNOWN)[:, None]
    return ratio((counted & (theirs == label[:, None])).sum(1), counted.sum(1))


def _chance(
    label: NDArray[np.integer], owner: NDArray[np.intp], known: NDArray[np.bool_], other_patients: bool
) -> NDArray[np.float64]:
    """Return the share of the frames that may be neighbours of each frame which carry its label."""
    eligible = known & (label != UNKNOWN)
    kinds, kind = np.unique(label, return_inverse=True)
    every = np.bincount(kind[eligible], minlength=len(kinds))
    if not other_patients:
        return ratio(every[kind] - eligible, eligible.sum() - eligible)
    own = np.zeros((int(owner.max(initial=-1)) + 1, len(kinds)))
    np.add.at(own, (owner[eligible], kind[eligible]), 1)
    return ratio(every[kind] - own[owner, kind], eligible.sum() - own.sum(1)[owner])
