"""Sweeps: limits hold, what is known is not trained again, and what a sweep leaves can be worked with."""

import csv
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heartkit.config import load
from heartkit.errors import ConfigError, DataError, TrainingError
from heartkit.params import HKTestParams, HKTrainParams
from heartkit.reports.trials import OVER, REPEATED, TRAINED, UNUSABLE
from tiny_runs import history, interrupted_at, params_of

pytest.importorskip("optuna")
FILTERS = "architecture.params.blocks.*.filters"
SPACE = {"lr_rate": {"low": 0.001, "high": 0.1, "log": True}, FILTERS: [2, 4, 8, 16, 24]}


class Trainings(list[Any]):
    """Stands for training: keeps what it was to train, and scores by a formula; wide networks are better."""

    def __call__(self, piece: Any) -> Any:
        from heartkit.modes.tuning.trial import Outcome

        self.append(piece)
        width = piece.params.architecture.params["blocks"][0]["filters"]
        return Outcome(piece.number, 0.5 + width / 100 - abs(piece.params.lr_rate - 0.02), 2, 4, 1.5)


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> Trainings:
    made = Trainings()
    monkeypatch.setattr("heartkit.modes.tune.run_trial", made)
    return made


@pytest.fixture
def sweep(make_params: Callable[..., Any], task: Any) -> Callable[..., Any]:
    """Run a sweep in the test's own folder."""
    from heartkit.modes.tune import tune

    def run(trials: int, space: Any = SPACE, job_dir: Path | None = None, **how: Any) -> Any:
        limits = {key: how.pop(key) for key in ("macs", "parameters", "arena") if key in how}
        options = {key: how.pop(key) for key in ("objective", "parallel") if key in how}
        searched = {"space": space, "trials": trials, "limits": limits, **options}
        return tune(make_params("tune", job_dir, val_metric="f1", tune=searched, **how), task)

    return run


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "trials.csv").open() as file:
        return list(csv.DictReader(file))


def test_no_trial_over_a_limit_is_trained(sweep: Callable[..., Any], trainings: Trainings) -> None:
    from heartkit.models.cost import cost
    from heartkit.models.fold import fold
    from heartkit.modes.network import build_model

    result = sweep(6, macs=15_000, parameters=400)
    by_number = {one.number: one for one in result.trials}
    assert len(trainings) == 6
    for piece in trainings:
        counted = cost(fold(build_model(piece.params, piece.task)))
        assert counted.macs <= 15_000
        assert counted.parameters <= 400
        assert (counted.macs, counted.parameters) == (by_number[piece.number].macs, by_number[piece.number].parameters)
    over = [one for one in result.trials if one.outcome == OVER]
    assert over
    assert all(one.macs > 15_000 or one.parameters > 400 for one in over)
    assert {one.number for one in over}.isdisjoint(piece.number for piece in trainings)
    assert all("the limit is" in one.reason for one in over)


@pytest.mark.slow
def test_the_arena_is_measured_where_it_has_a_limit(
    sweep: Callable[..., Any], trainings: Trainings, tmp_path: Path
) -> None:
    pytest.importorskip("tflite_micro")
    free = sweep(2, {FILTERS: [4, 24]}, arena=10**6, job_dir=tmp_path / "free")
    small, large = (one.arena_bytes for one in sorted(free.trials, key=lambda one: one.values[FILTERS]))
    assert large > small > 24 * 64, "more than the frame and the answers"
    del trainings[:]
    result = sweep(2, {FILTERS: [4, 24]}, arena=small)
    found = {one.values[FILTERS]: (one.outcome, one.arena_bytes) for one in result.trials}
    assert found == {4: (TRAINED, small), 24: (OVER, large)}
    assert [piece.params.architecture.params["blocks"][0]["filters"] for piece in trainings] == [4]


def test_an_arena_that_cannot_be_measured_is_said_at_once(sweep, monkeypatch) -> None:
    monkeypatch.setattr("heartkit.modes.tuning.limits.importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"tune.limits.arena.*heartkit\[tflm\]"):
        sweep(1, arena=9_000)


def test_the_same_command_goes_on_until_there_are_enough(
    sweep: Callable[..., Any], trainings: Trainings, tmp_path: Path
) -> None:
    whole = sweep(5, job_dir=tmp_path / "whole")
    del trainings[:]
    sweep(3)
    result = sweep(5)
    assert len(trainings) == 5
    assert result.trials == whole.trials
    sweep(5)
    assert len(trainings) == 5, "there are enough"
    with pytest.raises(ConfigError, match=r"tune.limits.macs = null, which is 5 now"):
        sweep(8, macs=5)
    with pytest.raises(ConfigError, match="with epochs = 4, which is 5 now"):
        sweep(8, epochs=5)


def test_a_small_space_is_tried_once_and_then_the_sweep_ends(
    sweep: Callable[..., Any], trainings: Trainings, capsys: pytest.CaptureFixture[str]
) -> None:
    result = sweep(20, {FILTERS: [4, 8], "lr_rate": [0.01, 0.02]})
    tried = [piece.params.lr_rate * piece.params.architecture.params["blocks"][0]["filters"] for piece in trainings]
    assert sorted(tried) == pytest.approx([0.04, 0.08, 0.08, 0.16])
    assert {one.outcome for one in result.trials} <= {TRAINED, REPEATED}
    assert "All 4 combinations of the space have been tried." in capsys.readouterr().err
    assert result.trials[0].as_configured, "the configuration's own values come first"
    assert not any(one.as_configured for one in result.trials[1:] if one.outcome == TRAINED)


def test_limits_that_nothing_keeps_end_the_sweep(
    sweep: Callable[..., Any], trainings: Trainings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heartkit.modes.tuning.sweep.GIVE_UP", 5)
    result = sweep(3, macs=10)
    assert not trainings
    assert (result.best, result.best_config, result.front) == (None, None, [])
    assert "The last 5 proposals needed no training" in " ".join(capsys.readouterr().err.split())
    assert len(table(result.job_dir)) == 5


def test_a_network_that_cannot_be_built_is_not_trained(
    sweep: Callable[..., Any], trainings: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heartkit.modes.tuning import sweep as course

    measure = course.measure

    def too_deep(params: Any, task: Any, limits: Any) -> Any:
        if params.architecture.params["blocks"][0]["filters"] == 16:
            raise ConfigError("too deep for 64 samples")
        return measure(params, task, limits)

    monkeypatch.setattr(course, "measure", too_deep)
    result = sweep(2, {FILTERS: [4, 16, 8], "lr_rate": [0.02]})
    assert {one.values[FILTERS]: one.reason for one in result.trials if one.outcome == UNUSABLE} in (
        {}, {16: "too deep for 64 samples"}
    )  # fmt: skip
    assert {piece.params.architecture.params["blocks"][0]["filters"] for piece in trainings} == {4, 8}


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({"lr_rate": [0.1, -1]}, r"tune.space.lr_rate cannot be -1: lr_rate must be greater than 0"),
        ({"architecture.params.input_kernl": [3, 5]}, r"input_kernl cannot be 3: Unknown key.*Did you mean"),
        ({FILTERS: {"low": 0, "high": 4}}, r"filters cannot be 0: .*filters must be"),
        ({"augmentations.0.params.amplitud": [1, 2]}, r"cannot be 1: .*amplitud"),
    ],
)
def test_what_cannot_be_used_is_said_before_the_first_trial(
    sweep: Callable[..., Any], trainings: Trainings, tmp_path: Path, space: Any, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        sweep(2, space)
    assert not (tmp_path / "job").exists()


def test_a_training_that_came_to_nothing_is_one_of_the_trials(
    sweep: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def diverging(params: Any, task: Any) -> Any:
        raise TrainingError("The training diverged")

    monkeypatch.setattr("heartkit.modes.tuning.trial.train", diverging)
    result = sweep(2)
    assert [one.outcome for one in result.trials] == ["failed"] * 2
    assert "Trial 0 came to nothing: The training diverged" in capsys.readouterr().err

    def missing(params: Any, task: Any) -> Any:
        raise DataError("nothing there")

    monkeypatch.setattr("heartkit.modes.tuning.trial.train", missing)
    with pytest.raises(DataError, match="nothing there"):
        sweep(3)


def test_a_real_sweep_leaves_tables_models_and_a_configuration(
    sweep: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from heartkit.modes.data import TaskData

    drawn: set[str] = set()
    sets = TaskData.sets
    monkeypatch.setattr(TaskData, "sets", lambda self, split, n: drawn.add(split) or sets(self, split, n))
    small = {"epochs": 2, "steps_per_epoch": 3}
    result = sweep(2, **small)
    assert drawn == {"train", "val"}, "test patients are not looked at"
    for one in result.trials:
        folder = result.job_dir / "trials" / one.name
        rows = history(folder)
        assert one.score == rows[one.best_epoch - 1]["val_f1"] == max(row["val_f1"] for row in rows)
        assert one.epochs == len(rows)
    assert [int(row["trial"]) for row in table(result.job_dir)] == [0, 1]
    assert json.loads((result.job_dir / "tune.json").read_text())["best"] == result.best.number
    assert {file.name for file in result.job_dir.glob("*.html")} == {"report.html", "tune.html"}

    config = load(result.best_config)
    params = config.params(HKTrainParams)
    assert params.architecture.params["blocks"][0]["filters"] == result.best.values[FILTERS]
    assert params.lr_rate == result.best.values["lr_rate"]
    assert (params.job_dir / "model.keras").is_file(), "the modes after training find the model"
    assert config.params(HKTestParams).job_dir == result.job_dir / "trials" / result.best.name
    assert "Pareto front" in capsys.readouterr().out


@pytest.mark.slow
def test_an_interrupted_sweep_says_how_to_go_on(sweep: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    small = {"epochs": 2, "steps_per_epoch": 3}
    with interrupted_at(8):
        sweep(3, **small)
    said = " ".join(capsys.readouterr().err.split())
    assert "Interrupted; 1 of 3 trials are kept" in said
    assert "The same command goes on." in said
    assert "resume=true" not in said, "which is what a training alone would say"


KILLED = """
import os, signal, sys
sys.path += {paths!r}
from pathlib import Path
import heartkit.modes.tune as mode
from heartkit.tasks.segmentation import TASK
from test_tune import Trainings, SPACE
from tiny_runs import params_of
score = Trainings()
def train(piece):
    if len(score) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return score(piece)
mode.run_trial = train
mode.tune(params_of("tune", Path({job!r}), Path({cache!r}), val_metric="f1", tune={tune!r}), TASK)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_killed_sweep_has_its_tables_and_goes_on(
    sweep: Callable[..., Any], trainings: Trainings, tmp_path: Path, cache: Path
) -> None:
    whole = sweep(5, job_dir=tmp_path / "whole")
    del trainings[:]
    job = tmp_path / "job"
    tune = {"space": SPACE, "trials": 5, "limits": {}}
    code = KILLED.format(paths=[str(Path(__file__).parent), *sys.path], job=str(job), cache=str(cache), tune=tune)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == -signal.SIGKILL, run.stderr
    assert len(table(job)) == 2
    result = sweep(5)
    assert len(trainings) == 3, "the two before are kept"
    assert [one.values for one in result.trials] == [one.values for one in whole.trials]
    assert [one.number for one in result.trials] == [0, 1, 3, 4, 5], "the killed one is lost"


@pytest.mark.slow
def test_trainings_side_by_side(sweep: Callable[..., Any]) -> None:
    result = sweep(4, parallel=2, epochs=1, steps_per_epoch=3)
    assert [one.outcome for one in result.trials] == [TRAINED] * 4
    for one in result.trials:
        assert one.score == history(result.job_dir / "trials" / one.name)[0]["val_f1"]
    assert (
        params_of("train", Path(), Path()).seed
        == json.loads((result.job_dir / "trials/003/train.config.json").read_text())["seed"]
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Ray's clusters are not for it")
def test_trainings_on_a_cluster_are_those_of_one_process(
    sweep: Callable[..., Any], two_nodes: str, tmp_path: Path
) -> None:
    small = {"epochs": 1, "steps_per_epoch": 3}
    result = sweep(3, cluster=two_nodes, **small)
    assert [one.outcome for one in result.trials] == [TRAINED] * 3
    here = sweep(1, job_dir=tmp_path / "here", **small)
    assert result.trials[0].values == here.trials[0].values
    assert result.trials[0].score == pytest.approx(here.trials[0].score, abs=1e-6)
    for one in result.trials:
        assert one.score == history(result.job_dir / "trials" / one.name)[0]["val_f1"]
