from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from wfdb.processing import compare_annotations

from heartkit.metrics.matching import match_points

TOLERANCE = 0.15

# Tens of milliseconds, so that ties and distances of exactly the tolerance occur.
times = st.lists(st.integers(0, 150), max_size=14).map(lambda ticks: np.array(ticks, float) / 100)


def best_by_assignment(reference: np.ndarray, predicted: np.ndarray) -> tuple[int, float]:
    distance = np.abs(reference[:, None] - predicted[None, :])
    allowed = distance <= TOLERANCE + 1e-9
    rows, columns = linear_sum_assignment(np.where(allowed, distance, 1000.0))
    chosen = allowed[rows, columns]
    return int(chosen.sum()), float(distance[rows, columns][chosen].sum())


@given(times, times)
def test_is_optimal(reference, predicted):
    i, j = match_points(reference, predicted, TOLERANCE)
    distance = np.abs(reference[i] - predicted[j])
    assert len(set(i)) == len(set(j)) == len(i)
    assert (distance <= TOLERANCE + 1e-9).all()
    assert (np.diff(reference[i]) >= 0).all()
    count, total = best_by_assignment(reference, predicted)
    assert len(i) == count
    assert distance.sum() == pytest.approx(total, abs=1e-9)


def test_finds_the_second_pair_that_taking_the_nearest_loses():
    i, j = match_points(np.array([0.0, 0.1]), np.array([0.06, 0.19]), TOLERANCE)
    np.testing.assert_array_equal(i, [0, 1])
    np.testing.assert_array_equal(j, [0, 1])


def test_long_dense_stretches_are_matched():
    reference = np.arange(1500) * 0.14
    predicted = reference + 0.06
    i, j = match_points(reference, predicted[::-1], TOLERANCE)
    np.testing.assert_array_equal(i, np.arange(1500))
    np.testing.assert_array_equal(j, np.arange(1500)[::-1])


def test_agrees_with_wfdb_on_beats():
    rng = np.random.default_rng(8)
    reference = np.cumsum(rng.integers(200, 400, 300))  # samples at 360 Hz, further apart than two windows
    kept = rng.random(300) > 0.1
    predicted = np.sort(np.concatenate([reference[kept] + rng.integers(-70, 71, kept.sum()), [5, 90_001, 90_200]]))
    window = 54  # 150 ms
    theirs = compare_annotations(reference, predicted, window)
    i, _ = match_points(reference / 360, predicted / 360, window / 360)
    # wfdb takes the nearest and counts a distance of the window itself as a miss.
    strictly = match_points(reference / 360, predicted / 360, (window - 0.5) / 360)[0]
    assert len(strictly) == theirs.tp
    assert len(reference) - len(strictly) == theirs.fn
    assert len(predicted) - len(strictly) == theirs.fp
    assert len(i) >= len(strictly)


def test_nothing_matches_nothing():
    for reference, predicted in (([], []), ([1.0], []), ([], [1.0]), ([1.0], [2.0])):
        i, j = match_points(np.array(reference), np.array(predicted), TOLERANCE)
        assert len(i) == len(j) == 0
