import numpy as np
import pytest

from heartkit.errors import ConfigError
from heartkit.models.backend import keras
from heartkit.models.tsmixer import ARCHITECTURE
from tiny_network import sines


def made(time=32, head="sample", channels=3, blocks=({"norm": None, "ff_dim": 7},), **changes):
    keras.utils.set_random_seed(3)
    return ARCHITECTURE.make((time, channels), {"blocks": list(blocks)} | changes, 2, head)


def test_it_has_a_weight_for_each_pair_of_time_steps():
    block = 32 * 32 + 32 + 3 * 7 + 7 + 7 * 3 + 3
    assert made().count_params() == block + 3 * 2 + 2
    assert made(head="frame").count_params() == block + 32 * 3 * 2 + 2
    steps = made(input_filters=5, input_kernel_size=[1, 3], input_strides=[1, 4])
    assert steps.count_params() == 3 * 3 * 5 + 4 * 5 + 8 * 8 + 8 + 5 * 7 + 7 + 7 * 5 + 5 + 5 * 8 + 8


def test_layers_mix_over_time_and_over_channels_as_the_paper_has_it():
    model = made()
    x = np.random.default_rng(0).normal(size=(2, 32, 3)).astype(np.float32)
    time, time_bias = model.get_layer("b1_time").get_weights()
    up, up_bias = model.get_layer("b1_ex").get_weights()
    down, down_bias = model.get_layer("b1_pw").get_weights()
    y = x + np.maximum(np.einsum("btc,ts->bsc", x, time[0, 0]) + time_bias[:, None], 0)
    y = y + np.maximum(y @ up[0, 0] + up_bias, 0) @ down[0, 0] + down_bias
    kernel, bias = model.get_layer("head").get_weights()
    np.testing.assert_allclose(np.asarray(model(x)), y @ kernel[0, 0] + bias, atol=1e-4)


def test_ff_dim_is_the_channels_unless_given():
    assert made(blocks=[{}]).get_layer("b1_ex").filters == 3


def test_place_counts_in_the_head_per_frame():
    model, frame = made(head="frame", channels=1), sines(1, time=32)
    assert not np.allclose(model(frame), model(np.roll(frame, 5, axis=1)), atol=1e-3)


def test_dropout_follows_each_dense_layer():
    names = [layer.name for layer in made(blocks=[{"dropout": 0.2}]).layers if "dropout" in layer.name]
    assert names == ["b1_time_dropout", "b1_ex_dropout", "b1_pw_dropout"]


def test_strides_must_divide_the_frame_per_sample():
    with pytest.raises(ConfigError, match=r"30 samples .* steps of 4 .*set frame_size to 28"):
        made(30, input_filters=4, input_strides=4)
    assert made(30, "frame", input_filters=4, input_strides=4).output_shape == (None, 2)
