import logging

import numpy as np
import pytest

from heartkit.artifact.convert import check, convert
from heartkit.artifact.inspect import inspect
from heartkit.artifact.runners import LiteRTRunner
from heartkit.artifact.target import target_of
from heartkit.artifact.verify import verify
from heartkit.backends.litert import litert_predictor
from heartkit.errors import ConfigError, ExportError, ModelError, VerificationError
from heartkit.models.backend import keras
from heartkit.params import QuantizationParams
from tiny_network import TIME, converted, made, sines, trained

OPERATORS = {"RESHAPE", "DEPTHWISE_CONV_2D", "CONV_2D", "AVERAGE_POOL_2D", "MUL"}


@pytest.mark.parametrize(
    ("format", "own", "tolerance"), [("FP32", "float32", 1e-5), ("INT8", "int8", 0.1), ("INT16X8", "int16", 0.05)]
)
@pytest.mark.parametrize("conversion", ["CONCRETE", "KERAS"])
def test_every_way_gives_the_same_network(format, own, tolerance, conversion):
    flat = converted(format, conversion=conversion)
    found = inspect(flat)
    assert found.input.shape == (1, TIME, 1)
    assert found.input.dtype == found.output.dtype == own
    assert set(found.operator_names) <= OPERATORS
    assert found.operator_names.count("RESHAPE") == 2
    assert found.operator_names.count("DEPTHWISE_CONV_2D") == 3  # dilated ones stay single operators
    frames = sines(32, seed=9)
    expected = trained().predict(frames, verbose=0)
    answers = litert_predictor(flat, reference=True).predict(frames)
    assert np.abs(answers - expected).max() < tolerance * np.ptp(expected)
    assert np.mean(answers.argmax(-1) == expected.argmax(-1)) > 0.97


def test_a_saved_model_gives_the_same_network():
    frames = sines(8, seed=9)
    answers = [
        litert_predictor(converted("INT8", conversion=way)).predict(frames) for way in ("CONCRETE", "SAVED_MODEL")
    ]
    np.testing.assert_array_equal(*answers)


def test_float16_keeps_float_inputs_and_halves_the_weights():
    half, full = inspect(converted("FP16")), inspect(converted("FP32"))
    assert half.input.dtype == half.output.dtype == "float32"
    assert {t.dtype for t in half.tensors if t.constant and len(t.shape) == 4 and t.bytes > 4} == {"float16"}
    assert half.weight_bytes < 0.6 * full.weight_bytes


@pytest.mark.parametrize("block_type", ["lg", "sm"])
@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_every_kind_of_block_converts_to_integers_alone(block_type, norm):
    found = inspect(converted("INT8", block_type=block_type, norm=norm))
    assert found.float_operators() == []
    assert found.unsafe_operators() == []
    if norm == "batch":  # folded away
        assert set(found.operator_names) <= OPERATORS


def test_what_is_not_enabled_is_float32():
    target = target_of(QuantizationParams(format="INT8"))
    assert (target.format, target.io_type) == ("FP32", "float32")


@pytest.mark.parametrize(
    ("format", "io_type", "expected"),
    [
        ("INT8", "int8", "int8"),
        ("INT8", "float32", "float32"),
        ("INT16X8", "int8", "int16"),
        ("FP16", "int8", "float32"),
    ],
)
def test_the_default_io_type_stands_for_the_format_s_own(format, io_type, expected):
    assert target_of(QuantizationParams(enabled=True, format=format, io_type=io_type)).io_type == expected


@pytest.mark.parametrize(("format", "io_type"), [("INT8", "int16"), ("FP32", "int16")])
def test_a_contradiction_is_an_error(format, io_type):
    with pytest.raises(ConfigError, match=f"'{io_type}' does not go with format '{format}'"):
        target_of(QuantizationParams(enabled=True, format=format, io_type=io_type))


@pytest.mark.parametrize("frames", [None, np.zeros((0, TIME, 1), np.float32), np.zeros((5, TIME + 1, 1), np.float32)])
def test_calibration_needs_frames_that_fit(frames):
    with pytest.raises(ExportError, match=f"shape \\('n', {TIME}, 1\\)"):
        convert(made(), QuantizationParams(enabled=True), frames)


def test_calibration_refuses_nan():
    frames = sines(5)
    frames[2, 3] = np.nan
    with pytest.raises(ExportError, match="NaN"):
        convert(made(), QuantizationParams(enabled=True), frames)


def test_few_calibration_frames_are_warned_of_and_nothing_else_is_said(caplog, capfd):
    with caplog.at_level(logging.INFO):
        convert(made(), QuantizationParams(enabled=True, conversion="CONCRETE"), sines(60))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "60 frames" in caplog.text
    assert capfd.readouterr().err == ""


def strange_model():
    """A network with an operator that has no integer form."""
    inputs = keras.Input((TIME, 1))
    x = keras.layers.Conv1D(4, 3, padding="same")(inputs)
    return keras.Model(inputs, keras.layers.Conv1D(2, 1)(keras.ops.round(x)))


def test_an_operator_without_integer_form_needs_fallback():
    params = QuantizationParams(enabled=True, conversion="CONCRETE")
    with pytest.raises(ExportError, match="fallback"):
        convert(strange_model(), params, sines(50))
    flat = convert(strange_model(), params.replaced(fallback=True), sines(50))
    assert inspect(flat).float_operators()
    assert LiteRTRunner(flat).run(np.zeros((1, TIME, 1), np.int8)).shape == (1, TIME, 2)


def test_an_activation_without_range_is_named():
    inputs = keras.Input((TIME, 1))
    x = keras.layers.Conv1D(4, 3, bias_initializer=keras.initializers.Constant(-99), activation="relu", name="dead")(
        inputs
    )
    model = keras.Model(inputs, keras.layers.Conv1D(2, 1)(x))
    with pytest.raises(ExportError, match=r"dead.* zero on every calibration frame"):
        convert(model, QuantizationParams(enabled=True, format="INT16X8", conversion="CONCRETE"), sines(20))


def test_an_operator_that_litert_does_not_have_is_named():
    inputs = keras.Input((TIME, 1))
    model = keras.Model(inputs, keras.ops.erfinv(keras.ops.tanh(inputs)))
    with pytest.raises(ExportError, match="Erfinv"):
        convert(model, QuantizationParams(conversion="CONCRETE"))


def open_batch() -> bytes:
    """The network as the converter makes it when the batch is left open."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    model = trained()
    call = tf.function(lambda x: model(x, training=False))
    concrete = call.get_concrete_function(tf.TensorSpec((None, TIME, 1), tf.float32))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(concrete)])
    return converter.convert()


def test_an_open_batch_is_caught_by_its_operators_and_by_its_answers():
    flat = open_batch()
    assert {"SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND"} <= set(inspect(flat).unsafe_operators())
    with pytest.raises(ExportError, match="SPACE_TO_BATCH_ND"):
        check(inspect(flat), target_of(QuantizationParams()))
    pytest.importorskip("tflite_micro")
    with pytest.raises(VerificationError):
        verify(flat, sines(4, seed=3))


@pytest.mark.parametrize("damage", [b"", b"not a model at all", slice(0, 300)])
def test_bytes_that_are_no_model_are_refused(damage):
    broken = converted("INT8")[damage] if isinstance(damage, slice) else damage
    with pytest.raises(ModelError, match="LiteRT"):
        inspect(broken)
