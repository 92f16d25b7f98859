"""``resizing``."""

import numpy as np
import pytest

from heartkit.transforms.resizing import Resizing


@pytest.mark.parametrize("duration", [100, 256, 400])
@pytest.mark.parametrize("interpolation", ["linear", "cubic"])
def test_a_slow_sine_keeps_its_shape(duration, interpolation):
    def slow(samples):
        return np.sin(2 * np.pi * 3 * (np.arange(samples) + 0.5) / samples)

    step = Resizing.create({"duration": duration, "interpolation": interpolation}, 100.0)
    frames = np.stack([slow(256), 2 + slow(256)], axis=1)[None].astype(np.float32)
    result = step(frames)
    inner = slice(8, -8)
    np.testing.assert_allclose(result[0, inner, 0], slow(duration)[inner], atol=0.01)
    np.testing.assert_allclose(result[0, inner, 1], 2 + slow(duration)[inner], atol=0.01)
    assert step.output_size(256) == duration


def test_the_same_size_and_constants_stay_as_they_are(frames):
    np.testing.assert_allclose(Resizing.create({"duration": 256}, 100.0)(frames), frames, rtol=1e-5)
    flat = Resizing.create({"duration": 77}, 100.0)(np.full((2, 256, 1), 3.5, np.float32))
    np.testing.assert_allclose(flat, 3.5, rtol=1e-6)


def test_shrinking_does_not_fold_back_what_is_too_fast():
    fast = np.sin(2 * np.pi * 0.45 * np.arange(1000))[None, :, None].astype(np.float32)
    assert np.abs(Resizing.create({"duration": 250}, 100.0)(fast)[:, 4:-4]).max() < 0.05
