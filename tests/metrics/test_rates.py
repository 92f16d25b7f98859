from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as sk

from heartkit.errors import DataError
from heartkit.metrics.rates import rate_report


def test_errors_are_those_of_scikit_learn_where_both_are_known_and_coverage_is_told() -> None:
    rng = np.random.default_rng(0)
    reference, patients = rng.uniform(50, 120, 200), rng.integers(0, 20, 200)
    measured = reference + rng.normal(1.5, 4, 200)
    reference[:20], measured[10:50] = np.nan, np.nan
    report = rate_report(reference, measured, patients, np.random.default_rng(1))
    both = slice(50, None)
    assert report["mean_absolute_error"]["value"] == pytest.approx(
        sk.mean_absolute_error(reference[both], measured[both])
    )
    assert report["root_mean_square_error"]["value"] == pytest.approx(
        sk.root_mean_squared_error(reference[both], measured[both])
    )
    assert report["bias"]["value"] == pytest.approx(np.mean(measured[both] - reference[both]))
    assert (report["patients"], report["reference"], report["both"]) == (20, 180, 150)
    assert report["coverage"]["value"] == pytest.approx(150 / 180)
    assert report["bias"]["low"] < 1.5 < report["bias"]["high"]
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_nothing_measured_has_no_error_and_no_coverage() -> None:
    report = rate_report(np.array([60.0, 70.0]), np.array([np.nan, np.inf]), ["a", "b"], np.random.default_rng(0))
    assert report["coverage"] == {"value": 0, "low": 0, "high": 0}
    assert report["mean_absolute_error"] == {"value": None, "low": None, "high": None}


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match=r"\(2,\) and \(3,\) and patients \(2,\)"):
        rate_report(np.zeros(2), np.zeros(3), [0, 1], np.random.default_rng(0))
