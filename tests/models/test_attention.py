import numpy as np
import pytest

from heartkit.models.attention import attention, distances
from heartkit.models.backend import keras

TIME, CHANNELS, HEADS, SIZE = 9, 6, 2, 3


def made(relative):
    keras.utils.set_random_seed(5)
    inputs = keras.Input((1, TIME, CHANNELS))
    y = attention(inputs, heads=HEADS, size=SIZE, relative=relative, dropout=0, bias=True, name="a")
    model, rng = keras.Model(inputs, y), np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            weights = layer.get_weights()
            layer.set_weights([w * rng.uniform(0.5, 1.5, w.shape) + rng.uniform(0, 0.2, w.shape) for w in weights])
        elif layer.weights:
            layer.set_weights([rng.normal(0, 0.6, w.shape) for w in layer.get_weights()])
    return model


def by_hand(model, x, relative):
    """Attention as its definition has it, in float64."""

    def linear(name, value):
        kernel, bias = model.get_layer(name).get_weights()
        gamma, beta, mean, variance = model.get_layer(f"{name}_norm").get_weights()
        return (value @ kernel[0, 0] + bias - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    outputs = []
    for head in range(HEADS):
        query, key, value = (linear(f"a_h{head + 1}_{part}", x) for part in "qkv")
        scores = np.einsum("bid,bjd->bij", query, key)
        if relative:
            kernel = model.get_layer("a_distances").get_weights()[0][0, :, 0, head]
            scores += toeplitz(kernel)
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        outputs.append(weights / weights.sum(-1, keepdims=True) @ value)
    return linear("a_out", np.concatenate(outputs, -1))


def toeplitz(kernel):
    """One number for each distance i - j, from the most negative up."""
    found = np.empty((TIME, TIME))
    for i in range(TIME):
        for j in range(TIME):
            found[i, j] = kernel[TIME - 1 + i - j]
    return found


@pytest.mark.parametrize("relative", [False, True])
def test_it_is_attention(relative):
    model = made(relative)
    frames = np.random.default_rng(2).normal(size=(3, 1, TIME, CHANNELS)).astype(np.float32)
    expected = by_hand(model, frames[:, 0].astype(np.float64), relative)
    np.testing.assert_allclose(np.asarray(model(frames))[:, 0], expected, atol=1e-4)


def test_without_distances_the_order_of_steps_is_not_seen():
    frames = np.random.default_rng(2).normal(size=(1, 1, TIME, CHANNELS)).astype(np.float32)
    order = np.random.default_rng(3).permutation(TIME)
    for relative in (False, True):
        model = made(relative)
        same = np.allclose(np.asarray(model(frames[:, :, order])), np.asarray(model(frames))[:, :, order], atol=1e-5)
        assert same is not relative


def test_distances_are_one_number_for_each_and_depend_on_no_frame():
    inputs = keras.Input((1, TIME, CHANNELS))
    model = keras.Model(inputs, distances(inputs, HEADS, name="a"))
    kernel = np.random.default_rng(0).normal(size=(1, 2 * TIME - 1, 1, HEADS))
    model.get_layer("a_distances").set_weights([kernel])
    found = np.asarray(model(np.full((4, 1, TIME, CHANNELS), 7.0)))
    for head in range(HEADS):
        np.testing.assert_allclose(found[0, ..., head], toeplitz(kernel[0, :, 0, head]), rtol=1e-6)
    assert found.shape == (1, TIME, TIME, HEADS)
    assert model.count_params() == HEADS * (2 * TIME - 1)


def test_queries_are_divided_by_the_root_of_the_size_before_training():
    inputs = keras.Input((1, TIME, CHANNELS))
    model = keras.Model(inputs, attention(inputs, heads=1, size=4, relative=False, dropout=0.2, bias=False, name="a"))
    np.testing.assert_allclose(model.get_layer("a_h1_q_norm").gamma, 0.5)
    np.testing.assert_allclose(model.get_layer("a_h1_k_norm").gamma, 1)
