"""Scores of signals against scikit-learn, SciPy, the formulas of DeepFilter, closed forms and a real recording."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import wfdb
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.metrics.pairwise import paired_cosine_distances

from heartkit.errors import DataError
from heartkit.metrics import signals as module
from heartkit.metrics.signals import (
    DEEPFILTER_SCORES,
    SIGNAL_SCORES,
    frame_scores,
    scores_report,
    snr_improvement,
)

seeds = st.integers(0, 2**32 - 1)


def pair(seed: int, count: int = 12, samples: int = 80) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    clean = rng.normal(rng.normal(0, 2, (count, 1)), rng.uniform(0.5, 2, (count, 1)), (count, samples))
    return clean, clean * rng.uniform(-1, 1, (count, 1)) + rng.normal(0.1, 0.5, (count, samples))


@given(seeds)
def test_agrees_with_scikit_learn_and_scipy(seed: int) -> None:
    clean, signal = pair(seed)
    scores = frame_scores(clean, signal)
    assert tuple(scores) == SIGNAL_SCORES
    each = {"multioutput": "raw_values"}
    np.testing.assert_allclose(scores["rmse"], sk.root_mean_squared_error(clean.T, signal.T, **each))
    np.testing.assert_allclose(scores["mae"], sk.mean_absolute_error(clean.T, signal.T, **each))
    np.testing.assert_allclose(scores["mad"], [sk.max_error(*frames) for frames in zip(clean, signal, strict=True)])
    np.testing.assert_allclose(scores["ssd"], 80 * sk.mean_squared_error(clean.T, signal.T, **each))
    np.testing.assert_allclose(scores["cosine"], 1 - paired_cosine_distances(clean, signal), atol=1e-12)
    np.testing.assert_allclose(scores["correlation"], scipy.stats.pearsonr(clean, signal, axis=1).statistic)
    # The coefficient of determination is one less the share of the power that is error.
    share = 1 - sk.r2_score(clean.T, signal.T, **each)
    np.testing.assert_allclose(scores["prd"], 100 * np.sqrt(share))
    np.testing.assert_allclose(scores["snr"], -10 * np.log10(share), atol=1e-9)


def test_prd_of_deepfilter_takes_the_power_of_the_output_about_the_mean_of_all_clean_frames() -> None:
    clean = np.array([[0.0, 2.0], [4.0, 6.0]])
    signal = np.array([[1.0, 2.0], [4.0, 9.0]])
    # Mean of all clean samples: 3. Powers of the outputs about it: 4 + 1 and 1 + 36.
    found = frame_scores(clean, signal)["prd_deepfilter"]
    np.testing.assert_allclose(found, 100 * np.sqrt([1 / 5, 9 / 37]))
    halves = [frame_scores(clean[at : at + 1], signal[at : at + 1], 3.0)["prd_deepfilter"] for at in range(2)]
    np.testing.assert_array_equal(np.concatenate(halves), found)
    assert set(DEEPFILTER_SCORES) < set(SIGNAL_SCORES)


def test_closed_forms() -> None:
    time = np.arange(1000) / 250
    sine = np.sin(2 * np.pi * 2 * time)[None]
    scores = frame_scores(sine + 5, 0.9 * sine + 5)
    assert scores["snr"] == pytest.approx(20)
    assert scores["prd"] == pytest.approx(10)
    assert scores["correlation"] == pytest.approx(1)
    assert scores["rmse"] == pytest.approx(0.1 / np.sqrt(2))
    assert frame_scores(sine, sine + 0.1)["snr"] == pytest.approx(10 * np.log10(0.5 / 0.01))
    quarter = np.cos(2 * np.pi * 2 * time)[None]
    assert frame_scores(sine, quarter)["cosine"] == pytest.approx(0, abs=1e-12)
    assert frame_scores(sine, -sine)["cosine"] == pytest.approx(-1)


@given(seeds, st.floats(0.01, 100))
def test_what_units_and_baselines_change(seed: int, gain: float) -> None:
    clean, signal = pair(seed)
    scores, scaled, moved = (
        frame_scores(*frames) for frames in ((clean, signal), (gain * clean, gain * signal), (clean + 7, signal + 7))
    )
    for name in ("snr", "prd", "correlation", "cosine", "prd_deepfilter"):
        np.testing.assert_allclose(scaled[name], scores[name], rtol=1e-7, atol=1e-7)
    for name in ("rmse", "mae", "mad"):
        np.testing.assert_allclose(scaled[name], gain * scores[name])
    for name in set(SIGNAL_SCORES) - {"cosine"}:
        np.testing.assert_allclose(moved[name], scores[name], rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(scores["prd"], 100 * 10 ** (-scores["snr"] / 20))


def test_cosine_is_of_each_frame_not_of_all_in_a_row() -> None:
    # The large frame is perfect and would hide the small one, which is upside down.
    clean = np.array([[100.0, -100.0, 50.0], [1.0, -1.0, 0.5]])
    signal = clean * [[1.0], [-1.0]]
    assert frame_scores(clean, signal)["cosine"].mean() == pytest.approx(0)
    assert sk.pairwise.cosine_similarity(clean.reshape(1, -1), signal.reshape(1, -1)) > 0.999


def test_flat_and_perfect_frames() -> None:
    wave = np.sin(np.arange(50.0))
    flat = np.full(50, 0.1)  # its mean is not exactly 0.1 in binary
    clean = np.stack([flat, wave, wave, np.zeros(50)])
    signal = np.stack([wave, flat, wave, wave])
    scores = frame_scores(clean, signal)
    np.testing.assert_array_equal(np.isnan(scores["snr"]), [True, False, False, True])
    assert scores["snr"][2] == np.inf
    np.testing.assert_array_equal(np.isnan(scores["prd"]), [True, False, False, True])
    np.testing.assert_array_equal(np.isnan(scores["correlation"]), [True, True, False, True])
    np.testing.assert_array_equal(np.isnan(scores["cosine"]), [False, False, False, True])
    for name in ("rmse", "mae", "ssd", "mad"):
        assert np.isfinite(scores[name]).all()
        assert scores[name][2] == 0
    np.testing.assert_array_equal(
        snr_improvement(np.array([3.0, np.inf, np.nan, 4.0]), np.array([1.0, 1.0, 1.0, np.inf])),
        [2.0, np.nan, np.nan, np.nan],
    )


def test_single_precision_and_blocks_do_not_matter(monkeypatch) -> None:
    clean, signal = (frames.astype(np.float32) for frames in pair(4, 30))
    whole = frame_scores(clean, signal)
    double = frame_scores(clean.astype(np.float64), signal.astype(np.float64))
    monkeypatch.setattr(module, "_BLOCK", 7 * 80)
    for name, values in frame_scores(clean, signal).items():
        assert values.dtype == np.float64
        np.testing.assert_allclose(values, whole[name], rtol=1e-12)
        np.testing.assert_allclose(values, double[name], rtol=1e-12)


def test_report_of_a_real_recording_with_noise_of_a_known_level(shared_data: Path) -> None:
    # Twelve leads of eight people, ten seconds, with white noise at 6 dB; halving the noise gains 6.02 dB.
    names = [str(shared_data / "ludb" / "1.0.1" / "data" / str(number)) for number in (1, 2, 3, 4, 6, 7, 8, 9)]
    clean = np.concatenate([wfdb.rdrecord(name).p_signal.T for name in names])
    patients = np.repeat(np.arange(8), 12)
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 1, clean.shape)
    noise *= np.sqrt(np.var(clean, axis=1) / 10**0.6 / np.mean(noise**2, axis=1))[:, None]
    output, noisy = (frame_scores(clean, signal) for signal in (clean + noise / 2, clean + noise))
    report = scores_report(output, noisy, patients, np.random.default_rng(1))
    assert (report["patients"], report["frames"]) == (8, 96)
    assert report["input"]["snr"]["mean"]["value"] == pytest.approx(6)
    assert report["output"]["snr"]["median"]["value"] == pytest.approx(6 + 20 * np.log10(2))
    assert report["snr_improvement"]["mean"]["value"] == pytest.approx(20 * np.log10(2))
    for side in ("input", "output"):
        assert tuple(report[side]) == SIGNAL_SCORES
        rmse = report[side]["rmse"]["mean"]
        assert rmse["low"] < rmse["value"] < rmse["high"]
    assert report["input"]["rmse"]["mean"]["value"] == pytest.approx(2 * report["output"]["rmse"]["mean"]["value"])
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_report_without_an_input_and_with_some_scores() -> None:
    clean, signal = pair(1)
    patients = np.arange(12) // 3
    report = scores_report(frame_scores(clean, signal), None, patients, np.random.default_rng(0))
    assert report["input"] is report["snr_improvement"] is None
    some = scores_report(frame_scores(clean, signal), None, patients, np.random.default_rng(0), scores=("rmse", "mad"))
    assert tuple(some["output"]) == ("rmse", "mad")
    assert some["output"]["mad"]["sd"] == pytest.approx(np.abs(clean - signal).max(1).std(ddof=1))


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match=r"\(2, 3\).*\(2, 4\)"):
        frame_scores(np.zeros((2, 3)), np.zeros((2, 4)))
    assert all(len(values) == 0 for values in frame_scores(np.zeros((0, 5)), np.zeros((0, 5))).values())
