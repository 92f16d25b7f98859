import sys

import numpy as np
import pytest

from heartkit.artifact import verify as verify_module
from heartkit.artifact.arena import smallest_arena
from heartkit.artifact.convert import convert
from heartkit.artifact.inspect import inspect
from heartkit.artifact.layers import layer_errors
from heartkit.artifact.runners import LiteRTRunner, TflmRunner
from heartkit.artifact.verify import verify
from heartkit.backends.litert import litert_predictor
from heartkit.errors import BackendError, ExportError, VerificationError
from heartkit.models.architecture import with_probabilities
from heartkit.params import QuantizationParams
from tiny_network import converted, sines, trained

FRAMES = sines(24, seed=11)


@pytest.mark.parametrize(
    ("format", "io_type", "unit", "limit"),
    [
        ("INT8", "int8", "int8", 2),
        ("INT8", "float32", "int8", 2),
        ("INT16X8", "int16", "int16", 16),
        ("FP32", "float32", "range", 1e-6),
    ],
)
def test_tflite_micro_agrees(format, io_type, unit, limit):
    pytest.importorskip("tflite_micro")
    result = verify(converted(format, io_type), FRAMES, trained().predict(FRAMES, verbose=0))
    assert (result.tflm, result.unit, result.limit, result.frames) == (True, unit, limit, len(FRAMES))
    assert result.largest <= limit
    assert 0 <= result.identical <= 1
    assert result.float_error < 0.1


@pytest.mark.parametrize("format", ["INT8", "INT16X8"])
@pytest.mark.parametrize(("block_type", "norm"), [("mb", "layer"), ("lg", "layer"), ("sm", "batch")])
def test_tflite_micro_agrees_on_every_block_and_norm(block_type, norm, format):
    pytest.importorskip("tflite_micro")
    assert verify(converted(format, block_type=block_type, norm=norm), FRAMES[:8]).tflm


def test_float16_is_verified_in_litert_only():
    result = verify(converted("FP16"), FRAMES, trained().predict(FRAMES, verbose=0))
    assert (result.tflm, result.largest, result.arena_bytes) == (False, None, None)
    assert result.float_error < 1e-2
    assert "float16" in result.note


def test_the_arena_is_the_smallest_that_works():
    pytest.importorskip("tflite_micro")
    model = converted("INT8")
    arena = smallest_arena(model)
    frame = np.zeros(LiteRTRunner(model).model.input.shape, np.int8)
    TflmRunner(model, arena).run(frame)
    with pytest.raises(BackendError, match=f"in {arena - 16} bytes"):
        TflmRunner(model, arena - 16)


def test_without_tflite_micro_it_is_an_error_unless_allowed(monkeypatch):
    monkeypatch.setitem(sys.modules, "tflite_micro", None)
    with pytest.raises(ExportError, match="--no-tflm"):
        verify(converted("INT8"), FRAMES)
    result = verify(converted("INT8"), FRAMES, need_tflm=False)
    assert (result.tflm, result.note) == (False, "it is not installed.")
    with pytest.raises(BackendError, match="pip install"):
        TflmRunner(converted("INT8"))


def test_a_difference_beyond_the_limit_fails(monkeypatch):
    pytest.importorskip("tflite_micro")

    class Wrong(TflmRunner):
        def run(self, frames):
            outputs = super().run(frames)
            outputs[3, 0, 0] = np.clip(int(outputs[3, 0, 0]) + (5 if outputs[3, 0, 0] < 100 else -5), -128, 127)
            return outputs

    monkeypatch.setattr(verify_module, "TflmRunner", Wrong)
    with pytest.raises(VerificationError, match=r"by up to [3-7] \(int8 units; 2 are allowed\)"):
        verify(converted("INT8"), FRAMES)


def test_no_frames_is_an_error():
    with pytest.raises(ExportError, match="no frames"):
        verify(converted("INT8"), FRAMES[:0])


def test_layer_errors_of_the_input_and_the_output_are_known_otherwise():
    rows = layer_errors(converted("INT8"), converted("FP32"), FRAMES)
    runner = LiteRTRunner(converted("INT8"))
    assert [row.operator for row in rows] == runner.model.operator_names
    clip = FRAMES.max() - (127 - runner.model.input.zero_point) * runner.model.input.scale
    clip = max(clip, (-128 - runner.model.input.zero_point) * runner.model.input.scale - FRAMES.min())
    assert rows[0].span == pytest.approx(np.ptp(FRAMES))
    assert rows[0].largest * rows[0].span <= max(runner.model.input.scale * 0.501, clip)
    exact = litert_predictor(converted("FP32"), reference=True).predict(FRAMES)
    off = np.abs(litert_predictor(converted("INT8"), reference=True).predict(FRAMES) - exact)
    assert rows[-1].mean * rows[-1].span == pytest.approx(off.mean(), rel=1e-4)
    assert rows[-1].largest * rows[-1].span == pytest.approx(off.max(), rel=1e-4)


def test_sixteen_bits_err_less_than_eight():
    eight = layer_errors(converted("INT8"), converted("FP32"), FRAMES)
    sixteen = layer_errors(converted("INT16X8"), converted("FP32"), FRAMES)
    assert np.mean([row.mean for row in sixteen]) < np.mean([row.mean for row in eight])
    assert layer_errors(converted("INT8"), converted("FP32"), FRAMES[:0]) == []


def test_a_sigmoid_at_the_end_makes_several_units_of_one():
    """A unit of logits is worth a quarter of its size in probabilities, in units of 1 / 256."""
    pytest.importorskip("tflite_micro")
    params = QuantizationParams.read({"enabled": True, "conversion": "CONCRETE"}, "test")
    flat = convert(with_probabilities(trained(), "sigmoid"), params, sines(200, seed=1))
    found = inspect(flat)
    (last,) = [one for one in found.operators if one.name == "LOGISTIC"]
    unit = found.tensors[last.inputs[0]].scale
    result = verify(flat, FRAMES[:8])
    assert result.limit == pytest.approx(2 * max(1, unit / 4 * 256))
    assert result.limit > 2
    assert result.largest <= result.limit
