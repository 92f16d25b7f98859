"""Against closed forms: of a mean the jackknife's interval is Student's; of a score without one it keeps out twins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from heartkit.errors import DataError
from heartkit.metrics.jackknife import jackknife

VALUES = st.lists(st.floats(-100, 100), min_size=2, max_size=30)


@given(VALUES)
def test_of_a_mean_the_interval_is_students(values):
    values = np.array(values)
    found = jackknife(range(len(values)), lambda some: values[some].mean())
    mean, error = values.mean(), values.std(ddof=1) / np.sqrt(len(values))
    half = stats.t.ppf(0.975, len(values) - 1) * error
    np.testing.assert_allclose([found.value, found.low, found.high], [mean, mean - half, mean + half], atol=1e-9)


def test_of_many_patients_groups_are_left_out():
    rng = np.random.default_rng(0)
    values, asked = rng.normal(size=1000), []

    def mean(some):
        asked.append(len(some))
        return values[some].mean()

    found = jackknife(np.arange(1000), mean, groups=20)
    assert asked == [1000] + 20 * [950]
    half = (found.high - found.low) / 2
    assert half == pytest.approx(stats.t.ppf(0.975, 19) / np.sqrt(1000), rel=0.3)


def test_items_of_a_patient_go_together():
    patients = np.repeat(["a", "b", "c"], [1, 5, 2])
    seen = []
    jackknife(patients, lambda some: seen.append(sorted(set(patients[some]))) or 0.0)
    assert seen == [["a", "b", "c"], ["b", "c"], ["a", "c"], ["a", "b"]]


def test_it_covers_as_often_as_it_says():
    """Means of normal numbers, the one case in which the coverage is exact."""
    rng, hits = np.random.default_rng(1), 0
    for _ in range(2000):
        values = rng.normal(3, 2, 8)
        found = jackknife(range(8), lambda some, values=values: values[some].mean())
        hits += found.low <= 3 <= found.high
    assert hits / 2000 == pytest.approx(0.95, abs=0.015)


def test_several_scores_at_once_are_each_alone():
    values = np.random.default_rng(2).normal(size=(9, 2))
    both = jackknife(range(9), lambda some: values[some].mean(axis=0))
    for at in range(2):
        assert both.json(at) == pytest.approx(jackknife(range(9), lambda some, at=at: values[some, at].mean()).json())


def test_one_patient_has_no_interval_and_none_is_an_error():
    found = jackknife([7, 7], len)
    assert found.json() == {"value": 2.0, "low": None, "high": None}
    with pytest.raises(DataError, match="no patient"):
        jackknife([], len)


def test_a_score_that_is_undefined_without_someone_has_no_ends():
    found = jackknife([1, 2, 3], lambda some: float("nan") if len(some) < 3 else 1.0)
    assert found.json() == {"value": 1.0, "low": None, "high": None}
