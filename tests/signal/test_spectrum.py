"""Power spectral density, by Parseval's theorem and of sines."""

import numpy as np

from heartkit.signal.spectrum import spectrum

RATE = 100.0


def test_the_area_is_the_variance_and_the_peak_is_where_the_sine_is():
    rng = np.random.default_rng(0)
    time = np.arange(20_000) / RATE
    sine, noise = 2 * np.sin(2 * np.pi * 12.5 * time), rng.normal(0, 0.7, 20_000)
    frequency, density = spectrum(sine + noise, RATE)
    assert frequency[0] == 0
    assert frequency[-1] == RATE / 2
    assert frequency[np.argmax(density)] == 12.5
    np.testing.assert_allclose(density.sum() * (frequency[1] - frequency[0]), 2 + 0.49, rtol=0.03)
    np.testing.assert_allclose(np.median(density), 0.49 / (RATE / 2), rtol=0.05)


def test_a_short_signal_is_one_segment():
    frequency, density = spectrum(np.random.default_rng(1).normal(0, 1, 50), RATE)
    assert len(frequency) == len(density) == 26
