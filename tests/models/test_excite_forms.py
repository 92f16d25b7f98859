"""Forms of squeeze-excite and of the pooled head: the same weights, other operators."""

import numpy as np
import pytest

from heartkit.artifact.convert import convert
from heartkit.artifact.inspect import inspect
from heartkit.errors import ConfigError
from heartkit.factories import ModelFactory
from heartkit.models.backend import keras
from heartkit.models.files import load_model
from heartkit.models.weights import load_weights
from heartkit.params import QuantizationParams
from tiny_network import sines

BLOCKS = {
    "tcn": {"filters": 8, "norm": "batch", "se_ratio": 2},
    "efficientnetv2": {"filters": 8, "se_ratio": 1, "ex_ratio": 4},
    "mobileone": {"filters": 8, "padding": 1, "se_ratio": 2, "se_depth": 1},
    "unext": {"filters": 8, "norm": "batch", "se_ratio": 2},
}


MEANS = {"pooling": "mean", "se_pooling": "mean"}


def made(name, pooling=None, **form):
    # The first block brings channels; of one lead's there is nothing to squeeze.
    blocks = [BLOCKS[name] | {"se_ratio": 0}, BLOCKS[name] | form]
    top = {"pooling": pooling} if pooling else {}
    return ModelFactory.get(name).make((64, 1), {"blocks": blocks, **top}, 3, "frame")


def operators_of(model):
    """The operators that a network becomes in int8."""
    params = QuantizationParams.read({"enabled": True, "format": "INT8", "conversion": "CONCRETE"}, "test")
    return inspect(convert(model, params, sines(500, time=64))).operator_names


@pytest.mark.parametrize("name", BLOCKS)
def test_weights_of_one_form_go_with_the_others(name):
    plain, other, means = made(name), made(name, se_activation="sigmoid"), made(name, **MEANS)
    frames = sines(4, time=64)
    for model in (other, means):
        model.set_weights(plain.get_weights())
    np.testing.assert_allclose(np.asarray(means(frames)), np.asarray(plain(frames)), atol=1e-5)
    assert not np.allclose(other(frames), plain(frames), atol=1e-6)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_network_saved_with_means_keeps_them_and_gives_its_weights_to_one_with_average_pools(name, tmp_path):
    keras.utils.set_random_seed(3)
    older, path, frames = made(name, **MEANS), tmp_path / "model.keras", sines(4, time=64)
    older.save(path)
    again, newer = load_model(path), made(name)
    assert [layer.get_config() for layer in again.layers] == [layer.get_config() for layer in older.layers]
    assert load_weights(newer, path).startswith("All ")
    for model in (again, newer):
        np.testing.assert_allclose(np.asarray(model(frames)), np.asarray(older(frames)), atol=1e-5)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, ["AVERAGE_POOL_2D", "CONV_2D", "CONV_2D", "MUL", "MUL"]),
        (MEANS, ["MEAN", "CONV_2D", "CONV_2D", "MUL", "MUL"]),
        ({"se_activation": "sigmoid"}, ["AVERAGE_POOL_2D", "CONV_2D", "CONV_2D", "LOGISTIC", "MUL"]),
    ],
)
def test_each_form_becomes_the_operators_that_the_page_says(form, expected):
    last = ["MEAN" if form == MEANS else "AVERAGE_POOL_2D", "FULLY_CONNECTED"]
    first = ["RESHAPE", "DEPTHWISE_CONV_2D", "CONV_2D"]
    names = operators_of(made("tcn", **form))
    assert names == [*first, "DEPTHWISE_CONV_2D", *expected, "CONV_2D", "ADD", *last]


@pytest.mark.parametrize("name", [name for name in ModelFactory.list() if name != "keras-file"])
def test_no_architecture_takes_means_unless_asked(name):
    """CMSIS-NN has no kernel of MEAN."""
    architecture = ModelFactory.get(name)
    assert "MEAN" not in architecture.operators
    assert "MEAN" not in operators_of(architecture.make((64, 1), architecture.example, 3, "frame"))


def test_another_form_is_an_error():
    with pytest.raises(ConfigError, match=r"blocks\[1\].se_activation must be 'hard_sigmoid' or 'sigmoid'"):
        made("tcn", se_activation="tanh")
    with pytest.raises(ConfigError, match="pooling must be 'mean' or 'average_pool', got 'max'"):
        made("tcn", "max")
