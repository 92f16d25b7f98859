"""Filters against closed forms and SciPy."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import signal

from heartkit.errors import ConfigError
from heartkit.signal.filters import blocks_offset, causal, design, settling_samples, zero_phase

RATE = 250.0


@pytest.mark.parametrize("frequency", [0.2, 0.5, 2.0, 20.0, 40.0, 90.0])
@pytest.mark.parametrize("corners", [(0.5, 40.0), (0.5, None), (None, 40.0)])
def test_a_sine_is_scaled_by_the_butterworth_gain_and_not_shifted(corners, frequency):
    sos = design(*corners, 3, RATE)
    time = np.arange(int(60 * RATE)) / RATE
    gain = np.abs(signal.sosfreqz(sos, [frequency], fs=RATE)[1][0])
    wave = np.sin(2 * np.pi * frequency * time)
    inner = slice(int(10 * RATE), int(50 * RATE))
    np.testing.assert_allclose(zero_phase(sos, wave)[inner], (gain**2 * wave)[inner], atol=2e-4)


def test_whole_recordings_are_filtered_as_by_scipy():
    walk = np.random.default_rng(0).standard_normal((3, 5000)).cumsum(1)
    sos = design(0.5, 40, 3, RATE)
    expected = signal.sosfiltfilt(sos, walk, axis=1, padlen=2000)
    np.testing.assert_allclose(zero_phase(sos, walk)[:, 1500:-1500], expected[:, 1500:-1500], atol=0.01)
    forward = signal.sosfilt(sos, walk, axis=1)
    np.testing.assert_allclose(causal(sos, walk)[:, 2500:], forward[:, 2500:], atol=0.02)


@example(lowcut=0.05, highcut=None, order=1, samples=2, offset=0.0, slope=1.0)
@settings(max_examples=30, deadline=None)
@given(
    lowcut=st.sampled_from([0.05, 0.5, 1.0, 5.0]),
    highcut=st.sampled_from([None, 20.0, 100.0]),
    order=st.integers(1, 5),
    samples=st.integers(1, 600),
    offset=st.floats(-1e4, 1e4),
    slope=st.floats(-100, 100),
)
def test_offset_and_drift_leave_no_transient(lowcut, highcut, order, samples, offset, slope):
    sos = design(lowcut, highcut, order, RATE)
    drift = offset + slope * np.arange(samples) / RATE
    scale = max(abs(offset), abs(slope), 1)
    assert np.abs(zero_phase(sos, drift)).max() < 1e-6 * scale
    assert np.abs(causal(sos, drift)).max() < 1e-6 * scale


def test_a_low_pass_filter_keeps_offsets_exactly():
    sos = design(None, 30, 4, RATE)
    np.testing.assert_allclose(zero_phase(sos, np.full((2, 50), 7.5)), 7.5, rtol=1e-6)
    np.testing.assert_allclose(causal(sos, np.full(50, -3.0)), -3.0, rtol=1e-6)
    assert not blocks_offset(sos)


def test_the_causal_filter_looks_only_back():
    impulse = np.zeros(400)
    impulse[200] = 1
    answer = causal(design(None, 40, 3, RATE), impulse)
    assert np.abs(answer[:200]).max() < 1e-12
    assert answer[200:220].max() > 0.1


def test_padding_outlasts_the_slowest_transient():
    sos = design(0.5, 40, 3, RATE)
    impulse = np.zeros(20000)
    impulse[0] = 1
    tail = np.abs(signal.sosfilt(sos, impulse))[settling_samples(sos) :]
    assert tail.max() < 1e-3
    assert blocks_offset(sos)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((None, None, 3, RATE), "neither"),
        ((0, 40, 3, RATE), "lowcut is 0 Hz"),
        ((0.5, 125, 3, RATE), "below 125 Hz"),
        ((40, 0.5, 3, RATE), "not below its highcut"),
        ((0.5, 40, 0, RATE), "order is 0"),
    ],
)
def test_corners_that_cannot_be_are_clear_errors(arguments, said):
    with pytest.raises(ConfigError, match=said):
        design(*arguments)


def test_an_empty_signal_is_a_clear_error():
    with pytest.raises(ConfigError, match="no samples"):
        zero_phase(design(0.5, None, 2, RATE), np.empty((2, 0)))
