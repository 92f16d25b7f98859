"""``motion_noise`` and ``random_noise_distortion``."""

import numpy as np
import pytest

from heartkit.transforms.motion_noise import MotionNoise, RandomNoiseDistortion

RATE = 100.0


@pytest.mark.parametrize("kind", [MotionNoise, RandomNoiseDistortion])
def test_the_curve_is_as_large_as_asked_and_no_faster(kind, rng):
    step = kind.create({"amplitude": 0.5, "frequency": 2}, RATE)
    noise = step.noise(step.draw(rng, 400, 1024, 1), 1024)[:, 0].astype(float)
    assert noise.std() == pytest.approx(0.5, rel=0.05)
    power = (np.abs(np.fft.rfft(noise * np.hanning(1024), axis=1)) ** 2).mean(0)
    frequency = np.fft.rfftfreq(1024, 1 / RATE)
    assert power[frequency > 4].sum() < 0.01 * power.sum()
    assert power[frequency < 2].sum() > 0.9 * power.sum()


def test_channels_and_frames_move_differently(frames, rng):
    step = MotionNoise.create({"amplitude": 0.5}, RATE)
    noise = step.noise(step.draw(rng, *frames.shape), 256)
    alike = np.corrcoef(noise.reshape(-1, 256))
    assert np.median(np.abs(alike[np.triu_indices_from(alike, 1)])) < 0.5
