"""Batch norm as part of the layer before it."""

import numpy as np
import pytest

from heartkit.errors import ModelError
from heartkit.models import mobileone, tcn
from heartkit.models.backend import keras
from heartkit.models.batch_norm import fold_norms
from heartkit.models.fold import fold
from heartkit.models.graph import Graph
from tiny_network import sines, tcn_params

layers = keras.layers


def shaken(model):
    """Give every weight a value of its own, as a training does."""
    rng = np.random.default_rng(5)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.3, 2, w.shape) for w in layer.get_weights()])
        elif getattr(layer, "bias", None) is not None:
            layer.bias.assign(rng.normal(0, 0.3, layer.bias.shape))
    return model


def assert_folded(model, norms=0):
    folded = fold_norms(model)
    frames = np.random.default_rng(2).normal(size=(6, *model.inputs[0].shape[1:])).astype(np.float32)
    np.testing.assert_allclose(np.asarray(folded(frames)), np.asarray(model(frames)), atol=2e-5, rtol=1e-4)
    assert sum(isinstance(layer, layers.BatchNormalization) for layer in folded.layers) == norms
    return folded


@pytest.mark.parametrize("block_type", ["mb", "lg", "sm"])
def test_a_tcn_keeps_its_answers_and_loses_its_norms(block_type):
    model = shaken(tcn.ARCHITECTURE.make((96, 1), tcn_params(block_type, "batch"), 3))
    folded = assert_folded(model)
    kept = [layer.name for layer in model.layers if not isinstance(layer, layers.BatchNormalization)]
    assert [layer.name for layer in folded.layers] == kept


def test_branches_are_folded_before_and_norms_after():
    params = {"blocks": [{"filters": 6, "padding": 1, "depth": 2, "num_conv_branches": 3}]}
    assert_folded(fold(shaken(mobileone.ARCHITECTURE.make((50, 1), params, 2, "frame"))))


def test_depth_multipliers_dense_layers_and_lone_norms():
    inputs = keras.Input((1, 40, 3))
    x = layers.BatchNormalization(name="first", scale=False)(inputs)
    x = layers.DepthwiseConv2D((1, 5), depth_multiplier=4, use_bias=False)(x)
    x = layers.BatchNormalization(center=False)(x)
    shared = layers.Conv2D(5, (1, 3), name="twice")(layers.Activation("relu")(x))
    x = layers.Add()([layers.BatchNormalization(name="second")(shared), shared])
    x = layers.Dense(4)(layers.GlobalAveragePooling2D()(x))
    folded = assert_folded(shaken(keras.Model(inputs, layers.BatchNormalization()(x))))
    # What follows no linear layer of its own becomes a convolution of kernel 1.
    assert {type(folded.get_layer(name)) for name in ("first", "second")} == {layers.DepthwiseConv2D}


def test_a_norm_behind_an_activation_inside_a_layer_is_not_folded_into_it():
    model = keras.Sequential(
        [keras.Input((1, 20, 2)), layers.Conv2D(3, (1, 3), activation="relu"), layers.BatchNormalization(name="after")]
    )
    assert type(assert_folded(shaken(model)).get_layer("after")) is layers.DepthwiseConv2D


def test_the_model_itself_stays_as_it_was():
    model = shaken(tcn.ARCHITECTURE.make((96, 1), tcn_params("mb", "batch"), 3))
    before, weights = np.asarray(model(sines(2))), [w.copy() for w in model.get_weights()]
    fold_norms(model).set_weights([0 * w for w in fold_norms(model).get_weights()])
    np.testing.assert_array_equal(np.asarray(model(sines(2))), before)
    assert all(map(np.array_equal, weights, model.get_weights()))


def test_what_has_no_graph_or_shares_layers_is_refused():
    class Own(keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(ModelError, match="functional API"):
        Graph(Own())
    inputs, shared = keras.Input((4,)), layers.Dense(4, name="shared")
    with pytest.raises(ModelError, match=r"'shared'.*called more than once"):
        fold_norms(keras.Model(inputs, shared(shared(inputs))))
