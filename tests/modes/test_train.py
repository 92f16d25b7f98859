"""Training: what it leaves, what it reads, and what it says when it cannot."""

import dataclasses
import errno
import json
import re
import sys
import types
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.config import load
from heartkit.errors import ConfigError, DataError, DatasetMissingError, HeartkitError, ModelError
from heartkit.frames.strips import Strips
from heartkit.models.backend import keras
from heartkit.models.files import load_model
from heartkit.modes import data as data_mode
from heartkit.modes import loggers
from heartkit.modes import train as train_mode
from heartkit.modes.data import TaskData
from heartkit.modes.fitting import save_model
from heartkit.modes.network import build_model
from heartkit.modes.train import train
from heartkit.objectives.losses import balanced_weights, masked_crossentropy
from heartkit.objectives.segment import Segment
from heartkit.params import HKTrainParams
from tiny_runs import FRAME, EpochsByHand, equal, history, is_deflated, synthetic, weights


class Enough(Exception):
    """Raised to end a training where a test has seen what it wanted."""


def test_the_loss_falls_and_the_history_says_so(trained):
    rows = history(trained.job_dir)
    assert rows == trained.history
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert list(rows[0]) == ["epoch", "loss", "val_loss", "val_acc", "val_f1", "learning_rate"]
    assert rows[-1]["loss"] < 0.9 * rows[0]["loss"]
    assert all(0 <= row[name] <= 1 for row in rows for name in ("val_acc", "val_f1"))
    # The rate is that after the epoch's steps: one cycle of the cosine over 60 steps.
    expected = 0.01 * (1 + np.cos(np.pi * np.arange(15, 61, 15) / 60)) / 2
    np.testing.assert_allclose([row["learning_rate"] for row in rows], expected, atol=1e-8)
    assert (trained.job_dir / "history.png").read_bytes().startswith(b"\x89PNG")


def test_the_best_and_the_last_model_score_as_their_epochs_did(trained, task):
    with np.load(trained.job_dir / "validation.npz", allow_pickle=False) as stored:
        frames, classes = stored["frames"], stored["answers"]
    best = int(np.argmin([row["val_loss"] for row in trained.history]))
    assert trained.best_epoch == best + 1
    for path, row in ((trained.model_file, best), (trained.job_dir / "last.keras", -1)):
        outputs = load_model(path).predict(frames, batch_size=512, verbose=0)
        watched = task.objective.watch(classes, outputs)
        for name, value in watched.items():
            assert value == pytest.approx(trained.history[row][f"val_{name}"], rel=1e-5)


def test_the_job_folder_holds_all_that_made_it(trained):
    config = json.loads((trained.job_dir / "train.config.json").read_text())
    assert (config["seed"], config["frame_size"], config["architecture"]["name"]) == (3, FRAME, "tcn")
    for model in ("model.keras", "last.keras"):
        (known,) = json.loads((trained.job_dir / f"{model}.patients.json").read_text())["datasets"]
        assert (known["name"], len(known["train"]), len(known["val"])) == ("ecg-synthetic", 7, 3)
    assert "keras" in json.loads((trained.job_dir / "train.environment.json").read_text())["packages"]
    assert "train ends after" in (trained.job_dir / "heartkit.log").read_text()
    assert not [file.name for file in trained.job_dir.iterdir() if file.name.startswith(".")]


def test_the_job_folder_says_how_many_patients_trained_and_who_was_held_out(trained, make_params, task):
    kept = json.loads((trained.job_dir / "model.keras.patients.json").read_text())
    (one,), groups = kept["datasets"], TaskData(make_params("train"), task, 3).prepared[0].groups
    assert (one["train"], one["val"]) == (sorted(groups["train"]), sorted(groups["val"]))
    assert one["test"] == len(groups["test"])
    assert 0 < one["trained"] <= len(one["train"])
    assert kept["before"] == []
    assert (one["fixed"], one["only"]) == (["test"] if one["name"] == "ludb" else [], None)


def test_models_are_small_and_hold_nothing_but_stock_layers(tmp_path, task):
    params = load("configs/seg-4-tcn-sm.json").params(HKTrainParams, "segmentation")
    model = build_model(params, task)
    model.compile(keras.optimizers.Adam(), task.objective.loss(params, np.zeros((1, 256), np.int8)))
    model.optimizer.build(model.trainable_variables)
    save_model(model, tmp_path / "model.keras")
    assert (tmp_path / "model.keras").stat().st_size < 45_000
    assert is_deflated(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    assert equal(model.get_weights(), again.get_weights())
    frames = np.random.default_rng(0).normal(size=(2, 256, 1)).astype(np.float32)
    np.testing.assert_array_equal(model(frames), again(frames))
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        config = archive.read("config.json").decode()
    assert set(re.findall(r'"module": "(\w+)', config)) <= {"keras"}


def test_test_patients_are_never_read_and_validation_is_never_augmented(make_params, task, monkeypatch):
    patients, augmented = set(), []
    cut = Strips.cut

    def spying_cut(self, column, rows, starts, size):
        patients.update(self.store.patients[record] for record in self.record[rows])
        return cut(self, column, rows, starts, size)

    def augment(frames, rng):
        augmented.append(frames.copy())
        return frames + 1000  # what is augmented cannot be overlooked

    validated = []

    def validator(model, task, frames):
        validated.append(frames)
        return lambda: {"loss": 1.0, "acc": 0.5, "f1": 0.5}

    monkeypatch.setattr(Strips, "cut", spying_cut)
    monkeypatch.setattr(data_mode, "build_augmentations", lambda *args, **kwargs: augment)
    monkeypatch.setattr(train_mode, "_validator", validator)
    params = make_params("train", preprocesses=[], epochs=1, steps_per_epoch=3)
    train(params, task)
    data = TaskData(params, task, 3)
    groups = data.prepared[0].groups
    assert len(groups["test"]) >= 1
    assert patients <= {*groups["train"], *groups["val"]}
    assert patients >= set(groups["val"])
    assert patients.isdisjoint(groups["test"])
    seen = {frame.tobytes() for batch in augmented for frame in batch}
    assert len(seen) >= 90
    raw = validated[0].frames
    assert np.abs(raw).max() < 100
    assert seen.isdisjoint(frame.tobytes() for frame in raw)


@settings(max_examples=15)
@given(
    values=st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=1, max_size=10),
    metric=st.sampled_from(["loss", "f1", "acc"]),
    patience=st.integers(1, 4),
)
def test_the_best_is_kept_and_training_stops_when_nothing_is_gained(tmp_path_factory, values, metric, patience):
    epochs = EpochsByHand(tmp_path_factory.mktemp("epochs"), metric, patience)
    best, best_epoch = None, 0
    for number, value in enumerate(values, 1):
        goes_on = epochs.end(value)
        if not np.isnan(value) and (best is None or (value < best if metric == "loss" else value > best)):
            best, best_epoch = value, number
        assert goes_on == (number - best_epoch < patience)
        if not goes_on:
            break
    assert (epochs.progress.best, epochs.progress.best_epoch, epochs.progress.epoch) == (best, best_epoch, number)
    assert epochs.best() == (None if best is None else best_epoch)
    assert len(history(epochs.folder)) == number


@pytest.mark.parametrize(("loss", "val_loss"), [(float("nan"), 1.0), (1e9, 1.0), (1.0, float("nan"))])
def test_an_epoch_without_a_usable_loss_is_never_the_best(tmp_path, loss, val_loss):
    """Outputs that are NaN have classes all the same, so that accuracy and F1 look fine."""
    epochs = EpochsByHand(tmp_path, "f1", patience=3)
    assert epochs.end(0.5)
    goes_on = epochs.end(0.9, loss, val_loss)
    assert goes_on == (loss == 1.0)  # a diverged loss never comes back
    assert epochs.best() == epochs.progress.best_epoch == 1


def test_a_diverging_training_is_an_error(make_params, task):
    params = make_params("train", lr_rate=1e6, epochs=2, steps_per_epoch=2, val_metric="f1")
    with pytest.raises(HeartkitError, match=r"diverged: after epoch 1 its loss is .*Lower lr_rate \(it is 1e\+06\)"):
        train(params, task)
    assert not (params.job_dir / "model.keras").exists()


def test_a_full_disk_is_said_and_leaves_the_last_epoch_whole(tmp_path, monkeypatch):
    epochs = EpochsByHand(tmp_path)
    epochs.end(0.5)
    before = (tmp_path / "state.npz").read_bytes()

    def full(file, **arrays):
        raise OSError(errno.ENOSPC, "No space left on device", str(file))

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(HeartkitError, match="no space left"):
        epochs.end(0.4)
    assert (tmp_path / "state.npz").read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"best", "state.npz", "history.csv"}


@pytest.mark.parametrize(("mode", "smoothing"), [("fixed", 0.0), ("balanced", 0.2)])
def test_class_weights_and_label_smoothing_reach_the_loss(make_params, task, mode, smoothing):
    taken = []

    class Spy(Segment):
        def loss(self, params, answers):
            taken.append((params, answers))
            raise Enough

    params = make_params("train", class_weights=mode, label_smoothing=smoothing)
    with pytest.raises(Enough):
        train(params, dataclasses.replace(task, objective=Spy()))
    [(given, answers)] = taken
    assert given == params
    (frames,) = TaskData(params, task, 3).sets("train", 60)
    expected = frames.frames(slice(None))[1]  # 420 frames, fewer than are looked at
    np.testing.assert_array_equal(answers, expected)
    weights = balanced_weights(expected, 4) if mode == "balanced" else np.ones(4, np.float32)
    logits = np.random.default_rng(0).normal(size=(*expected.shape, 4)).astype(np.float32)
    wanted, found = masked_crossentropy(weights, smoothing), Segment().loss(params, answers)
    assert float(found(expected, logits)) == pytest.approx(float(wanted(expected, logits)), rel=1e-6)


def test_stored_validation_frames_are_used_again(make_params, task, tmp_path):
    file = tmp_path / "validation.npz"
    draw = lambda seed, **changes: TaskData(make_params("train", **changes), task, seed).frames(  # noqa: E731
        "val", 20, None, changes.get("val_file") and file
    )
    first = draw(1, val_file=str(file))
    again = draw(2, val_file=str(file))
    assert equal([first.frames, first.answers, first.patients], [again.frames, again.answers, again.patients])
    assert not np.array_equal(first.frames, draw(2).frames)
    changed = {
        "class_map": {"class_map": {"0": 0, "1": 1, "2": 2, "3": 1}},
        "preprocesses": {"preprocesses": []},
        "datasets": {"datasets": [synthetic(num_pts=11)]},
        "val_patients": {"val_patients": 0.5},
        "frame_size": {"frame_size": 32},
    }
    for name, change in changed.items():
        with pytest.raises(DataError, match=f"validation.npz were made with {name} = "):
            draw(1, val_file=str(file), **change)


def test_val_size_limits_the_validation(make_params, task, capsys):
    with pytest.raises(Enough):
        train(make_params("train", val_size=17), dataclasses.replace(task, objective=Stopping()))
    assert "validating on 17 frames of 3 others" in capsys.readouterr().err
    params = make_params("train", val_steps_per_epoch=1, verbose=0)
    with pytest.raises(Enough):
        train(params, dataclasses.replace(task, objective=Stopping()))
    assert capsys.readouterr().err == ""  # verbose 0 is silent


class Stopping(Segment):
    """Ends a training before its first step."""

    def loss(self, class_weights, label_smoothing):
        raise Enough


def test_a_training_can_start_from_the_weights_of_another(make_params, task, trained):
    params = make_params("train", weights_file=str(trained.model_file))
    assert equal(build_model(params, task).get_weights(), weights(trained.model_file))
    other = {"input_kernel": None, "blocks": [{"filters": 5, "kernel": 9}], "output_kernel": 9}
    with pytest.raises(ModelError, match=r"nothing in common|do not fit"):
        build_model(params.replaced(architecture={"name": "tcn", "params": other}), task)
    with pytest.raises(ModelError, match="is not there"):
        build_model(make_params("train", weights_file="nowhere.keras"), task)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"architecture": None}, ConfigError, "No architecture is configured.*tcn"),
        ({"architecture": {"name": "tcm"}}, ConfigError, "Unknown model 'tcm'. Did you mean 'tcn'"),
        ({"datasets": []}, ConfigError, "No dataset is configured"),
        ({"datasets": [{"name": "ludb", "path": "/nowhere/ludb"}]}, DatasetMissingError, "heartkit download"),
        ({"frame_size": 10_000}, ConfigError, "frame_size = 10000 is longer than every usable stretch"),
        (
            {"datasets": [synthetic(splits=["test"])]},
            DataError,
            r"No dataset has recordings in split 'train'.*Change train_",
        ),
        ({"samples_per_patient": [1, 2, 3, 4]}, ConfigError, "Give one number, e.g. 10"),
        ({"augmentations": [{"name": "cutuot"}]}, ConfigError, "'cutout'"),
    ],
)
def test_what_cannot_be_trained_says_why(make_params, task, changes, error, words):
    with pytest.raises(error, match=words):
        train(make_params("train", **changes), task)


def test_a_head_that_does_not_fit_the_task_is_an_error(make_params, task):
    class Windows(Segment):
        head = "constellation"

    with pytest.raises(ConfigError, match="'tcn' cannot answer per constellation"):
        build_model(make_params("train"), dataclasses.replace(task, objective=Windows()))


def test_loggers_are_fed_where_the_environment_asks_for_them(make_params, task, monkeypatch):
    sent = []
    run = types.SimpleNamespace(log=sent.append, finish=lambda: sent.append("finished"))
    wandb = types.ModuleType("wandb")
    wandb.__spec__ = types.SimpleNamespace(name="wandb")
    wandb.init = lambda **settings: sent.append(settings) or run
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    monkeypatch.setenv("WANDB", "1")
    monkeypatch.setenv("TENSORBOARD", "1")
    pytest.importorskip("tensorboard")
    params = make_params("train", epochs=2, steps_per_epoch=1, name="a-name", project="a-project")
    result = train(params, task)
    settings, *epochs, last = sent
    assert (settings["project"], settings["name"]) == ("a-project", "a-name")
    assert settings["config"]["epochs"] == 2
    assert last == "finished"
    for sent_row, row in zip(epochs, result.history, strict=True):
        assert {name: sent_row[name] for name in ("epoch", "loss", "val_loss", "val_f1")} == {
            name: row[name] for name in ("epoch", "loss", "val_loss", "val_f1")
        }
    for part, name in (("train", b"epoch_loss"), ("validation", b"epoch_f1")):
        (events,) = (params.job_dir / "tensorboard" / part).glob("events.out.tfevents.*")
        assert name in events.read_bytes()


@pytest.mark.parametrize(("variable", "package"), [("WANDB", "wandb"), ("TENSORBOARD", "tensorboard")])
def test_a_logger_that_is_not_installed_is_an_error(make_params, monkeypatch, variable, package):
    monkeypatch.setenv(variable, "1")
    monkeypatch.setattr(loggers.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=f"{variable}=1 is set, but {package} is not installed"):
        loggers.optional_loggers(make_params("train"), None)


def test_no_logger_without_being_asked_for(make_params, monkeypatch):
    for variable, value in (("WANDB", "0"), ("TENSORBOARD", "")):
        monkeypatch.setenv(variable, value)
    assert loggers.optional_loggers(make_params("train"), None) == []
