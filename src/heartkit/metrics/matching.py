"""One-to-one matching of two sets of points in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ROUNDING = 1e-9  # seconds; a distance that equals the tolerance is within it whatever the arithmetic did

_MATCH, _SKIP_REFERENCE, _SKIP_PREDICTED = 0, 1, 2

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]


def match_points(reference: NDArray[np.float64], predicted: NDArray[np.float64], tolerance: float) -> Pairs:
    """Pair reference and predicted points, each at most once and no further apart than the tolerance.

    The most pairs possible, and among such pairings one of least total distance. Taking the nearest each time does not
    reach that: of references at 0 and 100 ms and predictions at 60 and 190 ms it would pair 100 with 60 and leave the
    others alone, where two pairs are possible.

    Parameters
    ----------
    reference : (n,) array
        Times in seconds, in any order, finite.
    predicted : (m,) array
        Times in seconds, in any order, finite.
    tolerance : float
        Seconds, included.

    Returns
    -------
    reference_index, predicted_index : (k,) arrays of int
        ``reference[reference_index[i]]`` is paired with ``predicted[predicted_index[i]]``; sorted by reference time.
    """
    points = np.concatenate([reference, predicted])
    order = np.argsort(points, kind="stable")
    # No pair reaches over a gap wider than the tolerance, so the stretches between such gaps are matched on their own.
    stretch = np.concatenate([[0], np.cumsum(np.diff(points[order]) > tolerance + _ROUNDING)])[: len(order)]
    is_reference = order < len(reference)
    references, predictions = order[is_reference], order[~is_reference] - len(reference)
    stretches = int(stretch[-1]) + 1 if len(stretch) else 0
    references_in = np.bincount(stretch[is_reference], minlength=stretches)
    predictions_in = np.bincount(stretch[~is_reference], minlength=stretches)
    first_reference = np.cumsum(references_in) - references_in
    first_prediction = np.cumsum(predictions_in) - predictions_in

    lone = np.flatnonzero((references_in == 1) & (predictions_in == 1))
    pairs = [(references[first_reference[lone]], predictions[first_prediction[lone]])]
    for at in np.flatnonzero((references_in > 0) & (predictions_in > 0) & (references_in + predictions_in > 2)):
        left = references[first_reference[at] : first_reference[at] + references_in[at]]
        right = predictions[first_prediction[at] : first_prediction[at] + predictions_in[at]]
        i, j = _match_sorted(reference[left], predicted[right], tolerance)
        pairs.append((left[i], right[j]))
    matched, by = (np.concatenate(side) for side in zip(*pairs, strict=True))
    ordered = np.argsort(reference[matched], kind="stable")
    return matched[ordered], by[ordered]


def _match_sorted(reference: NDArray[np.float64], predicted: NDArray[np.float64], tolerance: float) -> Pairs:
    """Match sorted points by dynamic programming.

    Uncrossing two crossed pairs never lengthens them, so some best pairing is in order, and the best pairing of the
    first i with the first j points follows from shorter ones.
    """
    # A pair is worth more than all the distance that could be saved by giving it up.
    bonus = (min(len(reference), len(predicted)) + 1) * (tolerance + 1e-6)
    choice = np.empty((len(reference) + 1, len(predicted) + 1), np.uint8)
    choice[0] = _SKIP_PREDICTED
    cost = np.zeros(len(predicted) + 1)
    for i, time in enumerate(reference, start=1):
        distance = np.abs(predicted - time)
        gain = np.where(distance <= tolerance + _ROUNDING, distance - bonus, np.inf)
        best = np.concatenate([[0.0], np.minimum(cost[1:], cost[:-1] + gain)])
        choice[i] = np.where(best < cost, _MATCH, _SKIP_REFERENCE)
        row = np.minimum.accumulate(best)
        choice[i][row < best] = _SKIP_PREDICTED
        cost = row
    return _trace(choice)


def _trace(choice: NDArray[np.uint8]) -> Pairs:
    """Walk the choices back from the corner and collect the pairs, in order."""
    i, j = choice.shape[0] - 1, choice.shape[1] - 1
    pairs: list[tuple[int, int]] = []
    while i and j:
        step = choice[i, j]
        if step == _MATCH:
            pairs.append((i - 1, j - 1))
        i -= step != _SKIP_PREDICTED
        j -= step != _SKIP_REFERENCE
    found = np.array(pairs[::-1], np.intp).reshape(-1, 2)
    return found[:, 0], found[:, 1]
