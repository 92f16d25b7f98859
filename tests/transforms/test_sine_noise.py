"""``baseline_wander``, ``powerline_noise``, ``random_sine_wave`` and ``sine_wave``."""

import numpy as np
import pytest

from heartkit.transforms.sine_noise import BaselineWander, PowerlineNoise, RandomSineWave, SineWave

RATE = 100.0


def added(step, frames, rng):
    """What a step adds, in standard deviations of each channel, after one draw."""
    drawn = step.draw(rng, *frames.shape)
    change = step.apply(frames, drawn).astype(float) - frames
    return drawn, change / frames.astype(float).std(1, keepdims=True)


@pytest.mark.parametrize("kind", [BaselineWander, PowerlineNoise, RandomSineWave])
def test_what_is_added_is_the_drawn_sine(kind, frames, rng):
    drawn, noise = added(kind.create({"amplitude": [0.2, 0.8], "frequency": [3, 20]}, RATE), frames, rng)
    time = np.arange(256) / RATE
    angle = 2 * np.pi * drawn.frequency[:, None, None].astype(float) * time[None, :, None] + drawn.phase[:, None, :]
    np.testing.assert_allclose(noise, drawn.amplitude[:, None, None] * np.sin(angle), atol=1e-3)
    assert ((drawn.amplitude >= 0.2) & (drawn.amplitude <= 0.8)).all()
    assert ((drawn.frequency >= 3) & (drawn.frequency <= 20)).all()
    assert len(np.unique(drawn.frequency)) == len(frames)


def test_one_number_stands_for_a_range(frames, rng):
    drawn, _ = added(PowerlineNoise.create({"amplitude": 0.3, "frequency": 50}, RATE), frames, rng)
    np.testing.assert_array_equal(drawn.amplitude, np.float32(0.3))
    np.testing.assert_array_equal(drawn.frequency, 50)


def test_sine_wave_is_always_the_same_and_starts_at_zero(frames, rng):
    _, noise = added(SineWave.create({"amplitude": 0.5, "frequency": 5}, RATE), frames, rng)
    expected = 0.5 * np.sin(2 * np.pi * 5 * np.arange(256) / RATE)
    np.testing.assert_allclose(noise, np.broadcast_to(expected[None, :, None], noise.shape), atol=1e-3)
