from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from heartkit.errors import DataError
from heartkit.metrics import bootstrap as module
from heartkit.metrics.bootstrap import bootstrap
from heartkit.metrics.classification import ratio


def proportion(total: np.ndarray) -> dict[str, np.ndarray]:
    return {"share": ratio(total[..., 0], total[..., 1])}


def test_interval_of_a_proportion_is_the_binomial_one():
    # One item per patient: the bootstrap distribution of the count is Binomial(n, k / n) exactly.
    hits = np.repeat([1, 0], [70, 30])
    found = bootstrap(np.stack([hits, np.ones(100)], 1), proportion, np.random.default_rng(0), resamples=20_000)
    low, high = scipy.stats.binom.ppf([0.025, 0.975], 100, 0.7) / 100
    assert found["share"].value == pytest.approx(0.7)
    assert found["share"].low == pytest.approx(low, abs=0.0101)
    assert found["share"].high == pytest.approx(high, abs=0.0101)


def test_covers_the_truth_nineteen_times_in_twenty():
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(400):
        # Patients differ (beta-binomial), so an interval that took items for independent would be too narrow.
        hits = rng.binomial(20, rng.beta(6, 4, 60))
        share = bootstrap(np.stack([hits, np.full(60, 20)], 1), proportion, rng, resamples=400)["share"]
        covered.append(share.low <= 0.6 <= share.high)
    low, high = scipy.stats.binom.ppf([0.001, 0.999], 400, 0.93) / 400
    assert low <= np.mean(covered) <= max(high, 0.97)


def test_is_reproducible_and_level_widens_it():
    statistics = np.stack([np.arange(30), np.full(30, 40)], 1)
    first, again = (bootstrap(statistics, proportion, np.random.default_rng(1))["share"] for _ in range(2))
    assert (first.low, first.high) == (again.low, again.high)
    wide = bootstrap(statistics, proportion, np.random.default_rng(1), level=0.99)["share"]
    assert wide.low < first.low < first.high < wide.high


def test_quantiles_are_numpys_and_chunks_do_not_matter(monkeypatch):
    seen: list[np.ndarray] = []

    def watched(total: np.ndarray) -> dict[str, np.ndarray]:
        share = proportion(total)["share"]
        if share.ndim:
            seen.append(share)
        return {"share": share}

    monkeypatch.setattr(module, "_CHUNK", 300)
    statistics = np.stack([np.arange(30), np.full(30, 40)], 1)
    found = bootstrap(statistics, watched, np.random.default_rng(1), resamples=99)["share"]
    drawn = np.concatenate(seen)
    assert len(seen) == 10
    assert len(drawn) == 99
    np.testing.assert_allclose([found.low, found.high], np.quantile(drawn, [0.025, 0.975]))


def test_resamples_without_the_class_do_not_count():
    # Only one of three patients has the class: without that patient the share is undefined.
    statistics = np.array([[3, 4], [0, 0], [0, 0]])
    share = bootstrap(statistics, proportion, np.random.default_rng(0))["share"]
    assert (share.low, share.value, share.high) == (0.75, 0.75, 0.75)
    never = bootstrap(np.zeros((3, 2)), proportion, np.random.default_rng(0))["share"]
    assert never.json() == {"value": None, "low": None, "high": None}


def test_one_patient_has_no_interval_and_it_is_said(caplog):
    share = bootstrap(np.array([[3, 4]]), proportion, np.random.default_rng(0))["share"]
    assert share.json() == {"value": 0.75, "low": None, "high": None}
    assert "at least two patients" in caplog.text


def test_no_patient_is_an_error():
    with pytest.raises(DataError, match="no patient"):
        bootstrap(np.empty((0, 2)), proportion, np.random.default_rng(0))
