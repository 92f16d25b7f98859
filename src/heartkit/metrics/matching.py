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


def pair_beats(reference: NDArray[np.float64], test: NDArray[np.float64], window: float, start: float = 0.0) -> Pairs:
    """Pair reference and test beats by the rule of WFDB's ``bxb``, the reference implementation of ANSI/AAMI EC57.

    Both lists are walked in time. The earlier of the two beats in turn pairs with the other if that lies within the
    window and either no later beat of its own list is as near to the other, or that later beat has a nearer one to
    pair with; else it stays alone. Where beats lie further apart than two windows this is `match_points`; elsewhere it
    may find a pair less.

    Parameters
    ----------
    reference, test : (n,) and (m,) arrays
        Times in seconds, in any order, finite.
    window : float
        Seconds, included.
    start : float
        Beats before it, in seconds, are left out, as ``bxb`` does: the last test beat before it may yet pair with the
        first reference beat after it, and the first test beat after it does not count as extra where it lies within
        the window behind it and the next one is nearer to the first reference beat, or there is no such beat.

    Returns
    -------
    reference_index, test_index : (k,) arrays of int
        Every beat once, in time; -1 is the partner of a beat that stays alone.
    """
    orders = (np.argsort(reference, kind="stable"), np.argsort(test, kind="stable"))
    left, right = (times[order] for times, order in zip((reference, test), orders, strict=True))
    i, j = (int(np.searchsorted(times, start)) for times in (left, right))
    j = _first_test(left[i:], right, j, window, start) if start > 0 else j
    pairs = _walk([*left.tolist(), np.inf, np.inf], [*right.tolist(), np.inf, np.inf], i, j, window + _ROUNDING)
    found = np.array(pairs, np.intp).reshape(-1, 2)
    # Index -1 takes the last entry, which says again that there is no beat.
    return np.append(orders[0], -1)[found[:, 0]], np.append(orders[1], -1)[found[:, 1]]


def _first_test(reference: NDArray[np.float64], test: NDArray[np.float64], at: int, window: float, start: float) -> int:
    """Return where to begin in `test`, of which `at` is the first not before `start`."""
    edge = at < len(test) and test[at] - start <= window + _ROUNDING
    if not len(reference):
        return at + 1 if edge else at
    distance = np.append(np.abs(test - reference[0]), [np.inf, np.inf])
    if at and distance[at - 1] <= window + _ROUNDING and distance[at - 1] < distance[at] - _ROUNDING:
        return at - 1
    return at + 1 if edge and distance[at + 1] < distance[at] - _ROUNDING else at


def _walk(reference: list[float], test: list[float], i: int, j: int, window: float) -> list[tuple[int, int]]:
    """Pair sorted beats, each list followed by two at infinity; the differences between those compare as false."""
    pairs = []
    while (first := min(reference[i], test[j])) < np.inf:
        gap = abs(reference[i] - test[j])
        is_test = test[j] == first < reference[i]
        rival = abs(reference[i] - test[j + 1]) if is_test else abs(test[j] - reference[i + 1])
        rival -= _ROUNDING  # as near is not nearer, whatever the arithmetic did
        if gap <= window and (gap < rival or abs(reference[i + 1] - test[j + 1]) < rival):
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif is_test:
            pairs.append((-1, j))
            j += 1
        else:
            pairs.append((i, -1))
            i += 1
    return pairs
