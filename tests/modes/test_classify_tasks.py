"""Beat and rhythm from training to demo, on synthetic ECGs with ectopic beats and fibrillation."""

import json

import numpy as np
import pytest

from heartkit.factories import TaskFactory
from heartkit.modes.data import TaskData
from tiny_runs import params_of, synthetic

SIZE = 64
EVEN = {"preset_weights": [1, 1]}
TASKS = {"beat": "beat", "beat with rr": "beat", "rhythm": "rhythm"}
SETTINGS = {
    "beat": {
        "datasets": [synthetic(params={"duration": 10, "presets": ["PVC", "SR"], **EVEN})],
        "num_classes": 2,
        "class_map": {"0": 0, "2": 1},
        "class_names": ["normal", "PVC"],
        "samples_per_patient": [30, 30],
    },
    "rhythm": {
        "datasets": [
            synthetic(num_pts=24, params={"duration": 6, "presets": ["SR", "AFIB"], "preset_weights": [1, 1]})
        ],
        "num_classes": 2,
        "class_map": {"0": 0, "1": 0, "2": 0, "3": 0, "7": 1},
        "class_names": ["sinus", "AFIB"],
        "samples_per_patient": 40,
    },
}

SETTINGS["beat with rr"] = {**SETTINGS["beat"], "task_params": {"rr": True}}


@pytest.fixture(scope="module", params=sorted(SETTINGS))
def run(request, cache, tmp_path_factory):
    """The task, what makes its parameters, and its trained model."""
    task, folder = TaskFactory.get(TASKS[request.param]), tmp_path_factory.mktemp("run")
    settings = {
        **SETTINGS[request.param], "frame_size": SIZE, "epochs": 4, "steps_per_epoch": 20, "val_metric": "f1",
        "class_weights": "balanced", "lr_rate": 0.02, "augmentations": [],
    }  # fmt: skip

    def params(mode, **changes):
        return params_of(mode, folder, cache, **settings | changes)

    return task, params, task.train(params("train")), 4 if "rr" in request.param else 1


def test_all_modes(run, capsys):
    task, params, trained, channels = run
    assert trained.model_file.is_file()
    made = params("evaluate", model_file=str(trained.model_file))
    metrics = task.evaluate(made)
    stored = TaskData(made, task, 3).frames("test", 40, None, None)
    assert stored.frames.shape[1:] == (SIZE, channels)
    assert set(stored.answers) <= {0, 1}
    support = {name: one["support"] for name, one in metrics["frames"]["classes"].items()}
    assert list(support.values()) == np.bincount(stored.answers, minlength=2).tolist()
    whole = [one["support"] for one in metrics["recordings"]["samples"]["classes"].values()]
    assert sum(whole) > 40
    majority = metrics["baselines"]["majority class"]["samples"]
    assert majority["accuracy"]["value"] == pytest.approx(max(whole) / sum(whole))
    if task.name == "beat":  # a frame of 0.64 s shows how wide a beat is, but not whether rhythms are irregular
        assert metrics["frames"]["probabilities"]["macro_auroc"] > 0.8
        assert metrics["baselines"]["RR intervals alone"]["samples"]["probabilities"]["macro_auroc"] > 0.8
    written = json.loads((made.job_dir / "metrics.json").read_text())
    assert written["frames"]["probabilities"]["auroc"].keys() == support.keys()
    page = " ".join((made.job_dir / "report.html").read_text().split())
    assert "Classes, frames" in page
    assert "Probabilities, frames" in page
    assert "F1, majority class" in page
    assert ("Beats after EC57" in page) == (task.name == "beat")
    said = capsys.readouterr()
    assert "AUROC" in said.out + said.err

    shown = task.demo(params("demo", model_file=str(trained.model_file)))
    assert shown["picture"].read_bytes().startswith(b"\x89PNG")
    assert settings_names(task) <= words_of(shown["report"].read_text())


def test_export(run):
    pytest.importorskip("tflite_micro")
    task, params, trained, channels = run
    exported = task.export(params("export", model_file=str(trained.model_file), val_acc_threshold=None))
    assert exported["bytes"] > 1000
    assert exported["verification"]["arena_bytes"] > 0
    assert exported["input"]["shape"] == [1, SIZE, channels]


def settings_names(task):
    return set(SETTINGS[task.name]["class_names"])


def words_of(text):
    return set(text.replace("<", " ").replace(">", " ").split())
