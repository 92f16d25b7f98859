"""``cutout`` and ``random_cutout``."""

import numpy as np
import pytest

from heartkit.transforms.cutout import Cutout
from heartkit.transforms.random_cutout import RandomCutout

RATE = 100.0


def test_a_cut_leaves_the_mean_and_touches_nothing_else(frames, rng):
    step = Cutout.create({"probability": 1, "amplitude": 1, "width": 0.25}, RATE)
    drawn = step.draw(rng, *frames.shape)
    result = step.apply(frames, drawn)
    np.testing.assert_array_equal(drawn.stop - drawn.start, 64)
    for before, after, start, stop in zip(frames, result, drawn.start, drawn.stop, strict=True):
        np.testing.assert_allclose(after[start:stop], np.broadcast_to(before.mean(0), (64, 2)), rtol=1e-5)
        np.testing.assert_array_equal(np.delete(after, np.s_[start:stop], 0), np.delete(before, np.s_[start:stop], 0))


def test_half_a_cut_keeps_half_the_signal(frames, rng):
    step = Cutout.create({"prob": 1, "amp": 0.5, "width": 1}, RATE)
    mean = frames.mean(1, keepdims=True)
    np.testing.assert_allclose(step(frames, rng), mean + 0.5 * (frames - mean), rtol=1e-4, atol=1e-4)


def test_the_noisy_kind_drowns_the_stretch(frames, rng):
    step = Cutout.create({"prob": 1, "amp": 0.8, "width": 1, "type": "noise"}, RATE)
    noise = (step(frames, rng).astype(float) - frames) / frames.astype(float).std(1, keepdims=True)
    assert noise.std() == pytest.approx(0.8, rel=0.05)


def test_one_of_the_kinds_is_chosen_per_frame(rng):
    drawn = Cutout.create({"prob": 1, "amp": 1, "type": ["cut", "noise"]}, RATE).draw(rng, 1000, 10, 1)
    assert (drawn.kept == 0).mean() == pytest.approx(0.5, abs=0.06)
    np.testing.assert_array_equal(drawn.noise.any(axis=(1, 2)), drawn.kept == 1)


def test_frames_are_touched_by_chance(rng):
    drawn = Cutout.create({"prob": [0.2, 0.4], "width": 0.5}, RATE).draw(rng, 4000, 100, 1)
    assert (drawn.stop > drawn.start).mean() == pytest.approx(0.3, abs=0.03)


def test_random_cutout_lays_as_many_stretches_flat_as_asked(rng):
    frames = rng.standard_normal((200, 400, 2), np.float32) + np.float32(5)
    step = RandomCutout.create({"cutouts": 2, "factor": [0.05, 0.1]}, RATE)
    drawn = step.draw(rng, *frames.shape)
    result = step.apply(frames, drawn)
    length = drawn.stop - drawn.start
    assert length.shape == (200, 2)
    assert (length.min(), length.max()) == (20, 40)
    assert (drawn.start >= 0).all()
    assert (drawn.stop <= 400).all()
    for before, after, start, stop in zip(frames, result, drawn.start, drawn.stop, strict=True):
        lost = np.zeros(400, bool)
        for a, b in zip(start, stop, strict=True):
            lost[a:b] = True
        np.testing.assert_array_equal(after[~lost], before[~lost])
        np.testing.assert_allclose(after[lost], np.broadcast_to(before.mean(0), (lost.sum(), 2)), rtol=1e-6)
