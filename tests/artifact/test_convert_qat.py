"""What was trained with fake quantisation is what the int8 model computes."""

import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from heartkit.artifact.convert import convert, needs_calibration
from heartkit.artifact.inspect import inspect
from heartkit.artifact.runners import LiteRTRunner, TflmRunner, dequantised_outputs, quantised_frames
from heartkit.errors import ConfigError
from heartkit.models.backend import keras
from heartkit.models.fake_quant import ranges
from heartkit.models.files import load_model
from heartkit.models.quantise_aware import observe, quantise_aware, without_rounding
from heartkit.params import QuantizationParams
from tiny_network import levels, made, sines, trained

layers = keras.layers
FRAMES = sines(48, seed=9)


def params(**values):
    return QuantizationParams.read({"enabled": True, "conversion": "CONCRETE"} | values, "test")


@cache
def tuned():
    """The trained network after some steps of fine-tuning, which move weights and ranges."""
    model = quantise_aware(trained())
    observe(model, [sines(300, seed=1)])
    model.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    frames = sines(400, seed=2)
    model.fit(frames, levels(frames), batch_size=32, epochs=2, verbose=0)
    return model


@cache
def flat(**values):
    return convert(tuned(), params(**({"qat": True} | values)))


def test_the_units_of_the_flatbuffer_are_the_trained_ranges():
    found = inspect(flat())
    pools = [one for one in found.operators if one.name == "AVERAGE_POOL_2D"]
    assert pools
    for pool in pools:
        before, after = (found.tensors[number] for number in (pool.inputs[0], pool.outputs[0]))
        assert (before.scale, before.zero_point) == (after.scale, after.zero_point)
    same_unit = {"RESHAPE", "AVERAGE_POOL_2D"}
    activations = [one.outputs[0] for one in found.operators if one.name not in same_unit]
    units = [found.input, *(found.tensors[number] for number in activations)]
    trained_ranges = ranges(tuned())
    assert len(units) == len(trained_ranges)
    for tensor, layer in zip(units, trained_ranges, strict=True):
        low, high = float(layer.low), float(layer.high)
        assert tensor.scale == pytest.approx((high - low) / 255, rel=1e-6), layer.name
        assert tensor.zero_point == round(-128 - low / tensor.scale), layer.name


def test_weights_have_a_unit_per_channel_that_is_their_largest():
    found = inspect(flat())
    convolutions = [one for one in found.operators if one.name == "CONV_2D"]
    kernels = [layer.kernel for layer in tuned().layers if type(layer).__name__ == "RoundedConv2D"]
    for operator, kernel in zip(convolutions, kernels, strict=True):
        scales = found.tensors[operator.inputs[1]].scales
        np.testing.assert_allclose(scales, np.abs(kernel).max(axis=(0, 1, 2)) / 127, rtol=1e-6)
    assert found.float_operators() == []


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "conversion", ["CONCRETE", *(pytest.param(way, marks=SLOW) for way in ("KERAS", "SAVED_MODEL"))]
)
def test_answers_are_those_of_the_trained_network_within_two_units(conversion):
    pytest.importorskip("tflite_micro")
    model = flat(conversion=conversion)
    runner = LiteRTRunner(model, reference=True)
    units = runner.run(quantised_frames(runner, FRAMES))
    off = np.abs(dequantised_outputs(runner, units) - tuned().predict(FRAMES, verbose=0)) / runner.model.output.scale
    assert off.max() < 2.01
    assert (off < 0.5).mean() > 0.8  # the rest is one unit off; how much that is differs from network to network
    np.testing.assert_array_equal(TflmRunner(model).run(quantised_frames(runner, FRAMES)), units)


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["sigmoid", "silu", "hard_silu", "leaky_relu"])
def test_every_activation_converts_to_integers(activation):
    pytest.importorskip("tflite_micro")
    model = quantise_aware(made(activation=activation))
    observe(model, [sines(200, seed=1)])
    converted = convert(model, params())
    runner = LiteRTRunner(converted, reference=True)
    assert runner.model.float_operators() == []
    raw = quantised_frames(runner, FRAMES[:8])
    units = runner.run(raw)
    expected = model.predict(FRAMES[:8], verbose=0)
    # Untrained, with outputs so small that units add up from layer to layer.
    assert np.abs(dequantised_outputs(runner, units) - expected).mean() < 0.03 * np.ptp(expected)
    np.testing.assert_array_equal(TflmRunner(converted).run(raw), units)


def test_no_calibration_is_needed_but_for_other_formats():
    assert not needs_calibration(tuned(), params())
    assert needs_calibration(tuned(), params(format="INT16X8"))
    assert needs_calibration(tuned(), params(mixed=1))
    assert needs_calibration(trained(), params())
    with pytest.raises(ConfigError, match=r"trained in float.*qat=true"):
        convert(trained(), params(qat=True), sines(20))


@pytest.mark.parametrize(
    ("format", "tolerance"),
    [("FP32", 1e-5), pytest.param("FP16", 1e-2, marks=SLOW), pytest.param("INT16X8", 0.02, marks=SLOW)],
)
def test_other_formats_have_the_network_without_its_rounding(format, tolerance):
    runner = LiteRTRunner(convert(tuned(), params(format=format), sines(600, seed=1)), reference=True)
    expected = without_rounding(tuned()).predict(FRAMES, verbose=0)
    answers = dequantised_outputs(runner, runner.run(quantised_frames(runner, FRAMES)))
    assert np.abs(answers - expected).max() < tolerance * np.ptp(expected)
    assert "FAKE_QUANT" not in runner.model.operator_names


LOAD = """
import sys, numpy as np
from pathlib import Path
from heartkit.models.files import load_model
np.save(sys.argv[2], load_model(Path(sys.argv[1])).predict(np.load(sys.argv[3]), verbose=0))
"""


@pytest.mark.slow
def test_it_loads_in_safe_mode_in_another_process(tmp_path):
    tuned().save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", FRAMES)
    command = [sys.executable, "-c", LOAD, tmp_path / "model.keras", tmp_path / "y.npy", tmp_path / "x.npy"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    expected = tuned().predict(FRAMES, verbose=0)
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, atol=1e-6)
    assert convert(load_model(tmp_path / "model.keras"), params(qat=True)) == flat()


def uneven():
    """A good float network whose channels differ a thousandfold in range: in eight bits the small ones vanish.

    A relu lets a channel's scale move to the next layer without changing any answer (Nagel et al. 2019).
    """
    keras.utils.set_random_seed(3)
    inputs = keras.Input((96, 1))
    x = layers.Reshape((1, 96, 1))(inputs)
    x = layers.Conv2D(8, (1, 7), padding="same", activation="relu", name="first")(x)
    x = layers.Conv2D(8, (1, 7), padding="same", activation="relu", name="second")(x)
    model = keras.Model(inputs, layers.Reshape((96, 3))(layers.Conv2D(3, 1)(x)))
    fit(model, 0.01, 6, 800)
    factors = np.geomspace(1, 1000, 8)
    first, second = model.get_layer("first"), model.get_layer("second")
    kernel, bias = first.get_weights()
    first.set_weights([kernel * factors, bias * factors])
    kernel, bias = second.get_weights()
    second.set_weights([kernel / factors[:, None], bias])
    return model


def fit(model, rate, epochs, count):
    frames = sines(count, seed=4)
    model.compile(keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(frames, levels(frames), batch_size=32, epochs=epochs, verbose=0)


def test_fine_tuning_wins_back_what_quantising_afterwards_loses():
    model, frames = uneven(), sines(100, seed=8)

    def accuracy(outputs):
        return float((outputs.argmax(-1) == levels(frames)).mean())

    def converted_accuracy(network, calibration=None):
        runner = LiteRTRunner(convert(network, params(), calibration), reference=True)
        return accuracy(dequantised_outputs(runner, runner.run(quantised_frames(runner, frames))))

    exact = accuracy(model.predict(frames, verbose=0))
    after = converted_accuracy(model, sines(600, seed=4))
    aware = quantise_aware(model)
    observe(aware, [sines(600, seed=4)])
    fit(aware, 0.001, 3, 800)
    during = converted_accuracy(aware)
    assert exact > 0.93
    assert after < exact - 0.02
    assert during > after + 0.5 * (exact - after)
