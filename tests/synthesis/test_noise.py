"""Synthetic noise against the records that it stands in for."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import signal

from heartkit.datasets.nstdb import noise_records
from heartkit.errors import ConfigError
from heartkit.synthesis.noise import SHAPES, synthetic_noise

BANDS = np.array([0.05, 0.1, 0.2, 0.5, 1, 2, 4, 8, 16, 32, 48, 64, 110])


def band_levels(signals, rate):
    """Mean power density per band, in dB, of signals of standard deviation 1; only bands that the rate can hold."""
    unit = signals / signals.std(1, keepdims=True)
    frequency, power = signal.welch(unit, rate, nperseg=int(40 * rate), axis=1)
    inside = [(frequency >= low) & (frequency < high) for low, high in pairwise(BANDS) if high < rate / 2]
    return np.array([10 * np.log10(power[:, band].mean()) for band in inside])


@pytest.mark.parametrize("rate", [100.0, 250.0])
@pytest.mark.parametrize("kind", ["bw", "em", "ma"])
def test_its_spectrum_is_that_of_the_record(kind, rate, shared_data):
    records = noise_records(shared_data / "nstdb")
    real = band_levels(records.signals[kind], records.sampling_rate)
    made = band_levels(synthetic_noise(kind, 4, int(600 * rate), rate, np.random.default_rng(0)), rate)
    assert len(made) >= 9
    # The records span 60 dB.
    assert np.abs(made - real[: len(made)]).max() < 5


@pytest.mark.parametrize("kind", ["em", "ma"])
def test_it_swells_and_fades_as_the_record_does(kind, shared_data):
    records = noise_records(shared_data / "nstdb")
    made = synthetic_noise(kind, 2, 360 * 900, 360.0, np.random.default_rng(0))

    def spread_of_loudness(signals):
        fast = signal.sosfiltfilt(signal.butter(2, 1, "high", fs=360, output="sos"), signals, axis=1)
        seconds = fast[:, : fast.shape[1] // 360 * 360].reshape(len(fast), -1, 360).std(2)
        return np.log(np.quantile(seconds, 0.9, axis=1) / np.quantile(seconds, 0.1, axis=1)).mean()

    assert spread_of_loudness(made) == pytest.approx(spread_of_loudness(records.signals[kind]), rel=0.5)


@pytest.mark.parametrize("kind", list(SHAPES))
@pytest.mark.parametrize("samples", [2, 101, 3000])
def test_it_has_mean_0_and_standard_deviation_1_whatever_its_length(kind, samples):
    noise = synthetic_noise(kind, 3, samples, 100.0, np.random.default_rng(1))
    assert noise.shape == (3, samples)
    assert noise.dtype == np.float32
    np.testing.assert_allclose(noise.mean(1), 0, atol=1e-5)
    np.testing.assert_allclose(noise.std(1), 1, rtol=1e-4)


def test_the_seed_decides():
    first, again, other = (synthetic_noise("em", 2, 500, 100.0, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first[0], first[1])


def test_unknown_kinds_and_lengths_are_clear_errors():
    with pytest.raises(ConfigError, match=r"'hum'.*bw, em, ma"):
        synthetic_noise("hum", 1, 100, 100.0, np.random.default_rng(0))
    with pytest.raises(ConfigError, match="1 samples"):
        synthetic_noise("bw", 1, 1, 100.0, np.random.default_rng(0))
