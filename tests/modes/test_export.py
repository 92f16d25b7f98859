"""Export: what is written, how it is verified, and when nothing is written."""

import csv
import json
import re
import sys

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from heartkit.artifact.convert import convert
from heartkit.artifact.runners import LiteRTRunner, TflmRunner, dequantised_outputs, quantised_frames
from heartkit.errors import ConfigError, ExportError, ModelError, NoRecordsError, VerificationError
from heartkit.models.backend import keras
from heartkit.models.files import load_model
from heartkit.modes import export as export_mode
from heartkit.modes.converted import require_equal, require_scores
from heartkit.modes.data import TaskData
from heartkit.modes.export import export
from tiny_runs import FRAME, synthetic

pytest.importorskip("tflite_micro")


def written(folder):
    """The files an export leaves, besides what every run does."""
    return {file.name for file in folder.iterdir()} - {"export.config.json", "export.environment.json", "heartkit.log"}


@pytest.fixture
def run(make_params, task, trained):
    """Export the trained model; changes win."""

    def go(**changes):
        params = make_params("export", **{"model_file": str(trained.model_file)} | changes)
        return params.job_dir, export(params, task)

    return go


@pytest.fixture
def held(make_params, task):
    """The frames an export is verified on."""
    return TaskData(make_params("export"), task, 3).frames("test", 40, None, None)


def scores_of(runner, held, task):
    """Score an interpreter apart from export."""
    outputs = dequantised_outputs(runner, runner.run(quantised_frames(runner, held.frames)))
    return task.objective.watch(held.answers, outputs)


def test_what_it_leaves(exported):
    folder, report = exported
    assert written(folder) == {"model.tflite", "model.tflite.patients.json", "model_buffer.h", "export.json"}
    assert json.loads((folder / "export.json").read_text()) == json.loads(json.dumps(report))
    flat = (folder / "model.tflite").read_bytes()
    assert (report["bytes"], report["format"], report["io_type"]) == (len(flat), "INT8", "int8")
    header = (folder / "model_buffer.h").read_text()
    array = header[header.index("{") : header.index("}")]
    assert bytes(int(number, 16) for number in re.findall(r"0x[0-9a-fA-F]{2}", array)) == flat
    assert "g_model" in header
    assert report["input"]["shape"] == [1, FRAME, 1]
    assert report["output"]["shape"] == [1, FRAME, 4]
    assert report["input"]["dtype"] == report["output"]["dtype"] == "int8"
    assert report["macs"] > 0
    assert report["verification"]["arena_bytes"] > 0


def test_each_interpreter_scores_what_it_scores_alone(exported, held, task, trained):
    folder, report = exported
    flat = (folder / "model.tflite").read_bytes()
    assert report["verified_on"] == {"split": "test", "frames": len(held.frames), "patients": 2}
    assert report["verification"]["frames"] == len(held.frames) == 80
    expected = {
        "float model": task.objective.watch(
            held.answers, load_model(trained.model_file).predict(held.frames, verbose=0)
        ),
        "LiteRT": scores_of(LiteRTRunner(flat, reference=True), held, task),
        "TFLite-Micro": scores_of(TflmRunner(flat), held, task),
    }
    assert list(report["scores"]) == list(expected)
    for name, scores in expected.items():
        assert report["scores"][name] == pytest.approx(scores, rel=1e-5)
    assert report["scores"]["LiteRT"] == pytest.approx(report["scores"]["TFLite-Micro"], abs=1e-3)
    for name, lost in report["lost"].items():
        difference = report["scores"]["float model"][name] - report["scores"]["TFLite-Micro"][name]
        assert lost["value"] == pytest.approx(-difference if name == "loss" else difference)
        assert lost["low"] <= lost["value"] <= lost["high"]
    assert set(report["lost"]) == set(report["scores"]["LiteRT"])
    assert report["scores"]["LiteRT"]["acc"] == pytest.approx(report["scores"]["float model"]["acc"], abs=0.05)


@pytest.mark.parametrize(
    ("format", "io_type", "types"),
    [
        ("FP32", "int8", "float32"),
        ("FP16", "int8", "float32"),
        ("INT8", "float32", "float32"),
        ("INT16X8", "int16", "int16"),
    ],
)
def test_every_format(run, format, io_type, types):
    _, report = run(quantization={"enabled": True, "format": format, "io_type": io_type, "conversion": "CONCRETE"})
    assert (report["format"], report["input"]["dtype"], report["output"]["dtype"]) == (format, types, types)
    on = {"float model", "LiteRT"} | (set() if format == "FP16" else {"TFLite-Micro"})
    assert set(report["scores"]) == on
    loss = 1e-3 if format in ("FP32", "FP16", "INT16X8") else 0.05
    assert report["scores"]["LiteRT"]["acc"] == pytest.approx(report["scores"]["float model"]["acc"], abs=loss)


def test_probabilities_names_and_places(run, tmp_path, held):
    header = tmp_path / "firmware" / "ecg.h"
    folder, report = run(use_logits=False, tflm_file=str(header), tflm_var_name="ecg_model")
    assert "ecg_model" in header.read_text()
    assert written(folder) == {"model.tflite", "model.tflite.patients.json", "export.json"}
    runner = LiteRTRunner((folder / "model.tflite").read_bytes(), reference=True)
    chances = dequantised_outputs(runner, runner.run(quantised_frames(runner, held.frames[:8])))
    assert chances.min() >= 0
    np.testing.assert_allclose(chances.sum(-1), 1, atol=0.02)
    assert report["output"]["scale"] == pytest.approx(1 / 256)


def test_it_is_calibrated_on_training_frames_only(run, make_params, task, monkeypatch):
    taken = []

    def spy(model, quantization, frames=None):
        taken.append(frames)
        return convert(model, quantization, frames)

    monkeypatch.setattr(export_mode, "convert", spy)
    monkeypatch.setattr(export_mode, "CALIBRATION_FRAMES", 600)
    run()
    data = TaskData(make_params("export"), task, 3)
    (one,) = data.prepared
    windows = {}
    for split in ("train", "val", "test"):
        leads = [
            (one.store.signals(n)[one.store.leads[n].index(name)]) for n in one.records(split) for name in one.leads
        ]
        frames = np.concatenate([sliding_window_view(lead, FRAME) for lead in leads])[..., None]
        windows[split] = {frame.tobytes() for frame in data.preprocess(np.ascontiguousarray(frames))}
    used = {frame.tobytes() for frame in taken[0]}
    assert len(taken[0]) == 600
    assert used <= windows["train"]
    assert used.isdisjoint(windows["val"] | windows["test"])


def test_without_test_patients_it_is_verified_on_the_validation_patients(run, capsys):
    _, report = run(datasets=[synthetic(splits=["train", "val"])])
    assert report["verified_on"]["split"] == "val"
    assert "no test patients here" in " ".join(capsys.readouterr().err.split())


def test_many_frames_are_thinned_out_evenly(run, monkeypatch):
    monkeypatch.setattr(export_mode, "SCORED_FRAMES", 30)
    monkeypatch.setattr(export_mode, "EXACT_FRAMES", 10)
    _, report = run()
    assert report["verified_on"] == {"split": "test", "frames": 30, "patients": 2}
    assert report["verification"]["frames"] == 10


def test_a_model_that_lost_its_skill_is_not_written(run, monkeypatch):
    """What is converted here answers at random: as a converter gone wrong would."""

    def wrong(model, quantization, frames=None):
        keras.utils.set_random_seed(1)
        fresh = type(model).from_config(model.get_config())
        return convert(fresh, quantization, frames)

    monkeypatch.setattr(export_mode, "convert", wrong)
    with pytest.raises(VerificationError, match=r"On LiteRT acc is .*No model was written.*INT16X8"):
        run(val_acc_threshold=0.98)


def test_what_failed_leaves_the_last_export_alone(run, monkeypatch, tmp_path):
    folder, _ = run()
    before = {name: (folder / name).read_bytes() for name in written(folder)}

    def fails(params, scores, metric):
        raise VerificationError("lost")

    monkeypatch.setattr(export_mode, "require_scores", fails)
    with pytest.raises(VerificationError, match="lost"):
        run(use_logits=False)
    assert {name: (folder / name).read_bytes() for name in written(folder)} == before


@pytest.mark.parametrize(
    ("params", "metric", "after", "passes"),
    [
        ({"val_acc_threshold": 0.98}, "acc", 0.785, True),  # 0.8 * 0.98 = 0.784
        ({"val_acc_threshold": 0.98}, "acc", 0.783, False),
        ({"val_acc_threshold": 0.98}, "acc", float("nan"), False),
        ({"val_acc_threshold": None}, "acc", 0.1, True),
        ({"val_acc_threshold": 1.0}, "acc", 0.9, True),
        ({"test_metric": "f1", "test_metric_threshold": 0.05}, "f1", 0.76, True),
        ({"test_metric": "f1", "test_metric_threshold": 0.05}, "f1", 0.74, False),
        ({"test_metric": "loss", "test_metric_threshold": 0.1}, "loss", 0.85, True),
        ({"test_metric": "loss", "test_metric_threshold": 0.1}, "loss", 0.95, False),
        ({"test_metric": "loss", "val_acc_threshold": 0.9}, "loss", 0.87, True),
        ({"test_metric": "loss", "val_acc_threshold": 0.9}, "loss", 0.9, False),
    ],
)
def test_what_may_be_lost(make_params, params, metric, after, passes):
    before = {"loss": 0.8, "acc": 0.8, "f1": 0.8}
    scores = {"float model": before, "LiteRT": before, "TFLite-Micro": before | {metric: after}}
    params = make_params("export", **params)
    if passes:
        require_scores(params, scores, metric)
    else:
        with pytest.raises(VerificationError, match=f"On TFLite-Micro {metric} is"):
            require_scores(params, scores, metric)


def test_interpreters_that_score_differently_are_an_error():
    same = {"loss": 0.8, "acc": 0.8, "f1": 0.8}
    require_equal({"LiteRT": same})
    require_equal({"LiteRT": same, "TFLite-Micro": same | {"f1": 0.8005}})
    for wrong in (0.79, float("nan")):
        with pytest.raises(VerificationError, match="f1 is"):
            require_equal({"LiteRT": same, "TFLite-Micro": same | {"f1": wrong}})


def test_without_tflite_micro_only_by_leave(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "tflite_micro", None)
    with pytest.raises(ExportError, match=r"not installed.*--no-tflm"):
        run()
    folder, report = run(tflm=False)
    assert set(report["scores"]) == {"float model", "LiteRT"}
    assert report["verification"]["tflm"] is False
    assert "not installed" in report["verification"]["note"]
    assert "model.tflite" in written(folder)


def test_debug_tells_the_error_of_each_layer(run):
    folder, report = run(quantization={"enabled": True, "debug": True, "conversion": "CONCRETE"})
    with (folder / "layers.csv").open() as file:
        rows = list(csv.DictReader(file))
    # A few outputs have no partner in the float model, where operators are fused in another way.
    assert sum(report["operators"].values()) - 2 <= len(rows) <= sum(report["operators"].values())
    assert {row["operator"] for row in rows} == set(report["operators"])
    assert all(0 <= float(row["mean"]) <= float(row["largest"]) < 0.5 for row in rows)
    assert (folder / "layers.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"model_file": "model.tflite"}, ConfigError, "export converts a .keras model"),
        ({"model_file": "/nowhere/model.keras"}, ModelError, "is not there.*heartkit train"),
        ({"frame_size": 32}, ModelError, "Set frame_size to 64"),
        ({"datasets": [synthetic(splits=["train"])]}, NoRecordsError, "split 'val'"),
        (
            {"quantization": {"enabled": True, "io_type": "int16"}},
            ConfigError,
            "'int16' does not go with format 'INT8'",
        ),
        ({"quantization": {"enabled": True, "qat": True}}, ConfigError, "trained in float.*quantization.qat=true"),
        ({"quantization": {"enabled": True, "mixed": 99}}, ExportError, "mixed is 99"),
    ],
)
def test_what_cannot_be_exported_says_why(run, changes, error, words):
    with pytest.raises(error, match=words):
        run(**changes)
