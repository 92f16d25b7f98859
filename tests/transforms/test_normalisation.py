"""The preprocesses ``znorm`` and ``layer_norm``."""

import numpy as np
import pytest

from heartkit.transforms.layer_norm import LayerNorm
from heartkit.transforms.znorm import ZNorm

RATE = 100.0


def test_znorm_over_time_treats_each_channel_on_its_own(frames):
    result = ZNorm.create({"eps": 0.01, "axis": 0}, RATE)(frames).astype(float)
    wide = frames.astype(float)
    expected = (wide - wide.mean(1, keepdims=True)) / (wide.std(1, keepdims=True) + 0.01)
    np.testing.assert_allclose(result, expected, atol=1e-5)


@pytest.mark.parametrize("params", [{}, {"axis": None}])
def test_znorm_of_the_whole_frame_keeps_the_ratio_of_channels(frames, params):
    result = ZNorm.create({"eps": 1e-6, **params}, RATE)(frames).astype(float)
    np.testing.assert_allclose(result.mean((1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(result.std((1, 2)), 1, atol=1e-5)
    ratio = frames[..., 1].std(1) / frames[..., 0].std(1)
    np.testing.assert_allclose(result[..., 1].std(1) / result[..., 0].std(1), ratio, rtol=1e-3)


def test_layer_norm_is_the_textbooks(frames):
    result = LayerNorm.create({"epsilon": 0.01, "name": "znorm"}, RATE)(frames)
    wide = frames.astype(float)
    expected = (wide - wide.mean(1, keepdims=True)) / np.sqrt(wide.var(1, keepdims=True) + 0.01)
    np.testing.assert_allclose(result, expected, atol=1e-5)


def test_a_flat_frame_becomes_zeros():
    flat = np.full((3, 50, 2), -7.5, np.float32)
    assert not ZNorm.create({}, RATE)(flat).any()
    assert not LayerNorm.create({}, RATE)(flat).any()
