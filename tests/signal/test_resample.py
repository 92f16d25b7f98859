"""Resampling against band-limited sines in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.errors import ConfigError
from heartkit.signal.resample import resample

RATES = [100.0, 125.0, 128.0, 250.0, 257.0, 300.0, 360.0, 500.0, 1000.0]


@settings(max_examples=60, deadline=None)
@given(
    rate_in=st.sampled_from(RATES),
    rate_out=st.sampled_from(RATES),
    share=st.floats(0.01, 0.3),
    phase=st.floats(0, 6.3),
    offset=st.floats(-50, 50),
)
def test_a_sine_comes_out_at_the_right_times(rate_in, rate_out, share, phase, offset):
    frequency = share * min(rate_in, rate_out)
    count = int(4 * rate_in)
    wave = offset + np.sin(2 * np.pi * frequency * np.arange(count) / rate_in + phase)
    result = resample(wave[None], rate_in, rate_out)
    assert result.dtype == np.float32
    assert result.shape == (1, -(-int(count * rate_out) // int(rate_in)))
    time = np.arange(result.shape[1]) / rate_out
    expected = offset + np.sin(2 * np.pi * frequency * time + phase)
    inner = (time > 0.15) & (time < 3.85)
    tolerance = 1e-3 + 1e-5 * abs(offset)
    np.testing.assert_allclose(result[0, inner], expected[inner], atol=tolerance)


@pytest.mark.parametrize(("rate_in", "rate_out"), [(500, 100), (360, 100), (100, 250), (250, 257)])
def test_offset_and_slope_make_no_transient_at_the_edges(rate_in, rate_out):
    time_in = np.arange(int(3 * rate_in)) / rate_in
    result = resample(np.stack([np.full_like(time_in, 100), 100 + 5 * time_in]), rate_in, rate_out)
    time = np.arange(result.shape[1]) / rate_out
    np.testing.assert_allclose(result[0], 100, atol=1e-4)
    within = time <= time_in[-1]
    np.testing.assert_allclose(result[1, within], (100 + 5 * time)[within], atol=1e-3)


def test_what_the_new_rate_cannot_hold_is_gone():
    fast = np.sin(2 * np.pi * 80 * np.arange(2500) / 500)
    assert np.abs(resample(fast, 500, 100)[20:-20]).max() < 0.01


def test_the_same_rate_changes_nothing():
    noise = np.random.default_rng(0).standard_normal((2, 100)).astype(np.float32)
    np.testing.assert_array_equal(resample(noise, 250, 250), noise)


@pytest.mark.parametrize("samples", [0, 1, 2, 5])
def test_short_signals_work(samples):
    assert resample(np.ones((3, samples)), 500, 100).shape == (3, -(-samples // 5))


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_impossible_rates_are_clear_errors(rate):
    with pytest.raises(ConfigError, match="expected a positive number"):
        resample(np.ones(5), rate, 100)
