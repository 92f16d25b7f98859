"""``burst_noise``."""

import numpy as np

from heartkit.transforms.burst_noise import BurstNoise

RATE = 100.0


def test_each_burst_lies_where_it_was_drawn(rng):
    step = BurstNoise.create({"burst_number": 1, "amplitude": 1, "frequency": 25}, RATE)
    drawn = step.draw(rng, 100, 512, 2)
    noise = step.noise(drawn, 512)
    assert noise.shape == (100, 2, 512)
    time = np.arange(512) / RATE
    for burst, rows in enumerate(noise):
        inside = np.abs(time - drawn.centre[burst]) <= drawn.length[burst] / 2 + 1e-6
        assert np.abs(rows[:, ~inside]).max(initial=0) < 1e-6
        assert np.abs(rows).max() <= 1 + 1e-6
    # A squared cosine over its length L holds 3/8 L, the sine half of that.
    inner = (drawn.centre > 0.5) & (drawn.centre < 4.6)
    energy = (noise[inner] ** 2).sum(2) / RATE
    np.testing.assert_allclose(energy.mean(), (3 / 16 * drawn.length[inner]).mean(), rtol=0.05)


def test_bursts_that_overlap_add_up(rng):
    step = BurstNoise.create({"burst_number": 1, "amplitude": 1, "frequency": 25}, RATE)
    one = step.draw(rng, 1, 256, 1)
    two = type(one)(one.shape, *(np.concatenate([part, part]) for part in one[1:]))
    np.testing.assert_allclose(step.noise(two, 256), 2 * step.noise(one, 256), atol=1e-6)


def test_the_number_of_bursts_is_drawn_per_frame(rng):
    drawn = BurstNoise.create({"burst_number": [0, 4]}, RATE).draw(rng, 500, 256, 1)
    assert set(np.bincount(drawn.frame, minlength=500)) == {0, 1, 2, 3, 4}


def test_no_bursts_change_nothing(frames, rng):
    np.testing.assert_array_equal(BurstNoise.create({"burst_number": 0}, RATE)(frames, rng), frames)
