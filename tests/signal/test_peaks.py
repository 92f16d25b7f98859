from __future__ import annotations

import numpy as np
import pytest
import wfdb

from heartkit.signal.peaks import r_peaks

RATE = 100.0


def gaussian(time: np.ndarray, centre: float, width: float = 0.012) -> np.ndarray:
    return np.exp(-0.5 * ((time - centre) / width) ** 2)


def test_finds_a_peak_between_samples():
    time = np.arange(300) / RATE
    centres = np.array([0.503, 1.296, 2.1])
    signal = sum(gaussian(time, centre) for centre in centres) + 0.4 * np.sin(2 * np.pi * 0.2 * time)
    found = r_peaks(signal, RATE, centres - 0.05, centres + 0.05)
    np.testing.assert_allclose(found, centres, atol=0.001)  # a tenth of the sample interval


def test_main_side_is_chosen_once_for_the_recording():
    time = np.arange(500) / RATE
    centres = np.array([0.8, 1.6, 2.4, 3.2, 4.0])
    upward = np.array([1.0, 1.0, 0.85, 1.0, 0.9])
    downward = np.array([0.9, 0.9, 0.95, 0.9, 0.8])  # once taller than the R wave
    signal = sum(
        u * gaussian(time, c) - d * gaussian(time, c + 0.04) for c, u, d in zip(centres, upward, downward, strict=True)
    )
    found = r_peaks(signal, RATE, centres - 0.06, centres + 0.1)
    np.testing.assert_allclose(np.diff(found), 0.8, atol=0.002)
    np.testing.assert_allclose(r_peaks(-signal, RATE, centres - 0.06, centres + 0.1), found, atol=1e-9)


def test_up_takes_the_small_r_wave_and_falls_back_where_there_is_none():
    time = np.arange(300) / RATE
    signal = 0.2 * gaussian(time, 1.0) - gaussian(time, 1.05) - gaussian(time, 2.0)
    onset, offset = np.array([0.95, 1.95]), np.array([1.1, 2.05])
    np.testing.assert_allclose(r_peaks(signal, RATE, onset, offset, side="up"), [1.0, 2.0], atol=0.01)
    np.testing.assert_allclose(r_peaks(signal, RATE, onset, offset, side="main"), [1.05, 2.0], atol=0.01)


def test_flat_missing_and_outlying_spans_give_their_middle():
    signal = np.zeros(100)
    signal[50:60] = np.nan
    onset, offset = np.array([0.1, 0.5, 0.98, 3.0]), np.array([0.2, 0.59, 1.2, 3.2])
    np.testing.assert_allclose(r_peaks(signal, RATE, onset, offset), (onset + offset) / 2)
    assert r_peaks(signal, RATE, np.empty(0), np.empty(0)).shape == (0,)
    assert r_peaks(np.empty(0), RATE, onset, offset).shape == (4,)


@pytest.mark.parametrize("lead", ["i", "ii", "avr", "v1", "v5"])
def test_up_agrees_with_ludbs_annotators(shared_data, lead):
    path = shared_data / "ludb" / "1.0.1" / "data" / "1"
    record = wfdb.rdrecord(str(path))
    annotation = wfdb.rdann(str(path), lead)
    at = np.flatnonzero(np.array(annotation.symbol) == "N")
    onset, peak, offset = (annotation.sample[at + shift] / record.fs for shift in (-1, 0, 1))
    signal = record.p_signal[:, record.sig_name.index(lead)]
    error = r_peaks(signal, record.fs, onset, offset, side="up") - peak
    assert len(at) >= 5
    assert np.abs(error).max() < 0.01
