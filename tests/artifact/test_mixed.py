"""Int8 models that keep their worst layers in 16 bits."""

import numpy as np
import pytest

from heartkit.artifact.convert import convert
from heartkit.artifact.inspect import inspect
from heartkit.artifact.mixed import Pair, mix
from heartkit.artifact.runners import LiteRTRunner, TflmRunner, dequantised_outputs, quantised_frames
from heartkit.artifact.target import target_of
from heartkit.artifact.verify import verify
from heartkit.errors import ConfigError, ExportError
from heartkit.models.backend import keras
from heartkit.models.unet import ARCHITECTURE as UNET
from heartkit.params import QuantizationParams
from tiny_network import converted, sines, trained

FRAMES, CALIBRATION = sines(48, seed=9), sines(32, seed=1)


@pytest.fixture(scope="module")
def pair():
    return Pair(converted("INT8"), converted("INT16X8"))


def answers(flat):
    runner = LiteRTRunner(flat, reference=True)
    return dequantised_outputs(runner, runner.run(quantised_frames(runner, FRAMES)))


def rms(flat):
    return float(np.sqrt(np.mean((answers(flat) - trained().predict(FRAMES, verbose=0)) ** 2)))


def test_no_layer_in_16_bits_is_the_int8_model(pair):
    np.testing.assert_array_equal(answers(pair.joined([])), answers(converted("INT8")))
    assert inspect(pair.joined([])).operator_names == inspect(converted("INT8")).operator_names


def test_the_more_layers_have_16_bits_the_smaller_the_error(pair):
    errors = pair.damage(CALIBRATION)
    assert set(errors) == set(pair.layers())
    worst = sorted(errors, key=lambda number: -errors[number])
    found = [rms(pair.joined(worst[:count])) for count in (0, 4, len(worst))]
    assert found[0] > found[1] > found[2]
    assert rms(pair.joined(worst[:3])) < rms(pair.joined(worst[-3:]))


def test_chosen_layers_hand_16_bits_on_and_the_ends_stay_int8(pair):
    number = next(n for n in pair.layers() if pair.operators[n].name == "DEPTHWISE_CONV_2D")
    found = inspect(pair.joined([number]))
    kinds = [found.tensors[one.outputs[0]].dtype for one in found.operators if one.name == "DEPTHWISE_CONV_2D"]
    assert kinds[0] == "int16"
    assert "int8" in kinds[1:]
    assert (found.input.dtype, found.output.dtype) == ("int8", "int8")
    assert found.operator_names.count("QUANTIZE") == 2
    assert found.foreign_biases() == []


@pytest.mark.parametrize(("io_type", "unit", "limit"), [("int8", "int8", 2), ("float32", "int16", 512)])
def test_tflite_micro_runs_them(io_type, unit, limit):
    pytest.importorskip("tflite_micro")
    params = QuantizationParams(enabled=True, mixed=0.5, io_type=io_type, conversion="CONCRETE")
    flat = convert(trained(), params, sines(600, seed=1))
    assert {"int8", "int16"} <= {tensor.dtype for tensor in inspect(flat).tensors if not tensor.constant}
    result = verify(flat, FRAMES, trained().predict(FRAMES, verbose=0))
    assert (result.tflm, result.unit, result.limit) == (True, unit, limit)
    assert result.arena_bytes > 0


@pytest.mark.slow
def test_operators_that_only_change_units_are_made_anew():
    """A concatenation brings its inputs to one unit; those differ between the widths."""
    pytest.importorskip("tflite_micro")
    blocks = [
        {"filters": 8, "kernel": 5, "strides": 2},
        {"filters": 12, "depth": 2, "ddepth": 1, "strides": 2, "seperable": True, "skip": False},
    ]
    keras.utils.set_random_seed(1)
    model, frames = UNET.make((64, 1), {"blocks": blocks}, 3), sines(200, seed=1, time=64)
    forms = [
        convert(model, QuantizationParams(enabled=True, format=kind, conversion="CONCRETE"), frames)
        for kind in ("INT8", "INT16X8")
    ]
    counts = [inspect(form).operator_names.count("QUANTIZE") for form in forms]
    assert counts[0] != counts[1]
    flat = mix(*forms, 0.5, frames[:16])
    runner = LiteRTRunner(flat, reference=True)
    raw = quantised_frames(runner, frames[:16])
    off = np.abs(TflmRunner(flat).run(raw).astype(int) - runner.run(raw))
    assert off.max() <= 2


def test_what_cannot_be_mixed_says_why(pair):
    with pytest.raises(ExportError, match=f"mixed is 99, but the model has {len(pair.layers())} layers"):
        mix(converted("INT8"), converted("INT16X8"), 99, CALIBRATION)
    with pytest.raises(ExportError, match="cannot join"):
        Pair(converted("INT8"), converted("INT16X8", block_type="lg"))
    with pytest.raises(ConfigError, match=r"'INT16X8'.*Use format 'INT8'"):
        target_of(QuantizationParams(enabled=True, format="INT16X8", mixed=2))
    with pytest.raises(ConfigError, match="'FP32'"):
        target_of(QuantizationParams(mixed=2))
    with pytest.raises(ConfigError, match="whole number of layers"):
        QuantizationParams.read({"mixed": 2.5}, "test")
