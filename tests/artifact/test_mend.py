"""Biases that the converter stores wrongly."""

import numpy as np
import pytest

from heartkit.artifact.convert import check
from heartkit.artifact.flat import ALIGNMENT, packed, unpacked
from heartkit.artifact.inspect import inspect
from heartkit.artifact.mend import mended
from heartkit.artifact.runners import LiteRTRunner, TflmRunner, dequantised_outputs, quantised_frames
from heartkit.artifact.target import target_of
from heartkit.errors import ExportError
from heartkit.models.backend import keras, tf
from heartkit.models.quantise_aware import observe, quantise_aware
from heartkit.params import QuantizationParams
from tiny_network import converted, sines

layers = keras.layers
FRAMES = sines(16, seed=4)


def twins(bias):
    """Two convolutions with different kernels and the same bias."""
    keras.utils.set_random_seed(2)
    inputs = keras.Input((96, 1))
    x = layers.Reshape((1, 96, 1))(inputs)
    for size in (5, 3):
        x = layers.Conv2D(6, (1, size), bias_initializer=keras.initializers.Constant(bias), activation="relu")(x)
    return keras.Model(inputs, layers.Conv2D(3, 1)(x))


def raw(model, calibrated):
    """What the converter makes, not mended: int16x8 where calibrated, else int8 with the model's own ranges."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    concrete = tf.function(lambda x: model(x, training=False)).get_concrete_function(
        tf.TensorSpec((1, 96, 1), tf.float32)
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(concrete)])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    kind = tf.int16 if calibrated else tf.int8
    converter.inference_input_type = converter.inference_output_type = kind
    if calibrated:
        converter.representative_dataset = lambda: ([frame[None]] for frame in sines(200, seed=1))
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
    return converter.convert()


def error(flat, expected):
    """Largest difference of LiteRT's answers, which are TFLite-Micro's, relative to the range."""
    pytest.importorskip("tflite_micro")
    runner = LiteRTRunner(flat, reference=True)
    units = runner.run(quantised_frames(runner, FRAMES))
    np.testing.assert_array_equal(TflmRunner(flat).run(quantised_frames(runner, FRAMES)), units)
    return np.abs(dequantised_outputs(runner, units) - expected).max() / np.ptp(expected)


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs:UserWarning")
def test_equal_biases_of_two_int16_layers_get_units_of_their_own():
    model = twins(np.arange(6) / 3)
    flat, expected = raw(model, calibrated=True), model.predict(FRAMES, verbose=0)
    target = target_of(QuantizationParams(enabled=True, format="INT16X8"))
    assert len(inspect(flat).foreign_biases()) == 1
    with pytest.raises(ExportError, match=r"bias of .* units that are not this layer's"):
        check(inspect(flat), target)
    better = mended(flat)
    check(inspect(better), target)
    assert error(flat, expected) > 0.05
    assert error(better, expected) < 0.01


@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs:UserWarning")
def test_a_bias_equal_for_all_channels_is_put_right_where_ranges_were_trained():
    model = quantise_aware(twins(2.0))
    observe(model, [sines(200, seed=1)])
    flat, expected = raw(model, calibrated=False), model.predict(FRAMES, verbose=0)
    assert error(flat, expected) > 0.03
    assert error(mended(flat), expected) < 0.015
    stored = unpacked(mended(flat))
    graph = stored.subgraphs[0]
    for operator in graph.operators[1:3]:
        bias = graph.tensors[operator.inputs[2]]
        units = np.frombuffer(bytes(stored.buffers[bias.buffer].data), np.int32)
        np.testing.assert_allclose(units * bias.quantization.scale, 2.0, rtol=1e-3)


@pytest.mark.parametrize("format", ["FP32", "FP16", "INT8", "INT16X8"])
def test_what_is_right_stays_as_it_is(format):
    assert mended(converted(format)) == converted(format)


def test_repacking_changes_nothing_and_keeps_weights_aligned():
    from ai_edge_litert import schema_py_generated as schema

    again = packed(unpacked(converted("INT8")))
    before, after = inspect(converted("INT8")), inspect(again)
    assert (before.operators, before.tensors) == (after.operators, after.tensors)
    raw = quantised_frames(LiteRTRunner(again), FRAMES)
    np.testing.assert_array_equal(LiteRTRunner(again, True).run(raw), LiteRTRunner(converted("INT8"), True).run(raw))
    start = np.frombuffer(again, np.uint8).ctypes.data
    read = schema.Model.GetRootAs(again, 0)
    held = [read.Buffers(number).DataAsNumpy() for number in range(read.BuffersLength())]
    assert {(data.ctypes.data - start) % ALIGNMENT for data in held if isinstance(data, np.ndarray)} == {0}
