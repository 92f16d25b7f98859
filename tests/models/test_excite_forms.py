"""Forms of squeeze-excite and of the pooled head: the same weights, other operators."""

import numpy as np
import pytest

from heartkit.artifact.convert import convert
from heartkit.artifact.inspect import inspect
from heartkit.errors import ConfigError
from heartkit.factories import ModelFactory
from heartkit.params import QuantizationParams
from tiny_network import sines

BLOCKS = {
    "tcn": {"filters": 8, "norm": "batch", "se_ratio": 2},
    "efficientnetv2": {"filters": 8, "se_ratio": 1, "ex_ratio": 4},
    "mobileone": {"filters": 8, "padding": 1, "se_ratio": 2, "se_depth": 1},
    "unext": {"filters": 8, "norm": "batch", "se_ratio": 2},
}


def made(name, pooling="mean", **form):
    # The first block brings channels; of one lead's there is nothing to squeeze.
    blocks = [BLOCKS[name] | {"se_ratio": 0}, BLOCKS[name] | form]
    return ModelFactory.get(name).make((64, 1), {"blocks": blocks, "pooling": pooling}, 3, "frame")


@pytest.mark.parametrize("name", BLOCKS)
def test_weights_of_one_form_go_with_the_others(name):
    plain, other = made(name), made(name, "average_pool", se_activation="sigmoid", se_pooling="average_pool")
    pooled = made(name, "average_pool", se_pooling="average_pool")
    frames = sines(4, time=64)
    for model in (other, pooled):
        model.set_weights(plain.get_weights())
    np.testing.assert_allclose(np.asarray(pooled(frames)), np.asarray(plain(frames)), atol=1e-5)
    assert not np.allclose(other(frames), plain(frames), atol=1e-6)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, ["MEAN", "CONV_2D", "CONV_2D", "MUL", "MUL"]),
        ({"se_pooling": "average_pool"}, ["AVERAGE_POOL_2D", "CONV_2D", "CONV_2D", "MUL", "MUL"]),
        ({"se_activation": "sigmoid"}, ["MEAN", "CONV_2D", "CONV_2D", "LOGISTIC", "MUL"]),
    ],
)
def test_each_form_becomes_the_operators_that_the_page_says(form, expected):
    pooling = form.get("se_pooling", "mean")
    params = QuantizationParams.read({"enabled": True, "format": "INT8", "conversion": "CONCRETE"}, "test")
    names = inspect(convert(made("tcn", pooling, **form), params, sines(500, time=64))).operator_names
    last = ["AVERAGE_POOL_2D" if pooling == "average_pool" else "MEAN", "FULLY_CONNECTED"]
    first = ["RESHAPE", "DEPTHWISE_CONV_2D", "CONV_2D"]
    assert names == [*first, "DEPTHWISE_CONV_2D", *expected, "CONV_2D", "ADD", *last]


def test_another_form_is_an_error():
    with pytest.raises(ConfigError, match=r"blocks\[1\].se_activation must be 'hard_sigmoid' or 'sigmoid'"):
        made("tcn", se_activation="tanh")
    with pytest.raises(ConfigError, match="pooling must be 'mean' or 'average_pool', got 'max'"):
        made("tcn", "max")
