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

from heartkit import files
from heartkit.config import load
from heartkit.errors import ConfigError, DataError, DatasetMissingError, HeartkitError, ModelError
from heartkit.frames.strips import Strips
from heartkit.models.backend import keras
from heartkit.models.files import load_model
from heartkit.modes import fitting, loggers
from heartkit.modes import train as train_mode
from heartkit.modes.data import TaskData
from heartkit.modes.fitting import EpochEnd, Progress, save_model
from heartkit.modes.train import build_model, train
from heartkit.objectives.losses import balanced_weights
from heartkit.objectives.segment import Segment
from heartkit.params import HKTrainParams
from tiny_runs import FRAME, NETWORK, equal, history, is_deflated, synthetic, weights


class Enough(Exception):
    """Raised to end a training where a test has seen what it wanted."""


def test_the_loss_falls_and_the_history_says_so(trained):
    rows = history(trained.job_dir)
    assert rows == trained.history
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4]
    assert list(rows[0]) == ["epoch", "loss", "val_loss", "val_acc", "val_f1", "learning_rate"]
    assert rows[-1]["loss"] < 0.9 * rows[0]["loss"]
    assert all(0 <= row[name] <= 1 for row in rows for name in ("val_acc", "val_f1"))
    # The rate is that after the epoch's steps: one cycle of the cosine over 20 steps.
    expected = 0.01 * (1 + np.cos(np.pi * np.arange(5, 21, 5) / 20)) / 2
    np.testing.assert_allclose([row["learning_rate"] for row in rows], expected, atol=1e-8)
    assert (trained.job_dir / "history.png").read_bytes().startswith(b"\x89PNG")


def test_the_best_and_the_last_model_score_as_their_epochs_did(trained, task):
    with np.load(trained.job_dir / "validation.npz", allow_pickle=False) as stored:
        frames, classes = stored["frames"], stored["classes"]
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
    assert "keras" in json.loads((trained.job_dir / "train.environment.json").read_text())["packages"]
    assert "train ends after" in (trained.job_dir / "heartkit.log").read_text()
    assert not [file.name for file in trained.job_dir.iterdir() if file.name.startswith(".")]


def test_models_are_small_and_hold_nothing_but_stock_layers(tmp_path, task):
    params = load("configs/seg-4-tcn-sm.json").params(HKTrainParams, "segmentation")
    model = build_model(params, task)
    model.compile(keras.optimizers.Adam(), task.objective.loss(np.ones(4, np.float32), 0.0))
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
    monkeypatch.setattr(train_mode, "build_augmentations", lambda *args: augment)
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


@pytest.fixture
def epoch_end(tmp_path, monkeypatch):
    """Makes an `EpochEnd` that is fed by hand, with a network of one weight."""
    monkeypatch.setattr(fitting, "save_model", lambda model, path: path.write_text(repr(float(model.weights[0][0, 0]))))
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    model.optimizer.build(model.trainable_variables)

    def make(metric="loss", patience=3, progress=None):
        scores = {}
        one = EpochEnd(
            Progress() if progress is None else progress, lambda: scores, metric, patience,
            tmp_path / "best", tmp_path / "state.npz", tmp_path / "history.csv", {"seed": 1},
        )  # fmt: skip
        one.set_model(model)

        def epoch(number, value, loss=1.0):
            """End an epoch after which the weight is its number; say whether training goes on."""
            model.set_weights([np.full((1, 1), number, np.float32)])
            model.stop_training = False
            scores.clear()
            scores.update({"loss": value if metric == "loss" else 1.0, "acc": 0.5, "f1": 0.5} | {metric: value})
            one.on_epoch_end(number - 1, {"loss": loss})
            return not model.stop_training

        return one, epoch

    return make


@settings(max_examples=15)
@given(
    values=st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=1, max_size=10),
    metric=st.sampled_from(["loss", "f1", "acc"]),
    patience=st.integers(1, 4),
)
def test_the_best_is_kept_and_training_stops_when_nothing_is_gained(tmp_path_factory, values, metric, patience):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("epochs")
        one, epoch = TestHelper.make(folder, patch, metric, patience)
        best, best_epoch, ended = None, 0, None
        for number, value in enumerate(values, 1):
            going_on = epoch(number, value)
            better = not np.isnan(value) and (best is None or (value < best if metric == "loss" else value > best))
            if better:
                best, best_epoch = value, number
            assert going_on == (number - best_epoch < patience)
            if not going_on:
                ended = number
                break
    assert one.progress.best == best
    assert one.progress.best_epoch == best_epoch
    assert one.progress.epoch == (ended or len(values))
    if best is not None:
        assert float((folder / "best").read_text()) == best_epoch
