import numpy as np
import pytest

from heartkit.errors import ConfigError
from heartkit.models.backend import keras
from heartkit.models.conformer import ARCHITECTURE
from tiny_network import sines

BLOCK = {"depth": 8, "fc_ex_factor": 2, "num_heads": 2, "kernel_size": [1, 5], "dropout": 0}


def made(time=64, head="frame", block=None, **changes):
    keras.utils.set_random_seed(3)
    params = {"subsamples": [{"depth": 6, "kernel_size": 5, "strides": 2}], "blocks": [BLOCK | (block or {})]}
    return ARCHITECTURE.make((time, 1), params | changes, 3, head)


@pytest.mark.parametrize("use_bias", [False, True])
def test_it_has_the_layers_of_the_paper(use_bias):
    def dense(inputs, outputs):
        return inputs * outputs + (outputs if use_bias else 0) + 4 * outputs

    d = 8
    half = dense(d, 16) + dense(16, d)
    attention = 2 * 3 * dense(d, 4) + dense(d, d) + 2 * (2 * 32 - 1)
    convolution = 2 * dense(d, d) + 5 * d + 4 * d + dense(d, d)
    stem = 5 * 6 + 4 * 6 + dense(6, d)
    assert made(block={"use_bias": use_bias}).count_params() == stem + 2 * half + attention + convolution + d * 3 + 3


def test_feed_forward_halves_count_half_before_training():
    model = made(block={"fc_res_factor": 0.25})
    for part in ("ff1", "ff2"):
        np.testing.assert_allclose(model.get_layer(f"b1_{part}_pw_norm").gamma, 0.25)


def test_one_answer_sees_the_whole_frame_and_each_sample_has_its_own():
    model, frame = made(head="sample"), sines(1, time=64)
    nudged = frame.copy()
    nudged[0, 3] += 3
    change = np.abs(np.asarray(model(nudged)) - np.asarray(model(frame))).max((0, 2))
    assert change.min() > 0  # also 60 samples away
    answers = np.asarray(model(frame))[0]
    assert len(np.unique(answers, axis=0)) == 64


def test_steps_answer_for_the_samples_that_they_stand_for():
    model = made(head="sample", use_logits=True)
    kernel, bias = (np.zeros_like(w) for w in model.get_layer("head").get_weights())
    bias[:] = np.arange(6)  # two samples of three classes
    model.get_layer("head").set_weights([kernel, bias])
    answers = np.asarray(model(sines(1, time=64)))[0]
    np.testing.assert_allclose(answers[:4], [[0, 1, 2], [3, 4, 5], [0, 1, 2], [3, 4, 5]], atol=1e-6)


def test_what_does_not_fit_is_an_error():
    strides = [{"depth": 4, "strides": 2}, {"depth": 4, "strides": [1, 4]}]
    with pytest.raises(ConfigError, match=r"100 samples .* steps of 8 .*set frame_size to 96"):
        made(100, "sample", subsamples=strides)
    assert made(100, "frame", subsamples=strides).output_shape == (None, 3)
    with pytest.raises(ConfigError, match="num_heads 3 must divide depth 8"):
        made(block={"num_heads": 3})
    with pytest.raises(ConfigError, match=r"blocks\[0\].embedding must be 'relative', got 'absolute'"):
        made(block={"embedding": "absolute"})


def test_without_embedding_there_are_no_distances():
    assert not [layer for layer in made(block={"embedding": None}).layers if "distances" in layer.name]


def test_the_default_has_one_convolution_in_front():
    model = ARCHITECTURE.make((32, 1), {"blocks": [BLOCK]}, 2, "frame")
    assert model.get_layer("sub1").output.shape == (None, 1, 16, 256)
