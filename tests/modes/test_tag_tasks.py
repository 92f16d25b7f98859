"""Diagnoses and embeddings from training to demo, on a folder of generated ECGs with statements."""

import json

import numpy as np
import pytest

from heartkit.errors import DataError
from heartkit.factories import TaskFactory
from heartkit.models.files import load_model
from heartkit.modes.demo import kept_thresholds
from made_diagnoses import write_diagnoses
from pages import read_page
from tiny_runs import params_of

SIZE = 128
NETWORK = {"blocks": [{"filters": 8, "kernel": 7, "norm": "batch", "dilation": d} for d in (1, 4)]}
SETTINGS = {
    "diagnostic": {
        "num_classes": 3, "class_map": {"0": 0, "4": 1, "1": 2}, "class_names": ["NORM", "CD", "ST & T"],
        "samples_per_patient": [30, 30, 1], "class_weights": "balanced", "epochs": 4,
    },
    "foundation": {"num_classes": 6, "class_map": {}, "class_names": None, "temperature": 0.2, "epochs": 2},
}  # fmt: skip


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_diagnoses(tmp_path_factory.mktemp("clinic") / "ecgs")


@pytest.fixture(scope="module", params=sorted(SETTINGS))
def run(request, cache, dataset, tmp_path_factory):
    """The task, what makes its parameters, and its trained model."""
    task, folder = TaskFactory.get(request.param), tmp_path_factory.mktemp(request.param)
    settings = {
        "datasets": [dataset], "frame_size": SIZE, "steps_per_epoch": 15, "lr_rate": 0.01, "augmentations": [],
        "samples_per_patient": 30, "val_samples_per_patient": 8, "test_samples_per_patient": 8,
        "architecture": {"name": "tcn", "params": NETWORK}, **SETTINGS[request.param],
    }  # fmt: skip

    def params(mode, job=folder, **changes):
        return params_of(mode, job, cache, **settings | changes)

    return task, params, task.train(params("train"))


def test_all_modes(run, capsys):
    task, params, trained = run
    metrics = task.evaluate(params("evaluate"))
    folder = trained.job_dir
    page = read_page(folder / "report.html")
    said = capsys.readouterr()
    if task.name == "diagnostic":
        report = metrics["recordings"]["tags"]
        assert (report["items"], report["patients"]) == (6, 6)
        assert {name: one["support"] for name, one in report["tags"].items()} == {"NORM": 3, "CD": 3, "ST & T": 3}
        assert report["thresholds"] == "on the validation patients"
        assert report["macro_auroc"]["value"] > 0.8  # a wide QRS complex is seen at once
        assert set(metrics["baselines"]) == {"prevalence", "band powers"}
        assert metrics["baselines"]["prevalence"]["recordings"]["tags"]["macro_auroc"]["value"] == 0.5
        assert metrics["frames"]["items"] == 48
        kept = json.loads((folder / "thresholds.json").read_text())
        assert list(kept) == ["NORM", "CD", "ST & T"]
        assert "Tags, whole recordings" in page.words
        assert "Tags, frames" in page.words
        assert "ST & T" in page.words
        assert (folder / "plots" / "auroc.png").is_file()
    else:
        assert metrics["embedding"]["patients"] == 6
        assert metrics["embedding"]["frames"] == 2 * 8 * 6
        assert metrics["embedding"]["agreement"]["value"] > metrics["embedding"]["chance"]["value"]
        assert set(metrics["baselines"]) == {"untrained network", "band powers"}
        assert set(metrics["probes"]["diagnoses"]["tags"]) == {"NORM", "STTC", "CD"}
        assert metrics["probes"]["diagnoses"]["items"] == 6 * 12
        assert not (folder / "thresholds.json").exists()
        assert "Patients known again, frames" in page.words
        assert "Linear probe, diagnoses" in page.words
    assert "AUROC" in said.out + said.err

    shown = task.demo(params("demo"))
    assert shown["picture"].read_bytes().startswith(b"\x89PNG")
    page = read_page(shown["report"])
    if task.name == "diagnostic":
        classes = page.tables[0]
        stated = ["yes", "no", "no"] if shown["record"].startswith("SR") else ["no", "yes", "yes"]
        assert [row[2] for row in classes[1:]] == [*stated[:2], "no"]  # no class is named after ST/T change
        assert [row[5] for row in classes[1:]] == [f"{value:.3f}" for value in kept.values()]
    else:
        assert len(page.tables[0]) == 1 + 6  # this recording and the five others of its split
        points = page.charts[0]["data"]
        assert {one["name"] for one in points} == {"NORM", "STTC+CD", "this recording"}


def test_export(run):
    pytest.importorskip("tflite_micro")
    task, params, _ = run
    exported = task.export(params("export", use_logits=False, quantization={"enabled": True, "conversion": "CONCRETE"}))
    logistic = exported["operators"].get("LOGISTIC", 0)
    assert logistic == (task.name == "diagnostic")  # a sigmoid behind the tags, nothing behind an embedding
    assert task.objective.main in exported["scores"]["TFLite-Micro"]
    scores = [one[task.objective.main] for one in exported["scores"].values()]
    assert np.ptp(scores) < 0.1


def test_the_body_of_an_embedding_starts_another_task(run, tmp_path, capsys):
    task, params, trained = run
    if task.name != "foundation":
        pytest.skip("the other task is the one that is started")
    other = TaskFactory.get("diagnostic")
    settings = SETTINGS["diagnostic"] | {"epochs": 1, "steps_per_epoch": 1, "lr_rate": 1e-9}
    made = params("train", tmp_path / "job", **settings, weights_file=str(trained.model_file))
    result = other.train(made)
    assert "all but the head" in " ".join(capsys.readouterr().err.split())
    start, after = load_model(trained.model_file), load_model(result.model_file)
    kernels = [layer.name for layer in start.layers if "norm" not in layer.name and layer.get_weights()][:-1]
    for name in kernels:
        np.testing.assert_allclose(
            after.get_layer(name).get_weights()[0], start.get_layer(name).get_weights()[0], atol=1e-6
        )


def test_thresholds_that_cannot_be_used_are_named(tmp_path):
    assert kept_thresholds(tmp_path / "model.keras") == {}
    (tmp_path / "thresholds.json").write_text('["a"]')
    with pytest.raises(DataError, match=r"thresholds\.json cannot be used"):
        kept_thresholds(tmp_path / "model.keras")
