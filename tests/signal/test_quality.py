from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import wfdb

from heartkit.signal.quality import ecg_quality

RATE = 250.0


@pytest.fixture(scope="module")
def clean() -> np.ndarray:
    """Ten seconds of narrow complexes with a T wave each and a little noise, in mV."""
    time = np.arange(2500) / RATE
    noise = np.random.default_rng(0).normal(0, 0.01, 2500)
    beats = np.arange(0.5, 10, 0.8)[:, None]
    qrs = np.exp(-0.5 * ((time - beats) / 0.015) ** 2).sum(0)
    return qrs + 0.25 * np.exp(-0.5 * ((time - beats - 0.3) / 0.05) ** 2).sum(0) + noise


def test_clean_is_better_than_spoiled(clean):
    time = np.arange(2500) / RATE
    rng = np.random.default_rng(1)
    spoiled = np.stack([clean, clean + np.sin(2 * np.pi * 0.3 * time), clean + rng.normal(0, 0.5, 2500)])
    quality = ecg_quality(spoiled, RATE)
    assert quality.score.shape == (3,)
    assert quality.score[0] > 0.85
    assert quality.baseline[1] < 0.5 < 0.95 < quality.baseline[0]
    assert quality.qrs_power[2] < quality.qrs_power[0]
    assert (quality.score[1:] < 0.75 * quality.score[0]).all()


def test_counts_what_is_no_measurement(clean):
    signal = clean.copy()
    signal[:250] = np.nan
    signal[500:1000] = signal[500]
    quality = ecg_quality(signal, RATE)
    assert quality.missing == pytest.approx(0.1)
    assert quality.flat == pytest.approx(0.2)
    assert quality.clipped == 0


def test_counts_clipped_samples(clean):
    limited = np.clip(clean, None, 0.5)
    expected = (clean >= 0.5).mean()  # each complex stays above for some nine samples
    quality = ecg_quality(limited, RATE)
    assert quality.clipped == pytest.approx(expected, abs=1e-3)
    assert quality.flat == 0
    assert ecg_quality(clean, RATE).clipped == 0


def test_kurtosis_is_the_textbooks(clean):
    expected = scipy.stats.kurtosis(clean, fisher=False)
    assert ecg_quality(clean, RATE).kurtosis == pytest.approx(expected)


@pytest.mark.parametrize("value", [0.0, 1.5, np.nan])
def test_nothing_there_scores_zero(value):
    quality = ecg_quality(np.full((2, 1000), value, np.float32), RATE)
    np.testing.assert_array_equal(quality.score, 0)
    np.testing.assert_array_equal(quality.missing + quality.flat, 1)


def test_score_falls_with_real_noise(shared_data):
    ecg = wfdb.rdrecord(str(shared_data / "mitdb" / "1.0.0" / "101"), channels=[0], sampto=21600)
    scores = []
    for name in ("em", "ma"):
        noise = wfdb.rdrecord(str(shared_data / "nstdb" / "1.0.0" / name), channels=[0], sampto=21600).p_signal[:, 0]
        signal = ecg.p_signal[:, 0]
        spoiled = np.stack([signal + scale * noise * signal.std() / noise.std() for scale in (0, 1, 4)])
        scores.append(ecg_quality(spoiled.reshape(3, 6, -1), ecg.fs).score.mean(1))
    assert (np.diff(scores, axis=1) < 0).all()
