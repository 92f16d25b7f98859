"""Denoise and translate from training to demo, on synthetic ECG and PPG."""

import json

import numpy as np
import pytest

from heartkit.factories import TaskFactory
from heartkit.metrics.signals import frame_scores
from heartkit.modes.data import TaskData, noise_folder
from heartkit.modes.findings import Findings
from heartkit.params import HKTestParams
from tiny_runs import history, params_of, synthetic

SIZE = 128
PPG = {"num_pts": 12, "with_ecg": True, "params": {"duration": 8, "presets": ["SR"], "heart_rate": [90, 110]}}
SETTINGS = {
    "denoise": {
        "datasets": [synthetic(params={"duration": 8, "presets": ["SR"], "noise_multiplier": 0})],
        "augmentations": [{"name": "lead_noise", "params": {"scale": [1.0, 2.0]}}],
        "task_params": {"lowcut": 0.5},
    },
    "translate": {
        "datasets": [{"name": "ppg-synthetic", "params": PPG}],
        "augmentations": [],
        "task_params": {"source": "ppg", "target": "ecg"},
        "frame_size": 256,
    },
}


@pytest.fixture(scope="module", params=sorted(SETTINGS))
def run(request, cache, tmp_path_factory):
    """The task, what makes its parameters, and its trained model."""
    task, folder = TaskFactory.get(request.param), tmp_path_factory.mktemp(request.param)
    settings = {
        "frame_size": SIZE, "num_classes": 1, "class_map": {}, "class_names": None, "epochs": 3, "steps_per_epoch": 20,
        "lr_rate": 0.02, **SETTINGS[request.param],
    }  # fmt: skip

    def params(mode, **changes):
        return params_of(mode, folder, cache, **settings | changes)

    return task, params, task.train(params("train"))


def test_all_modes(run, capsys):
    task, params, trained = run
    rows = history(trained.job_dir)
    assert rows[-1]["val_loss"] < rows[0]["val_loss"] or rows[-1]["val_cosine"] > rows[0]["val_cosine"]
    made = params("evaluate", model_file=str(trained.model_file))
    metrics = task.evaluate(made)
    written = json.loads((made.job_dir / "metrics.json").read_text())
    stored = TaskData(made, task, 3).frames("test", 40, None, None)
    assert stored.frames.shape[1:] == stored.answers.shape[1:] == (made.frame_size, 1)
    report = written["frames"]
    assert report["frames"] == len(stored.frames)
    page = " ".join((made.job_dir / "report.html").read_text().split())
    said = "".join(capsys.readouterr())
    if task.name == "denoise":
        expected = frame_scores(stored.answers[..., 0], stored.frames[..., 0])
        assert report["input"]["snr"]["mean"]["value"] == pytest.approx(expected["snr"].mean(), rel=1e-4)
        assert report["snr_improvement"]["mean"]["value"] > 0
        assert "band-pass filter" in page
        assert "SNR" in said
    else:
        assert report["input"] is None
        assert set(written["baselines"]) == {"mean template", "flat line"}
        assert report["heart_rate"]["reference"] > 0
        assert "Heart rates, frames" in page
        assert "coverage" in said
    assert (made.job_dir / "plots" / "signals.png").is_file()
    assert metrics["frames"]["output"].keys() == report["output"].keys()

    shown = task.demo(params("demo", model_file=str(trained.model_file)))
    assert shown["picture"].read_bytes().startswith(b"\x89PNG")
    assert f"Demo: {'noise in' if task.name == 'denoise' else 'II from'}" in shown["report"].read_text()


def test_export_keeps_the_cosine(run):
    pytest.importorskip("tflite_micro")
    task, params, trained = run
    exported = task.export(params("export", model_file=str(trained.model_file), use_logits=False))
    assert exported["verification"]["arena_bytes"] > 0
    cosine = {name: one["cosine"] for name, one in exported["scores"].items()}
    assert cosine["LiteRT"] == pytest.approx(cosine["float model"], abs=0.05)
    # There are no probabilities to be made of a signal: use_logits changes nothing.
    assert "SOFTMAX" not in exported["operators"]
    assert "LOGISTIC" not in exported["operators"] or exported["operators"]["LOGISTIC"] > 0


def test_noise_of_held_out_frames_is_the_other_half_of_the_records(run):
    task, params, _ = run
    data = TaskData(params("train", augmentations=[{"name": "nstdb"}]), task, 3)
    train, held = data.augment(training=True), data.augment(training=False)
    assert not train.steps[0].held_out
    assert len(held.steps) == (1 if task.name == "denoise" else 0)
    for step in held.steps:
        assert step.held_out
        assert step.bank.shape[1] < 0.51 * (step.bank.shape[1] + train.steps[0].bank.shape[1])
        assert not np.shares_memory(step.bank, train.steps[0].bank)


def test_baselines_are_fitted_to_training_patients_of_the_datasets_that_are_scored(run):
    _, params, _ = run
    task = TaskFactory.get("denoise")
    more = {"name": "ppg-synthetic", "params": {"num_pts": 12, "splits": ["train"], "params": {"duration": 8}}}
    data = TaskData(params("evaluate", datasets=[synthetic(), more], task_params={}), task, 3)
    both = data.sets("train", 5)
    assert [one.name for one in both] == ["ecg-synthetic", "ppg-synthetic"]
    known = data.training_like("val", 5, 1000)
    assert len(known.frames) == len(both[0])
    assert len(np.unique(known.patients)) == len(data.prepared[0].groups["train"])
    assert len(data.training_like("val", 5, 7).frames) == 7


@pytest.mark.parametrize("path", ["qtdb", "qtdb/1.0.0"])
def test_noise_is_found_beside_a_dataset_and_beside_its_versions_folder(tmp_path, path):
    for folder in (path, "nstdb/1.0.0"):
        (tmp_path / folder).mkdir(parents=True)
    made = HKTestParams(datasets=[{"name": "qtdb", "path": tmp_path / path}])
    assert noise_folder(made) == tmp_path / "nstdb"
    assert noise_folder(HKTestParams(datasets=[{"name": "qtdb", "path": tmp_path / "x" / "y" / "z"}])) is None


def test_a_check_names_a_protocol_that_does_not_fit():
    from heartkit.modes.check import check

    values = {"datasets": [{"name": "ecg-synthetic"}], "num_classes": 1, "protocol": "deepfilter"}
    findings: Findings = check(values, "denoise")
    assert any("Protocol 'deepfilter' is about beats of 'qtdb'" in problem for problem in findings.problems)
