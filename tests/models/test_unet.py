import numpy as np
import pytest

from heartkit.models.backend import keras
from heartkit.models.unet import ARCHITECTURE
from tiny_network import sines


def made(time, blocks, classes=2, channels=1, **changes):
    keras.utils.set_random_seed(3)
    return ARCHITECTURE.make((time, channels), {"blocks": blocks} | changes, classes)


@pytest.mark.parametrize("time", [1, 7, 96, 250])
def test_any_frame_size_goes_down_and_up_again(time):
    strides = (2, 3, 2)
    model = made(time, [{"filters": 6, "strides": [1, s]} for s in strides])
    lengths = [time]
    for s in strides:
        lengths.append(-(-lengths[-1] // s))
    down = [model.get_layer(f"down{number}_add").output.shape[2] for number in (1, 2, 3)]
    up = [model.get_layer(f"up{number}_add").output.shape[2] for number in (1, 2, 3)]
    assert down == up == lengths[:3]
    assert model.get_layer("down3_pool").output.shape[2] == lengths[3]
    assert model.output_shape == (None, time, 2)


def parameters(blocks, channels, classes):
    def convolution(kernel, inputs, outputs):
        return kernel * inputs * outputs + 4 * outputs

    def steps(p, inputs, depth):
        f, k, total, width = p["filters"], p["kernel"], 0, inputs
        for _ in range(depth):
            full = convolution(k, width, f)
            total += k * width + 4 * width + convolution(1, width, f) if p["seperable"] else full
            width = f
        return total + (convolution(1, inputs, f) if inputs != f and depth else 0)

    total, width = 0, channels
    for p in blocks:
        total, width = total + steps(p, width, p["depth"]), p["filters"]
    for p in reversed(blocks):
        f = p["filters"]
        total += convolution(1, width + (f if p["skip"] else 0), f) + steps(p, f, p["ddepth"])
        width = f
    return total + 3 * width * classes + classes


@pytest.mark.parametrize("seperable", [False, True])
@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("ddepth", [0, 1, 3])
def test_it_has_the_convolutions_that_its_parameters_name(seperable, skip, ddepth):
    blocks = [
        {"filters": f, "depth": 2, "ddepth": ddepth, "kernel": 5, "strides": 2, "skip": skip, "seperable": seperable}
        for f in (6, 10)
    ]
    assert made(40, blocks, 3, 2).count_params() == parameters(blocks, 2, 3)


def test_without_ddepth_there_are_as_many_convolutions_up_as_down():
    blocks = [{"filters": 6, "depth": depth, "strides": 2} for depth in (1, 3)]
    names = {layer.name for layer in made(40, blocks).layers}
    assert {"up1_s1", "up2_s3"} <= names
    assert not {"up1_s2", "up2_s4"} & names


def test_a_coarse_head_holds_each_answer():
    model = made(96, [{"filters": 6, "strides": 2}], output_kernel_stride=[1, 4])
    answers = np.asarray(model(sines(2, time=96))).reshape(2, 24, 4, 2)
    np.testing.assert_array_equal(answers, np.repeat(answers[:, :, :1], 4, axis=2))
    assert np.ptp(answers[:, :, 0]) > 0


def test_dilation_and_levels_widen_what_an_answer_sees():
    def reach(**block):
        model = made(201, [{"filters": 4, "kernel": 3, "activation": "tanh", "pool": 1} | block], output_kernel_size=1)
        frame = sines(1, time=201)
        nudged = frame.copy()
        nudged[0, 100] += 3
        change = np.abs(np.asarray(model(nudged)) - np.asarray(model(frame))).max((0, 2))
        return 100 - np.flatnonzero(change).min()

    assert reach() == 2  # one sample down, one up
    assert reach(dilation=5) == 10
    assert reach(depth=2, dilation=[1, 3]) == 12
    assert reach(strides=4) >= 4


def test_dropout_follows_each_level():
    model = made(40, [{"filters": 6, "dropout": 0.2}, {"filters": 8}])
    rates = {layer.name: layer.rate for layer in model.layers if isinstance(layer, keras.layers.SpatialDropout2D)}
    assert rates == {"down1_dropout": 0.2, "up1_dropout": 0.2}
