"""Networks that compute as their int8 export will."""

import numpy as np
import pytest

from heartkit.errors import ModelError
from heartkit.models.backend import keras
from heartkit.models.fake_quant import MOMENTUM, Range, RoundedConv2D, RoundedDense, RoundedDepthwiseConv2D, ranges
from heartkit.models.quantise_aware import observe, quantise_aware, without_rounding
from tiny_network import sines, trained

layers = keras.layers


def rounded_by_hand(values, low, high):
    """Fake quantisation of Jacob et al. 2018, equations 12 and 13, with zero moved onto the nearest level."""
    scale = (high - low) / 255
    zero = np.clip(np.round(-low / scale), 0, 255)
    return (np.clip(np.round(values / scale) + zero, 0, 255) - zero) * scale


def test_a_range_rounds_to_256_levels_and_clips():
    layer = Range()
    layer.build((None, 8))
    layer.low.assign(-1.3)
    layer.high.assign(2.9)
    values = np.random.default_rng(0).uniform(-3, 4, (50, 8)).astype(np.float32)
    answers = np.asarray(layer(values))
    np.testing.assert_allclose(answers, rounded_by_hand(values, -1.3, 2.9), atol=0.51 * 4.2 / 255)
    assert len(np.unique(answers)) <= 256
    assert 0 in np.asarray(layer(np.zeros((1, 8), np.float32)))


def test_only_training_moves_a_range_and_never_away_from_zero():
    layer = Range()
    values = np.full((4, 3), 2.0, np.float32)
    layer(values)
    assert float(layer.high) < 1e-3
    layer(values, training=True)
    assert float(layer.high) == pytest.approx((1 - MOMENTUM) * 2, rel=1e-3)
    assert float(layer.low) == 0
    layer(-values, training=True)
    assert float(layer.low) == pytest.approx(-(1 - MOMENTUM) * 2)
    fixed = Range((0, 255 / 256))
    fixed(values, training=True)
    assert float(fixed.high) == 255 / 256


@pytest.mark.parametrize(
    ("kind", "shape", "axis"),
    [
        (lambda: RoundedConv2D(6, (1, 3)), (2, 1, 20, 4), (0, 1, 2)),
        (lambda: RoundedDepthwiseConv2D((1, 3), depth_multiplier=2), (2, 1, 20, 4), (0, 1)),
        (lambda: RoundedDense(6), (2, 4), (0,)),
    ],
)
def test_kernels_are_rounded_per_channel(kind, shape, axis):
    layer, rng = kind(), np.random.default_rng(1)
    layer.build(shape)
    kernel = rng.normal(size=layer.kernel.shape) * rng.uniform(0.01, 10, layer.kernel.shape[-1])
    layer.kernel.assign(kernel)
    unit = np.abs(kernel).max(axis=axis, keepdims=True) / 127
    twin = type(layer).__mro__[1].from_config(layer.get_config())
    twin.build(shape)
    twin.set_weights([np.round(kernel / unit) * unit, layer.get_weights()[1]])
    x = rng.normal(size=shape).astype(np.float32)
    np.testing.assert_allclose(np.asarray(layer(x)), np.asarray(twin(x)), atol=1e-4, rtol=1e-4)


def test_gradients_pass_the_rounding_and_stop_outside_the_range():
    import tensorflow as tf

    layer = Range((-1.0, 1.0))
    x = tf.constant([[-3.0, -0.5, 0.2, 2.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    assert tape.gradient(y, x).numpy().tolist() == [[0, 1, 1, 0]]


@pytest.fixture(scope="module")
def rounded():
    model = quantise_aware(trained())
    observe(model, [sines(300, seed=1), sines(300, seed=2)])
    return model


def test_it_answers_as_the_float_network_but_for_rounding(rounded):
    frames = sines(64, seed=9)
    expected, answers = trained().predict(frames, verbose=0), rounded.predict(frames, verbose=0)
    assert 0 < np.abs(answers - expected).max() < 0.05 * np.ptp(expected)
    plain = without_rounding(rounded)
    np.testing.assert_allclose(plain.predict(frames, verbose=0), expected, atol=1e-4)
    assert {type(layer).__module__.split(".")[0] for layer in plain.layers} == {"keras"}


def test_batch_norm_is_gone_and_ranges_are_those_of_the_frames(rounded):
    assert not any(isinstance(layer, layers.BatchNormalization) for layer in rounded.layers)
    frames = np.concatenate([sines(300, seed=1), sines(300, seed=2)])
    first = rounded.get_layer("frame_range")
    assert (float(first.low), float(first.high)) == (frames.min(), frames.max())
    inner = keras.Model(trained().input, trained().get_layer("b1_s1_pw_act").output).predict(frames, verbose=0)
    act = rounded.get_layer("b1_s1_pw_act_range")
    assert float(act.low) == 0
    assert float(act.high) == pytest.approx(inner.max(), rel=1e-5)


def test_there_is_no_range_inside_what_the_converter_fuses(rounded):
    names = {layer.name for layer in ranges(rounded)}
    assert {"b2_s1_dw_act_range", "b2_s1_se_act_range", "b2_s1_se_scale_range", "head_range"} <= names
    # An average pool and a reshape have the unit of what they read.
    assert not names & {"b2_s1_dw_range", "b2_s1_se_mean_range", "b2_s1_se_excite_range", "to_1d_range"}


def test_a_layer_that_cannot_be_rounded_is_named():
    inputs = keras.Input((64, 1))
    with pytest.raises(ModelError, match=r"'recurrent' \(GRU\) cannot be quantised while training.*qat to false"):
        quantise_aware(keras.Model(inputs, layers.GRU(4, name="recurrent")(inputs)))
    odd = layers.Dense(3, activation="gelu", name="odd")
    with pytest.raises(ModelError, match=r"'odd' \(gelu\)"):
        quantise_aware(keras.Model(inputs, odd(inputs)))


def test_constants_are_rounded_where_they_are_read():
    """As a position bias is: it is computed from nothing but weights, and the converter does so beforehand."""
    inputs = keras.Input((1, 20, 2))
    nothing = keras.ops.max(keras.ops.zeros_like(inputs), axis=0, keepdims=True)
    bias = layers.Conv2D(2, (1, 3), padding="same", name="bias")(keras.ops.add(nothing, 0.7))
    model = quantise_aware(keras.Model(inputs, keras.ops.add(inputs, bias)))
    assert type(model.get_layer("bias")) is layers.Conv2D
    assert [layer.name for layer in ranges(model)] == [
        "frame_range",
        "bias_range",
        f"{model.operations[-2].name}_range",
    ]
