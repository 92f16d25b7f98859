import sys
import zipfile

import numpy as np
import pytest

from heartkit.backends.base import open_predictor
from heartkit.backends.litert import litert_predictor
from heartkit.backends.tflm import tflm_predictor
from heartkit.errors import BackendError, DataError, ModelError, UnknownNameError
from heartkit.factories import BackendFactory
from heartkit.models.backend import keras
from tiny_network import CLASSES, TIME, converted, sines, trained

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)  # Keras' own
FRAMES = sines(20, seed=21)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("models")
    trained().save(path / "m.keras")
    for format in ("FP32", "INT8", "INT16X8"):
        (path / f"{format}.tflite").write_bytes(converted(format))
    return path


@pytest.mark.parametrize(
    ("name", "tolerance"), [("m.keras", 1e-5), ("FP32.tflite", 1e-5), ("INT8.tflite", 0.1), ("INT16X8.tflite", 0.05)]
)
def test_a_predictor_answers_in_float_whatever_it_runs(folder, name, tolerance):
    predictor = open_predictor(folder / name, input_shape=(TIME, 1))
    assert (predictor.input_shape, predictor.output_shape) == ((TIME, 1), (TIME, CLASSES))
    expected = np.asarray(trained()(FRAMES))
    answers = predictor.predict(FRAMES.astype(np.float64), batch=7)
    assert answers.dtype == np.float32
    assert np.abs(answers - expected).max() < tolerance * np.ptp(expected)
    assert predictor.predict(FRAMES[:0]).shape == (0, TIME, CLASSES)


def test_tflm_and_the_reference_kernels_agree(folder):
    pytest.importorskip("tflite_micro")
    micro = open_predictor(folder / "INT8.tflite", "tflm")
    unit = micro.runner.model.output.scale
    reference = litert_predictor(converted("INT8"), reference=True).predict(FRAMES)
    assert np.abs(micro.predict(FRAMES) - reference).max() <= 2.001 * unit


@pytest.mark.parametrize("name", ["m.keras", "INT8.tflite"])
def test_frames_that_do_not_fit_are_refused(folder, name):
    predictor = open_predictor(folder / name)
    with pytest.raises(ModelError, match=rf"\({TIME}, 1\), got \({TIME + 1}, 1\)"):
        predictor.predict(np.zeros((2, TIME + 1, 1)))
    broken = FRAMES.copy()
    broken[4, 7], broken[9, 1] = np.nan, np.inf
    with pytest.raises(DataError, match="2 of 20 frames"):
        predictor.predict(broken)


@pytest.mark.parametrize("name", ["absent.keras", "absent.tflite"])
def test_an_absent_file_says_what_to_do(folder, name):
    with pytest.raises(ModelError, match=f"{name}.* is not there.*heartkit"):
        open_predictor(folder / name)


def test_another_input_shape_is_found_when_it_is_opened(folder):
    with pytest.raises(
        ModelError, match=rf"\({TIME}, 1\), but the configuration makes \(256, 1\). Set frame_size to {TIME}"
    ):
        open_predictor(folder / "INT8.tflite", input_shape=(256, 1))


def test_damaged_and_foreign_files_are_refused(folder, tmp_path):
    (tmp_path / "m.keras").write_bytes((folder / "m.keras").read_bytes()[:1000])
    (tmp_path / "m.tflite").write_bytes(converted("INT8")[:1000])
    (tmp_path / "m.h5").write_bytes(b"")
    for name, message in (("m.keras", "safe mode"), ("m.tflite", "LiteRT"), ("m.h5", "ends in '.h5'")):
        with pytest.raises(ModelError, match=message):
            open_predictor(tmp_path / name)


def test_a_model_that_carries_code_is_not_run(tmp_path):
    inputs = keras.Input((TIME, 1))
    keras.Model(inputs, keras.layers.Lambda(lambda x: x * 2)(inputs)).save(tmp_path / "evil.keras")
    assert zipfile.is_zipfile(tmp_path / "evil.keras")
    with pytest.raises(ModelError, match="safe mode"):
        open_predictor(tmp_path / "evil.keras")


def test_unknown_and_missing_backends(folder, monkeypatch):
    with pytest.raises(UnknownNameError, match="tflm"):
        open_predictor(folder / "INT8.tflite", "tfml")
    with pytest.raises(BackendError, match="heartkit export"):
        open_predictor(folder / "m.keras", "tflm")
    monkeypatch.setitem(sys.modules, "tflite_micro", None)
    with pytest.raises(BackendError, match="not installed"):
        tflm_predictor(converted("INT8"))


def test_the_table_s_backends_open_files(folder):
    assert BackendFactory.get("pc")(folder / "m.keras").output_shape == (TIME, CLASSES)
