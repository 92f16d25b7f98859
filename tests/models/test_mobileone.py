import numpy as np
import pytest

from heartkit.errors import ConfigError
from heartkit.models.backend import keras
from heartkit.models.fold import fold
from heartkit.models.mobileone import ARCHITECTURE


def made(time=64, channels=1, classes=2, **params):
    keras.utils.set_random_seed(3)
    return ARCHITECTURE.make((time, channels), params, classes, "frame")


def names(model, kind):
    return [layer.name for layer in model.layers if isinstance(layer, kind)]


def test_each_convolution_has_the_branches_of_the_paper():
    model = made(blocks=[{"filters": 3, "padding": 1, "num_conv_branches": 3}, {"filters": 5, "padding": 1}])
    inputs = {name: len(model.get_layer(name).input) for name in names(model, keras.layers.Add)}
    # so many convolutions; one of kernel 1 beside longer ones; the input where shapes agree
    assert inputs == {"stem": 1 + 1, "b1_s1_dw": 3 + 1 + 1, "b1_s1_pw": 3 + 1, "b2_s1_dw": 2 + 1 + 1, "b2_s1_pw": 2}


def test_folded_it_has_one_convolution_each():
    model = made(
        input_filters=8,
        input_kernel_size=7,
        input_padding=3,
        blocks=[{"filters": 12, "kernel_size": [1, 5], "padding": [0, 2], "depth": 2, "num_conv_branches": 3}],
    )
    folded = fold(model)
    by_hand = (7 * 8 + 8) + (5 * 8 + 8) + (8 * 12 + 12) + (5 * 12 + 12) + (12 * 12 + 12) + (12 * 2 + 2)
    assert folded.count_params() == by_hand
    assert names(folded, keras.layers.Conv2D) == ["stem", "b1_s1_pw", "b1_s2_pw"]
    assert names(folded, keras.layers.DepthwiseConv2D) == ["b1_s1_dw", "b1_s2_dw"]


def test_squeeze_excite_is_in_the_last_steps_only():
    def gates(**block):
        model = made(input_filters=8, blocks=[{"filters": 8, "padding": 1, "depth": 3} | block])
        return [name.removesuffix("_se_gate") for name in names(model, keras.layers.Activation) if "_gate" in name]

    assert gates() == gates(se_ratio=0, se_depth=2) == []
    assert gates(se_depth=2) == ["b1_s2_dw", "b1_s2_pw", "b1_s3_dw", "b1_s3_pw"]


@pytest.mark.parametrize(
    ("kernel", "padding", "strides", "length"),
    [(5, 2, 1, 31), (5, 2, 2, 16), (3, 0, 1, 29), (3, 0, 2, 15), (5, 4, 3, 12)],
)
def test_padding_and_strides_decide_about_the_length(kernel, padding, strides, length):
    block = {"filters": 4, "kernel_size": kernel, "padding": padding, "strides": strides}
    model = made(time=31, input_strides=1, blocks=[block])
    assert model.get_layer("b1_s1_dw_act").output.shape[2] == length


def test_without_padding_the_branches_stay_aligned():
    """A convolution's middle tap, the convolution of kernel 1 and the input see the same sample."""
    block = {"filters": 1, "kernel_size": 5, "num_conv_branches": 1, "activation": "linear"}
    model = made(time=40, input_filters=1, input_kernel_size=1, input_padding=0, input_strides=1, blocks=[block])
    peak = np.zeros((1, 40, 1), np.float32)
    peak[0, 20] = 1
    for layer in model.layers:
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            kernel = np.zeros_like(layer.get_weights()[0])
            kernel[0, kernel.shape[1] // 2] = 1
            layer.set_weights([kernel])
    answer = np.asarray(keras.Model(model.input, model.get_layer("b1_s1_dw").output)(peak))[0, 0, :, 0]
    assert list(np.flatnonzero(answer)) == [18]  # 36 samples are left, two less at either end


def test_a_frame_that_is_too_short_without_padding_is_an_error():
    with pytest.raises(ConfigError, match="b2_s1_dw has 4 samples left with padding 0, fewer than its kernel of 9"):
        made(time=8, blocks=[{"filters": 4, "padding": 1}, {"filters": 4, "kernel_size": 9}])
    with pytest.raises(ConfigError, match=r"padding must be n or \[0, n\]"):
        made(blocks=[{"filters": 4, "padding": [1, 1]}])
