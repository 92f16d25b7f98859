"""An interrupted training goes on as if nothing had been."""

import json
import shutil
import signal
import subprocess
import sys
import time

import pytest

from heartkit.errors import ConfigError, DataError
from heartkit.modes.fitting import load_checkpoint
from heartkit.modes.train import train
from tiny_runs import EpochsByHand, assert_same, contents, equal, history, interrupted_at, weights


def test_an_interrupted_training_ends_as_an_uninterrupted_one(make_params, task, trained, capsys):
    """With dropout, batch statistics, augmentations, and another number of threads before and after."""
    params = make_params("train", data_parallelism=3, buffer_size=1)
    with interrupted_at(37):  # in the third of four epochs of 15 steps
        train(params, task)
    assert history(params.job_dir) == trained.history[:2]
    assert not (params.job_dir / "last.keras").exists()
    said = " ".join(capsys.readouterr().err.split())
    assert "Interrupted in epoch 3; 2 complete epochs are kept" in said
    assert "--set resume=true --set seed=3" in said
    result = train(make_params("train", resume=True, data_parallelism=2, buffer_size=50), task)
    assert result.history == trained.history
    assert result.best_epoch == trained.best_epoch
    assert_same(params.job_dir, trained.job_dir)


def test_a_drawn_seed_is_kept(make_params, task, tmp_path):
    """Also: with nothing there to resume a training starts anew, and interrupted in its first epoch starts again."""
    short = {"seed": None, "epochs": 2, "steps_per_epoch": 2, "resume": True}
    params = make_params("train", **short)
    with interrupted_at(1):
        train(params, task)
    assert not (params.job_dir / "history.csv").exists()
    with interrupted_at(3):
        train(params, task)
    seed = json.loads((params.job_dir / "train.config.json").read_text())["seed"]
    train(params, task)
    assert json.loads((params.job_dir / "train.config.json").read_text())["seed"] == seed
    train(make_params("train", tmp_path / "other", **short | {"seed": seed, "resume": False}), task)
    assert_same(params.job_dir, tmp_path / "other")


@pytest.fixture
def copied(trained, tmp_path):
    """A finished training in a folder of its own."""
    return shutil.copytree(trained.job_dir, tmp_path / "job")


@pytest.fixture
def again(make_params, trained):
    """The same parameters, resumed; changes win."""

    def make(**changes):
        return make_params("train", resume=True, val_file=str(trained.job_dir / "validation.npz"), **changes)

    return make


def test_a_finished_training_ends_at_once_with_its_result(copied, again, task, trained):
    before = contents(copied)
    result = train(again(), task)
    assert (result.history, result.best_epoch) == (trained.history, trained.best_epoch)
    after = contents(copied)
    assert {name for name in before if before[name] != after[name]} <= {
        "train.config.json", "train.environment.json", "last.keras", "history.png",
    }  # fmt: skip
    assert equal(weights(copied / "last.keras"), weights(trained.job_dir / "last.keras"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lr_rate": 0.02}, "lr_rate was 0.01 then and is 0.02 now"),
        ({"seed": 4}, "seed was 3 then and is 4 now"),
        ({"epochs": 8}, "epochs was 4 then and is 8 now"),
        ({"augmentations": []}, "augmentations was"),
        ({"class_map": {"0": 0, "1": 1, "2": 2}}, "class_map was"),
        ({"val_metric": "f1"}, "val_metric was 'loss' then"),
    ],
)
def test_other_parameters_are_an_error_that_touches_nothing(copied, again, task, change, words):
    before = contents(copied)
    with pytest.raises(ConfigError, match=f"Cannot resume from .*{words}.*resume=false"):
        train(again(**change), task)
    assert contents(copied) == before


def test_what_does_not_matter_may_change(copied, again, task, trained):
    result = train(again(data_parallelism=4, buffer_size=7, name="another", project="other", verbose=0), task)
    assert result.history == trained.history


def test_a_damaged_checkpoint_is_an_error(copied, again, task):
    state = copied / "checkpoint" / "state.npz"
    state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(DataError, match=r"state\.npz cannot be used: .*resume=false"):
        train(again(), task)


def test_a_checkpoint_of_another_network_is_an_error(tmp_path, copied):
    epochs = EpochsByHand(tmp_path)
    with pytest.raises(DataError, match=r"holds \d+ arrays, the network has 5"):
        load_checkpoint(copied / "checkpoint" / "state.npz", epochs.model)


def test_without_its_best_model_a_training_does_not_go_on(copied, again, task):
    (copied / "model.keras").unlink()
    with pytest.raises(ConfigError, match=r"model\.keras, the best model so far \(epoch \d\), is not there"):
        train(again(), task)


@pytest.mark.parametrize("until", range(1, 6))
def test_early_stopping_goes_on_counting(tmp_path, until):
    values = [0.5, 0.4, 0.6, 0.7, 0.45, 0.41, 0.1]  # best in the second epoch, so that the sixth is the last
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    for folder, breaks in ((whole, []), (parted, [until])):
        folder.mkdir()
        epochs = EpochsByHand(folder, patience=4)
        for number, value in enumerate(values):
            if number in breaks:
                epochs = EpochsByHand(folder, patience=4, resumed=True)
                assert not epochs.callback.stopped
            if not epochs.end(value):
                break
        assert epochs.progress.epoch == 6
        assert EpochsByHand(folder, patience=4, resumed=True).callback.stopped
    assert (whole / "history.csv").read_bytes() == (parted / "history.csv").read_bytes()
    assert (whole / "best").read_text() == (parted / "best").read_text() == "2.0"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT to send")
def test_a_real_interrupt_of_the_command(make_params, task, tmp_path):
    """Ctrl-C in another process; going on in this one gives what this one gives in one go."""
    long = {"epochs": 12, "steps_per_epoch": 30, "lr_cycles": 2}
    params = make_params("train", **long)
    config = tmp_path / "config.json"
    config.write_text(json.dumps(params.resolved()))
    command = [sys.executable, "-m", "heartkit", "train", "--task", "segmentation", "--config", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        rows = params.job_dir / "history.csv"
        deadline = time.monotonic() + 300
        while not (rows.exists() and len(rows.read_text().splitlines()) > 3) and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "resume=true" in said
    assert "Traceback" not in said
    done = len(history(params.job_dir))
    assert 3 <= done < 12
    train(params.replaced(resume=True), task)
    train(make_params("train", tmp_path / "whole", **long), task)
    assert_same(params.job_dir, tmp_path / "whole")
