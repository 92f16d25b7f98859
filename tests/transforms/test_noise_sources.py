"""``noise_sources``."""

import numpy as np

from heartkit.transforms.noise_sources import NoiseSources

RATE = 100.0


def test_a_frame_has_as_many_spectral_lines_as_sources(rng):
    # Whole periods in the frame: frequencies on the bins of its Fourier transform.
    step = NoiseSources.create({"num_sources": [0, 3], "amplitude": 1, "frequency": [10, 40]}, RATE)
    drawn = step.draw(rng, 200, 1000, 1)
    drawn = drawn._replace(frequency=np.rint(drawn.frequency).astype(np.float32))
    spectrum = np.abs(np.fft.rfft(step.noise(drawn, 1000)[:, 0], axis=1)) / 500
    for row, amplitude, frequency in zip(spectrum, drawn.amplitude, drawn.frequency, strict=True):
        expected = np.unique(frequency[amplitude > 0])
        if len(expected) == (amplitude > 0).sum():
            np.testing.assert_array_equal(np.flatnonzero(row > 0.9) / 10, expected)
    assert set((drawn.amplitude > 0).sum(1)) == {0, 1, 2, 3}


def test_no_sources_change_nothing(frames, rng):
    np.testing.assert_array_equal(NoiseSources.create({"num_sources": 0}, RATE)(frames, rng), frames)
