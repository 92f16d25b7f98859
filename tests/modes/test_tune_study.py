"""The memory of a sweep: what is proposed, what outlives a killed process, what must not be mixed."""

import itertools
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from heartkit.errors import ConfigError, DataError
from heartkit.modes.tuning.space import Space
from heartkit.params import TuneParams
from heartkit.reports.trials import FAILED, OVER, TRAINED, Trial

pytest.importorskip("optuna")
from heartkit.modes.tuning.study import Study

SPACE = Space.read(
    {
        "lr_rate": {"low": 0.001, "high": 0.1, "log": True},
        "batch_size": [16, None, [1]],
        "epochs": {"low": 1, "high": 9},
    }
)
IDENTITY = {"seed": None, "tune": {"limits": {"macs": 100}}, "datasets": [{"name": "ludb"}]}
Values = dict[str, Any]


def opened(folder: Path, drawn: int = 1, objective: str = "pareto", **identity: Any) -> Study:
    return Study(folder / "journal", SPACE, TuneParams(objective=objective), "f1", IDENTITY | identity, drawn)


def judged(number: int, values: Values) -> Trial:
    """What becomes of values: above 6 epochs they are over a limit, everywhere else a smooth score."""
    if values["epochs"] > 6:
        return Trial(number, OVER, values, over={"macs": values["epochs"] / 6 - 1})
    if values["batch_size"] == [1] and values["epochs"] == 1:
        return Trial(number, FAILED, values)
    score = 1 - abs(values["lr_rate"] - 0.02) - 0.1 * (values["batch_size"] is None)
    return Trial(number, TRAINED, values, score=score, macs=100 * values["epochs"], parameters=5)


def go_on(folder: Path, count: int, **how: Any) -> list[Values]:
    """Ask and tell until so many trials are there; all their values."""
    with opened(folder, **how) as study:
        while len(study.trials) < count:
            study.tell(judged(*study.ask()))
        return [dict(one.values) for one in study.trials]


def kept(folder: Path) -> list[Trial]:
    with opened(folder) as study:
        return study.trials


@pytest.mark.parametrize("objective", ["pareto", "score"])
def test_the_seed_decides_what_is_proposed(tmp_path: Path, objective: str) -> None:
    first, again = (go_on(tmp_path / name, 16, objective=objective) for name in "ab")
    other = go_on(tmp_path / "c", 16, objective=objective, drawn=2)
    assert first == again
    assert all(one != two for one, two in zip(first, other, strict=True))
    for values in first + other:
        assert all(one.holds(values[one.path]) for one in SPACE.dimensions)


@pytest.mark.parametrize("killed_after", [0, 1, 12])
def test_a_killed_sweep_goes_on_as_if_nothing_had_been(tmp_path: Path, killed_after: int) -> None:
    whole = go_on(tmp_path / "whole", 15)
    go_on(tmp_path / "cut", killed_after)
    with opened(tmp_path / "cut") as study:
        lost, _ = study.ask()  # and then nothing more is heard of it
    assert go_on(tmp_path / "cut", 15) == whole
    assert [one.number for one in kept(tmp_path / "cut")] == [number for number in range(16) if number != lost]


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path += {paths!r}
import test_tune_study as test
study, left = test.opened(Path({folder!r})), {moment}
write = os.fsync
def dying(handle):
    global left
    write(handle)
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
os.fsync = dying
while True:
    study.tell(test.judged(*study.ask()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_process_killed_at_any_write_loses_one_trial_at_most(tmp_path: Path) -> None:
    whole, known = go_on(tmp_path / "whole", 8), 0
    for moment in (1, 8, 13):  # of asking, of keeping what became of it, of telling
        code = KILLED.format(paths=[str(Path(__file__).parent), *sys.path], folder=str(tmp_path / "cut"), moment=moment)
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert run.returncode == -signal.SIGKILL, run.stderr
        trials = kept(tmp_path / "cut")
        assert [one.values for one in trials] == whole[: len(trials)]
        assert len(trials) >= known
        known = len(trials)
    assert known >= 2
    assert go_on(tmp_path / "cut", 8) == whole


@pytest.mark.skipif(sys.platform == "win32", reason="has no fcntl")
def test_two_runs_in_one_folder_are_kept_apart(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(ConfigError, match="Another `heartkit tune` is at work"):
        opened(tmp_path)
    opened(tmp_path).close()


def test_a_line_that_was_not_written_to_its_end_is_no_line(tmp_path: Path) -> None:
    go_on(tmp_path, 3)
    journal = tmp_path / "journal"
    whole = journal.read_bytes()
    journal.write_bytes(whole + whole.splitlines()[-1][:17])
    assert len(go_on(tmp_path, 4)) == 4
    assert journal.read_bytes().startswith(whole)


def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    go_on(tmp_path, 2)
    journal = tmp_path / "journal"
    journal.write_bytes(b"{]\n" + journal.read_bytes())
    with pytest.raises(DataError, match=r"journal cannot be read.*choose another job_dir"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"tune": {"limits": {"macs": 90}}}, "with tune.limits.macs = 100, which is 90 now"),
        ({"tune": {"limits": {}}}, "with tune.limits.macs = 100, which is null now"),
        ({"datasets": [{"name": "qtdb"}]}, 'with datasets = [{"name": "ludb"}], which is [{"name": "qtdb"}] now'),
        ({"seed": 5}, "with seed = 1, which is 5 now"),
    ],
)
def test_trials_of_another_sweep_are_not_mixed_in(tmp_path: Path, changed: Values, words: str) -> None:
    go_on(tmp_path, 1)
    with pytest.raises(ConfigError) as error:
        opened(tmp_path, **changed)
    assert words in str(error.value)
    with opened(tmp_path, drawn=7) as study:
        assert study.seed == 1, "the stored seed, where none is configured"
    with opened(tmp_path / "new", drawn=7, **changed) as study:
        assert study.seed == changed.get("seed", 7)


def test_the_given_values_are_tried_first_and_once(tmp_path: Path) -> None:
    given = {"lr_rate": 0.05, "batch_size": [1], "epochs": 9}
    with opened(tmp_path) as study:
        assert study.ask(given)[1] == given
    with opened(tmp_path) as study:  # the one before died
        assert study.ask(given)[1] == given
        assert study.ask(given)[1] != given


def test_limits_are_learned(tmp_path: Path) -> None:
    proposed = go_on(tmp_path, 60)
    over = [values["epochs"] > 6 for values in proposed]
    assert sum(over[:10]) >= 2, "a third is over the limit by chance"
    assert sum(over[-30:]) <= 4, "and less so as it is told"


def test_choices_of_any_kind_come_back_as_they_were(tmp_path: Path) -> None:
    seen = {repr(values["batch_size"]) for values in go_on(tmp_path, 16)}
    assert seen == {"16", "None", "[1]"}


def test_without_optuna_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigError, match=r"pip install heartkit\[tune\]"):
        opened(tmp_path)


def test_side_by_side_proposals_differ(tmp_path: Path) -> None:
    with opened(tmp_path) as study:
        asked = [study.ask()[1] for _ in range(6)]
    assert all(one != two for one, two in itertools.combinations(asked, 2))
