"""Evaluation: its numbers recomputed from the model's outputs, and what it says when it cannot."""

import json
import shutil

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_score, recall_score

from heartkit.errors import BackendError, DataError, ModelError, NoRecordsError, UnknownNameError
from heartkit.frames.seen import Seen, keep_seen
from heartkit.models.files import load_model
from heartkit.modes.data import TaskData
from heartkit.modes.evaluate import evaluate
from tiny_runs import FRAME, synthetic
from wfdb_files import Mark, ecg_like, write_marks, write_signals

NAMES = ["none", "P", "QRS", "T"]


@pytest.fixture(scope="module")
def evaluated(trained, cache, tmp_path_factory):
    """(job folder, what evaluate returned) of the test patients."""
    from heartkit.tasks.segmentation import TASK
    from tiny_runs import params_of

    folder = tmp_path_factory.mktemp("evaluated")
    return folder, evaluate(params_of("evaluate", folder, cache, model_file=str(trained.model_file)), TASK)


def assert_scores(report, truth, answers):
    """Compare a report with scikit-learn's scores."""
    known = truth >= 0
    truth, answers = truth[known], answers[known]
    assert report["confusion"] == confusion_matrix(truth, answers, labels=range(4)).tolist()
    assert report["accuracy"]["value"] == pytest.approx(accuracy_score(truth, answers))
    for name, score in (("f1", f1_score), ("se", recall_score), ("ppv", precision_score)):
        expected = score(truth, answers, average=None, labels=range(4), zero_division=np.nan)
        found = [report["classes"][one][name]["value"] for one in NAMES]
        assert [np.nan if value is None else value for value in found] == pytest.approx(list(expected), nan_ok=True)
        assert report[f"macro_{name}"]["value"] == pytest.approx(np.nanmean(expected))


def test_frame_scores_are_those_of_the_models_outputs(evaluated, trained, make_params, task):
    _, metrics = evaluated
    data = TaskData(make_params("evaluate"), task, 3)
    (frames,) = data.sets("test", 40)
    signals, targets = frames.frames(slice(None))
    # The preprocessing of the configuration, by its definition: znorm with eps 0.01.
    signals = signals.astype(np.float64)
    normalised = (signals - signals.mean(1, keepdims=True)) / (signals.std(1, keepdims=True) + 0.01)
    outputs = load_model(trained.model_file).predict(normalised.astype(np.float32), verbose=0)
    assert_scores(metrics["frames"], targets, outputs.argmax(-1))
    assert metrics["frames"]["patients"] == len(np.unique(frames.index.patient)) == 2
    assert metrics["frames"]["coverage"] is None


def test_recording_scores_are_those_of_overlapping_windows(evaluated, trained, make_params, task):
    _, metrics = evaluated
    data = TaskData(make_params("evaluate"), task, 3)
    (one,) = data.prepared
    model = load_model(trained.model_file)
    truth, answers = [], []
    for number in one.records("test"):
        for name in one.leads:
            lead = one.store.leads[number].index(name)
            signal = one.store.signals(number)[lead]
            starts = sorted({*range(0, len(signal) - FRAME + 1, FRAME // 2), len(signal) - FRAME})
            frames = data.preprocess(np.stack([signal[s : s + FRAME] for s in starts])[..., None])
            logits = model.predict(frames, verbose=0)
            chances = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
            weight = np.minimum(np.arange(1, FRAME + 1), np.arange(FRAME, 0, -1))[:, None]
            total = np.zeros((len(signal), 4))
            for start, chance in zip(starts, chances, strict=True):
                total[start : start + FRAME] += weight * chance
            truth.append(one.store.track(number)[lead])
            answers.append(total.argmax(-1))
    assert_scores(metrics["recordings"]["samples"], np.concatenate(truth), np.concatenate(answers))
    assert set(metrics["baselines"]) == {"NeuroKit2 delineator", "majority class"}
    most = np.bincount(np.concatenate(truth)[np.concatenate(truth) >= 0]).argmax()
    majority = metrics["baselines"]["majority class"]["samples"]
    assert majority["accuracy"]["value"] == pytest.approx(
        (np.concatenate(truth) == most).sum() / np.sum(majority["confusion"])
    )


def test_what_it_leaves(evaluated, trained, capsys):
    folder, metrics = evaluated
    assert json.loads((folder / "metrics.json").read_text()) == json.loads(json.dumps(metrics))
    assert (folder / "report.html").read_bytes() == (folder / "evaluate.html").read_bytes()
    assert {"confusion.png", "f1.png", "boundaries.png"} <= {file.name for file in (folder / "plots").iterdir()}
    assert metrics["datasets"] == [{"name": "ecg-synthetic", "patients": 2, "recordings": 2}]
    assert (metrics["split"], metrics["model_file"], metrics["seed"]) == ("test", "model.keras", 3)
    report = (folder / "report.html").read_text()
    assert f"{metrics['recordings']['samples']['macro_f1']['value']:.3f}"[1:] in report
    assert "NeuroKit2" in report


def test_a_converted_model_scores_like_the_float_model(evaluated, exported, make_params, task):
    folder, _ = exported
    scores = {}
    for backend in ("pc", "tflm"):
        params = make_params("evaluate", model_file=str(folder / "model.tflite"), backend=backend)
        metrics = evaluate(params, task)
        assert metrics["backend"] == backend
        scores[backend] = metrics["frames"]["accuracy"]["value"]
        assert scores[backend] == pytest.approx(evaluated[1]["frames"]["accuracy"]["value"], abs=0.05)


def test_split_and_threshold_and_stored_test_frames(trained, make_params, task, tmp_path):
    shared = {"model_file": str(trained.model_file), "test_file": str(tmp_path / "test.npz"), "split": "val"}
    sure = evaluate(make_params("evaluate", threshold=0.5, **shared), task)
    assert (sure["split"], sure["frames"]["patients"]) == ("val", 3)
    with np.load(tmp_path / "test.npz", allow_pickle=False) as stored:
        frames, classes = stored["frames"], stored["answers"]
    logits = load_model(trained.model_file).predict(frames, verbose=0)
    chances = (np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)).max(-1)
    kept = (chances >= 0.5) & (classes >= 0)
    assert 0 < sure["frames"]["coverage"] < 1
    assert sure["frames"]["coverage"] == pytest.approx(kept.sum() / (classes >= 0).sum(), abs=1e-3)
    assert sure["frames"]["accuracy"]["value"] == pytest.approx(
        accuracy_score(classes[kept], logits.argmax(-1)[kept]), abs=1e-3
    )


def test_patients_whom_the_model_was_trained_on_are_not_scored(trained, make_params, task, tmp_path):
    # As another number of validation patients would do it, or a dataset's splits: all twelve are to test.
    test = {"datasets": [synthetic(splits=["test"])], "test_file": str(tmp_path / "test.npz")}
    metrics = evaluate(make_params("evaluate", model_file=str(trained.model_file), **test), task)
    (facts,) = metrics["datasets"]
    assert (facts["patients"], len(facts["left_out_as_seen"]), metrics["frames"]["patients"]) == (2, 10, 2)
    assert metrics["training_patients_known"]
    assert "ecg-synthetic: left out of split 'test'" in (tmp_path / "job" / "heartkit.log").read_text()
    # Frames that another model was scored on may be of patients whom this one knows.
    moved = shutil.copy(trained.model_file, tmp_path / "moved.keras")
    test["test_file"] = str(tmp_path / "all.npz")
    free = evaluate(make_params("evaluate", model_file=str(moved), **test), task)
    assert (free["datasets"][0]["patients"], free["training_patients_known"]) == (12, False)
    with pytest.raises(DataError, match="were made with left_out = None"):
        evaluate(make_params("evaluate", model_file=str(trained.model_file), **test), task)


def test_scoring_all_says_how_many_the_model_knows(trained, make_params, task, tmp_path):
    evaluate(make_params("evaluate", split="all", model_file=str(trained.model_file)), task)
    assert "model.keras was trained on 10" in (tmp_path / "job" / "heartkit.log").read_text()


def test_where_nobody_is_left_to_score_that_is_an_error(trained, make_params, task, tmp_path):
    model = tmp_path / "known.keras"
    shutil.copy(trained.model_file, model)
    one = synthetic(splits=["train"])
    keep_seen([model], TaskData(make_params("evaluate", datasets=[one]), task, 3).prepared, [], Seen())
    with pytest.raises(NoRecordsError, match=r"in split 'test'.*trained on 12 patients, who were left out"):
        evaluate(make_params("evaluate", model_file=str(model), datasets=[synthetic(splits=["test"])]), task)


def test_classes_that_hold_several_waves_have_no_boundaries(trained, make_params, task):
    params = make_params("evaluate", class_map={"0": 0, "1": 1, "2": 1, "3": 1}, model_file=str(trained.model_file))
    metrics = evaluate(params, task)
    assert "boundaries" not in metrics["recordings"]
    assert metrics["frames"]["classes"]["QRS"]["support"] == 0


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        (
            {"datasets": [synthetic(splits=["train"])]},
            NoRecordsError,
            "split 'test'.*train 12, val 0, test 0.*split=val",
        ),
        ({"frame_size": 32}, ModelError, r"takes frames of .*\(64, 1\).*Set frame_size to 64"),
        ({"num_classes": 5, "class_names": None}, ModelError, r"answers with shape \(64, 4\).*\(64, 5\).*num_classes"),
        ({"model_file": "/nowhere/model.keras"}, ModelError, "'/nowhere/model.keras' is not there.*heartkit train"),
        ({"model_file": "/nowhere/model.tflite"}, ModelError, "'/nowhere/model.tflite' is not there.*heartkit export"),
        ({"backend": "pcc"}, UnknownNameError, "Unknown backend 'pcc'. Did you mean 'pc'"),
        ({"backend": "tflm"}, BackendError, "runs .tflite files"),
    ],
)
def test_what_cannot_be_evaluated_says_why(trained, make_params, task, changes, error, words):
    with pytest.raises(error, match=words):
        evaluate(make_params("evaluate", **{"model_file": str(trained.model_file)} | changes), task)


def test_a_broken_model_file_is_an_error_and_old_results_stay(evaluated, make_params, task, tmp_path):
    job = shutil.copytree(evaluated[0], tmp_path / "job")
    before = (job / "metrics.json").read_bytes()
    (job / "model.keras").write_bytes(b"PK\x03\x04 truncated")
    with pytest.raises(ModelError, match="cannot be read as a Keras model"):
        evaluate(make_params("evaluate", job), task)
    assert (job / "metrics.json").read_bytes() == before


@pytest.fixture
def beats_only(tmp_path):
    """One record of MIT-BIH's training set of 320 s, with a beat each second; and one with nothing marked."""
    for number, name in enumerate(["101", "106"]):
        write_signals(tmp_path / name, name, ecg_like(320 * 360, 2, number), 360, ["MLII", "V1"])
        beats = [Mark(at, "N") for at in range(180, 320 * 360 - 100, 360)] if name == "101" else [Mark(5, "+", "(N")]
        write_marks(tmp_path / name, name, "atr", beats)
    return lambda name: [{"name": "mitdb", "path": str(tmp_path / name), "params": {"splits": ["train"]}}]


def test_recordings_with_nothing_but_beats_are_scored_as_ec57_asks(beats_only, make_params, trained, task, capsys):
    changes = {"model_file": str(trained.model_file), "split": "train", "datasets": beats_only("101")}
    params = make_params("evaluate", **changes)
    metrics = evaluate(params, task)
    assert "frames" not in metrics
    assert set(metrics["recordings"]) == {"r_peaks"}
    report = metrics["recordings"]["r_peaks"]
    assert np.sum(np.array(report["records"]["mitdb/101"]["counts"])[:-1]) == 20  # from 300 s on
    assert report["leads"] == {"mitdb/101": "MLII"}
    assert set(metrics["baselines"]) == {"NeuroKit2 delineator"}
    page = (params.job_dir / "report.html").read_text()
    assert "R peaks, whole recordings" in page
    assert "mitdb/101" in page
    assert "R peaks after EC57" in capsys.readouterr().out


def test_recordings_with_nothing_to_score_by_say_so(beats_only, make_params, trained, task):
    changes = {"model_file": str(trained.model_file), "split": "train", "datasets": beats_only("106")}
    with pytest.raises(NoRecordsError, match="annotated with what the classes of task 'segmentation' are scored by"):
        evaluate(make_params("evaluate", **changes), task)


@pytest.mark.parametrize("overlap", [0.0, 0.75])
def test_windows_over_whole_recordings_overlap_as_configured(make_params, task, overlap):
    asked = []

    class Spy:
        input_shape, output_shape = (FRAME, 1), (FRAME, 4)

        def predict(self, frames, batch=256):
            asked.append(len(frames))
            return np.zeros((len(frames), FRAME, 4), np.float32)

    answer = TaskData(make_params("evaluate", overlap=overlap), task, 3).answer(Spy())
    answer.probabilities(np.arange(10 * FRAME, dtype=np.float32))
    assert asked == [1 + round(9 / (1 - overlap))]
