"""``random_augmentation``."""

import numpy as np
import pytest

from heartkit.transforms.random_augmentation import RandomAugmentation

RATE = 100.0
MARKS = [{"name": "sine_wave", "params": {"amplitude": 1.0, "frequency": hertz}} for hertz in (5, 10, 20, 40)]


def lines(change):
    """Which of the four marks each frame got: their spectral lines in one second."""
    spectrum = np.abs(np.fft.rfft(change[:, :100, 0], axis=1))[:, [5, 10, 20, 40]]
    return spectrum > 10


def test_each_frame_gets_as_many_as_asked_each_at_most_once(rng):
    frames = rng.standard_normal((400, 100, 1), np.float32)
    step = RandomAugmentation.create({"layers": MARKS, "augmentations_per_sample": 2}, RATE)
    got = lines(step(frames, rng) - frames)
    np.testing.assert_array_equal(got.sum(1), 2)
    np.testing.assert_allclose(got.mean(0), 0.5, atol=0.08)


def test_the_rate_leaves_frames_as_they_are(rng):
    frames = rng.standard_normal((2000, 100, 1), np.float32)
    step = RandomAugmentation.create({"layers": MARKS, "augmentations_per_sample": 1, "rate": 0.3}, RATE)
    touched = (step(frames, rng) != frames).any(axis=(1, 2))
    assert touched.mean() == pytest.approx(0.3, abs=0.04)


def test_more_than_there_are_means_all(rng):
    frames = rng.standard_normal((20, 100, 1), np.float32)
    step = RandomAugmentation.create({"layers": MARKS[:2], "augmentations_per_sample": 9}, RATE)
    np.testing.assert_array_equal(lines(step(frames, rng) - frames).sum(1), 2)
