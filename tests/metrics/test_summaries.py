from __future__ import annotations

import json

import numpy as np
import pytest

from heartkit.errors import DataError
from heartkit.metrics import summaries as module
from heartkit.metrics.summaries import summarise


def drawn(values: np.ndarray, patients: np.ndarray, statistic, resamples: int = 2000) -> np.ndarray:
    """Bootstrap over patients the long way: draw patients, gather their frames, compute."""
    rng = np.random.default_rng(11)
    frames = [values[patients == who] for who in np.unique(patients)]
    picks = rng.integers(0, len(frames), (resamples, len(frames)))
    return np.quantile([statistic(np.concatenate([frames[at] for at in pick])) for pick in picks], [0.025, 0.975])


def test_mean_median_and_deviation_are_numpys_and_intervals_those_of_the_long_way() -> None:
    rng = np.random.default_rng(0)
    patients = rng.integers(0, 25, 900)
    values = rng.normal(0, 1, 25)[patients] + rng.exponential(1, 900)
    found = summarise({"x": values}, patients, np.random.default_rng(1), resamples=4000)["x"]
    assert found["mean"]["value"] == pytest.approx(values.mean())
    assert found["median"]["value"] == pytest.approx(np.median(values))
    assert found["sd"] == pytest.approx(values.std(ddof=1))
    assert (found["frames"], found["left_out"]) == (900, 0)
    for name, statistic in (("mean", np.mean), ("median", np.median)):
        ends = [found[name]["low"], found[name]["high"]]
        np.testing.assert_allclose(ends, drawn(values, patients, statistic), atol=0.06)


def test_many_frames_are_counted_on_a_grid_that_hardly_moves_the_interval(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    patients = rng.integers(0, 30, 3000)
    values = rng.normal(0, 1, 30)[patients] + rng.normal(0, 1, 3000)
    gridded = summarise({"x": values}, patients, np.random.default_rng(1))["x"]["median"]
    monkeypatch.setattr(module, "_GRID", (10_000, 10_000))
    exact = summarise({"x": values}, patients, np.random.default_rng(1))["x"]["median"]
    assert gridded["value"] == exact["value"] == pytest.approx(np.median(values))
    assert gridded != exact
    assert [gridded[end] for end in ("low", "high")] == pytest.approx([exact[end] for end in ("low", "high")], abs=0.01)


def test_what_is_not_finite_is_left_out_and_counted() -> None:
    values = {"x": np.array([1.0, np.nan, np.inf, 3.0, -np.inf]), "none": np.full(5, np.nan)}
    found = summarise(values, list("aabbb"), np.random.default_rng(0))
    assert found["x"]["mean"]["value"] == found["x"]["median"]["value"] == 2
    assert (found["x"]["frames"], found["x"]["left_out"]) == (2, 3)
    assert (found["x"]["median"]["low"], found["x"]["median"]["high"]) == (1, 3)
    nothing = {"value": None, "low": None, "high": None}
    assert found["none"] == {"mean": nothing, "median": nothing, "sd": None, "frames": 0, "left_out": 5}
    json.dumps(found, allow_nan=False)


def test_one_patient_has_no_interval_and_it_is_said_once(caplog) -> None:
    found = summarise({"x": np.arange(4.0), "y": np.arange(4.0)}, np.zeros(4), np.random.default_rng(0))
    assert found["x"]["mean"] == found["y"]["median"] == {"value": 1.5, "low": None, "high": None}
    assert caplog.text.count("at least two patients") == 1


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match=r"'x' has shape \(3,\).*4 frames"):
        summarise({"x": np.arange(3.0)}, np.zeros(4), np.random.default_rng(0))
    with pytest.raises(DataError, match="no patient"):
        summarise({"x": np.empty(0)}, [], np.random.default_rng(0))
