"""Beats and heart rates of ECG and PPG, against generators that know them and against NeuroKit2."""

import numpy as np
import pytest

from heartkit.factories import DatasetFactory
from heartkit.signal.beats import beats, heart_rates
from heartkit.synthesis.ecg import generate
from heartkit.synthesis.params import EcgParams
from heartkit.synthesis.ppg import generate as generate_ppg
from heartkit.synthesis.ppg_params import PpgParams

RATE = 100.0


@pytest.mark.parametrize("rate", [45, 75, 130])
def test_beats_of_a_synthetic_ecg_are_found(rate):
    record = generate(EcgParams(presets=["SR"], duration=30, heart_rate=(rate, rate), noise_multiplier=0.3), 1, [3])[0]
    found = beats(record.signals[1], RATE)
    inside = record.beats.time[(record.beats.time > 0.3) & (record.beats.time < 29.7)]
    assert np.abs(inside[:, None] - found).min(axis=1).max() < 0.06
    assert abs(len(found) - len(record.beats)) <= 1


@pytest.mark.parametrize("rate", [50, 75, 120])
def test_the_rate_of_a_synthetic_ppg_is_that_of_its_heart(rate):
    params = PpgParams(presets=["SR"], duration=20, heart_rate=(rate, rate), noise_multiplier=0.1)
    signals = np.stack([one.signals[0] for one in generate_ppg(params, 1, range(10), False)])
    np.testing.assert_allclose(heart_rates(signals, RATE), rate, rtol=0.06)


def test_intervals_are_what_the_rate_is_made_of():
    signal = np.zeros(800)
    signal[[100, 200, 290, 390, 500]] = 1  # intervals of 1, 0.9, 1 and 1.1 s
    assert heart_rates(signal[None], RATE)[0] == pytest.approx(60, rel=0.02)


def test_without_beats_there_is_no_rate():
    two = np.zeros(500)
    two[[100, 300]] = 1
    assert np.isnan(heart_rates(np.stack([np.zeros(500), np.ones(500), two]), RATE)).all()
    assert not len(beats(np.zeros(50), RATE))


def test_real_recordings_as_neurokit_counts_them(shared_data):
    nk = pytest.importorskip("neurokit2")
    record = DatasetFactory.get("bidmc")(shared_data / "bidmc/1.0.0", {}).read("05")
    ecg, ppg = (record.signals[record.leads.index(name)][:15000] for name in ("II", "PPG"))
    peaks = nk.ecg_peaks(nk.ecg_clean(ecg, sampling_rate=125), sampling_rate=125)[1]["ECG_R_Peaks"] / 125
    distance = np.abs(peaks[:, None] - beats(ecg, 125.0)).min(axis=1)
    assert (distance < 0.05).mean() > 0.99
    windows = heart_rates(ppg.reshape(-1, 1250), 125.0)
    expected = heart_rates(ecg.reshape(-1, 1250), 125.0)
    assert np.abs(windows - expected).mean() < 2


@pytest.mark.parametrize("rate", [88.3, 89.0, 91.7])
def test_a_rate_is_finer_than_whole_samples_tell(rate):
    """At 100 Hz and 90 per minute a whole sample more is 1.3 per minute less."""
    beats_at = 0.4 + 60 / rate * np.arange(7)
    time = np.arange(512) / RATE
    signal = np.exp(-0.5 * ((time[:, None] - beats_at) / 0.03) ** 2).sum(1)
    assert heart_rates(signal[None], RATE)[0] == pytest.approx(rate, abs=0.15)
