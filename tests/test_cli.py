"""The command line: both ways to write it, what it passes on, and how it ends."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from heartkit import console
from heartkit.cli import main
from heartkit.errors import DataError
from heartkit.factories import BackendFactory, DatasetFactory, ModeFactory, ModelFactory, TaskFactory
from heartkit.params import MODE_PARAMS, HKTrainParams
from heartkit.transforms.table import AugmentationFactory, PreprocessFactory

TASK = SimpleNamespace(name="rehearsing")


class Calls(list[tuple[Any, Any]]):
    """What the mode was called with; `then` is what it does."""

    then: Callable[[], object] = staticmethod(lambda: None)

    def __call__(self, params: Any, task: Any) -> None:
        self.append((params, task))
        self.then()


@pytest.fixture
def rehearse(monkeypatch: pytest.MonkeyPatch) -> Iterator[Calls]:
    """A mode ``rehearse`` with the parameters of training, and a second task ``rehearsing``."""
    calls = Calls()
    for factory in (ModeFactory, TaskFactory):
        factory.list()  # reads entry points, so that the copy is complete
        monkeypatch.setattr(factory, "_entries", dict(factory._entries))
    ModeFactory.register("rehearse", calls, "keep what it is called with")
    TaskFactory.register("rehearsing", TASK, "a task of the test's own")
    monkeypatch.setitem(MODE_PARAMS, "rehearse", HKTrainParams)
    yield calls
    console.set_verbosity(1)


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "seg.json"
    file.write_text(json.dumps({"epochs": 7, "job_dir": "./results/${task}", "tflm_var_name": "g"}), encoding="utf-8")
    return str(file)


def flat(text: str) -> str:
    """Return text without line breaks and frames, which depend on the width of the terminal."""
    return " ".join(text.replace("│", " ").split())


def test_a_mode_gets_parameters_and_task(rehearse: Calls, config: str) -> None:
    assert main(["rehearse", "--task", "rehearsing", "--config", config]) == 0
    [(params, task)] = rehearse
    assert task is TASK
    assert params == HKTrainParams(epochs=7, job_dir=Path("results/rehearsing"))


@pytest.mark.parametrize(
    "older",
    [
        ["-m", "rehearse", "-t", "rehearsing", "-c", "FILE"],
        ["-t", "rehearsing", "-c", "FILE", "-m", "rehearse"],
        ["--mode=rehearse", "-t", "rehearsing", "-c", "FILE"],
        ["--mode", "rehearse", "--task", "rehearsing", "--config", "FILE"],
    ],
)
def test_the_older_form_means_the_same(rehearse: Calls, config: str, older: list[str]) -> None:
    assert main(["rehearse", "-t", "rehearsing", "-c", config]) == 0
    assert main([config if word == "FILE" else word for word in older]) == 0
    assert rehearse[0] == rehearse[1]


def test_a_configuration_may_be_json_text(rehearse: Calls) -> None:
    assert main(["-m", "rehearse", "-t", "rehearsing", "-c", '{"frame_size": 256}']) == 0
    assert rehearse[0][0].frame_size == 256


def test_values_are_set_in_order(rehearse: Calls, config: str) -> None:
    sets = ["--set", "epochs=8", "--set", "quantization.format=int16x8", "--set", "epochs=9"]
    assert main(["rehearse", "-t", "rehearsing", "-c", config, *sets]) == 0
    params = rehearse[0][0]
    assert (params.epochs, params.quantization.format) == (9, "INT16X8")


def test_without_a_configuration_there_are_defaults(rehearse: Calls) -> None:
    assert main(["rehearse", "-t", "rehearsing"]) == 0
    assert rehearse[0][0] == HKTrainParams()


@pytest.mark.parametrize(
    ("flags", "verbose"), [([], 1), (["-q"], 0), (["--quiet"], 0), (["-v"], 2), (["--verbose"], 2)]
)
def test_flags_say_how_much_is_said(
    rehearse: Calls, capsys: pytest.CaptureFixture[str], flags: list[str], verbose: int
) -> None:
    rehearse.then = lambda: [console.say(f"level {level}", level) for level in (0, 1, 2)]
    assert main(["rehearse", "-t", "rehearsing", *flags]) == 0
    assert rehearse[0][0].verbose == verbose
    assert capsys.readouterr().err.split("\n")[:-1] == [f"level {level}" for level in range(verbose + 1)]


def test_no_tflm_is_an_option_of_export(rehearse: Calls) -> None:
    ModeFactory._entries["export"] = ModeFactory._entries["rehearse"]
    assert main(["export", "-t", "rehearsing"]) == 0
    assert main(["export", "-t", "rehearsing", "--no-tflm"]) == 0
    assert [params.tflm for params, _ in rehearse] == [True, False]


def test_cluster_is_an_option_of_the_modes_that_prepare(rehearse: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    for mode, kind in MODE_PARAMS.copy().items():
        ModeFactory._entries[mode] = ModeFactory._entries["rehearse"]
        given = main([mode, "-t", "rehearsing", "-c", "{}", "--set", "cluster=other:1", "--cluster", "head:6379"])
        assert given == (0 if "cluster" in kind.model_fields else 2), mode
    assert len(rehearse) == 6
    assert {params.cluster for params, _ in rehearse} == {"head:6379"}
    assert "No such option" in flat(capsys.readouterr().err)
    assert main(["rehearse", "-t", "rehearsing"]) == 0
    assert rehearse[-1][0].cluster is None


def test_numbers_of_trials_are_options_of_tune(rehearse: Calls) -> None:
    ModeFactory._entries["tune"] = ModeFactory._entries["rehearse"]
    assert main(["tune", "-t", "rehearsing"]) == 0
    given = '{"tune": {"parallel": 2, "limits": {"macs": 9}}}'
    assert main(["tune", "-t", "rehearsing", "-c", given, "--set", "tune.trials=3", "--trials", "40"]) == 0
    assert main(["tune", "-t", "rehearsing", "-c", given, "--parallel", "3"]) == 0
    asked = [params.tune for params, _ in rehearse]
    assert [(one.trials, one.parallel, one.limits.macs) for one in asked] == [(20, 1, None), (40, 2, 9), (20, 3, 9)]


def test_the_only_task_need_not_be_named(monkeypatch: pytest.MonkeyPatch, rehearse: Calls) -> None:
    monkeypatch.setattr(TaskFactory, "_entries", {"rehearsing": TaskFactory._entries["rehearsing"]})
    assert main(["rehearse"]) == 0
    assert rehearse[0][1] is TASK


def test_downloading_needs_no_task(rehearse: Calls) -> None:
    ModeFactory._entries["download"] = ModeFactory._entries["rehearse"]
    assert main(["download"]) == 0
    assert rehearse[0][1] is None


def test_a_bare_demo_shows_the_zoos_model(monkeypatch: pytest.MonkeyPatch, rehearse: Calls, tmp_path: Path) -> None:
    folder = tmp_path / "the $zoo" / "seg-4-tcn-sm"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"frame_size": 256, "datasets": [{"name": "ludb"}], "epochs": 3}')
    monkeypatch.setenv("HEARTKIT_ZOO", str(folder.parent))
    ModeFactory._entries["demo"] = ModeFactory._entries["rehearse"]
    TaskFactory._entries["segmentation"] = TaskFactory._entries["rehearsing"]
    assert main(["demo", "--set", "demo_size=500"]) == 0
    params, task = rehearse[0]
    assert task is TASK
    assert params.model_file == folder / "model.tflite"
    assert [dataset.name for dataset in params.datasets] == ["ecg-synthetic"]
    assert (params.frame_size, params.demo_size, params.job_dir) == (256, 500, Path("results/zoo-demo"))


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["rehearze", "-t", "rehearsing"], "'rehearse'"),
        (["-m", "rehearze"], "'rehearse'"),
        (["rehearse", "-t", "rehersing"], "Did you mean 'rehearsing'?"),
        (["rehearse"], "Which task? Give --task; known: "),
        (["rehearse", "--confg", "a.json"], "--config"),
        (["rehearse", "-t", "rehearsing", "-c", '{"epoch": 1}'], "Did you mean 'epochs'"),
        (["rehearse", "-t", "rehearsing", "--set", "epochs=-1"], "epochs must be greater than 0, got -1"),
        (["rehearse", "-t", "rehearsing", "--set", "epochs"], "KEY=VALUE"),
        (["rehearse", "-t", "rehearsing", "-c", "nowhere.json"], "'nowhere.json' not found"),
        (["list", "dataset"], "Did you mean 'datasets'"),
        (["demo", "-t", "rehearsing"], "The zoo has no model for task 'rehearsing'"),
    ],
)
def test_wrong_usage_ends_with_2_and_the_nearest_name(
    rehearse: Calls, capsys: pytest.CaptureFixture[str], args: list[str], words: str
) -> None:
    assert main(args) == 2
    said = capsys.readouterr()
    assert words in flat(said.err)
    assert "Traceback" not in said.err
    assert not said.out
    assert not rehearse


def test_broken_json_is_named_with_line_and_column(
    rehearse: Calls, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "broken.json"
    file.write_text('{\n  "epochs": 3,\n}\n')
    assert main(["rehearse", "-t", "rehearsing", "-c", str(file)]) == 2
    with pytest.raises(json.JSONDecodeError) as judged:
        json.loads(file.read_text())
    assert f"{file}, line {judged.value.lineno}, column {judged.value.colno}" in capsys.readouterr().err


def fails_with(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_the_users_mistakes_end_with_2(rehearse: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    rehearse.then = fails_with(DataError("Lead [9] is not there."))
    assert main(["rehearse", "-t", "rehearsing"]) == 2
    assert capsys.readouterr().err == "error Lead [9] is not there.\n"


def test_faults_of_heartkit_end_with_1(rehearse: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    rehearse.then = fails_with(ZeroDivisionError("division by zero"))
    assert main(["rehearse", "-t", "rehearsing"]) == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError: division by zero" in said
    assert "--debug" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(("error", "code"), [(DataError("no data"), 2), (ZeroDivisionError("zero"), 1)])
def test_debug_shows_where_an_error_comes_from(
    rehearse: Calls, capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    rehearse.then = fails_with(error)
    assert main(["rehearse", "-t", "rehearsing", "--debug"]) == code
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "test_cli.py" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_with_130(rehearse: Calls, number: int) -> None:
    before = signal.getsignal(signal.SIGTERM)
    rehearse.then = lambda: signal.raise_signal(number)
    assert main(["rehearse", "-t", "rehearsing"]) == 130
    assert signal.getsignal(signal.SIGTERM) is before


def test_translated_keys_are_said(rehearse: Calls, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "-t", "rehearsing", "-c", '{"quantization": {"mode": "INT8"}}']) == 0
    assert "'quantization.mode' is obsolete" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "factory"),
    [
        ("tasks", TaskFactory), ("datasets", DatasetFactory), ("models", ModelFactory), ("backends", BackendFactory),
        ("preprocesses", PreprocessFactory), ("augmentations", AugmentationFactory),
    ],
)  # fmt: skip
def test_lists_have_one_line_on_each_name(capsys: pytest.CaptureFixture[str], kind: str, factory: Any) -> None:
    assert main(["list", kind]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == factory.list()
    assert [line.split(maxsplit=1)[1] for line in lines] == list(factory.describe().values())


def test_a_bare_list_shows_all_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    kinds = ["tasks", "datasets", "models", "preprocesses", "augmentations", "backends", "protocols"]
    assert [line for line in lines if not line.startswith(" ")] == kinds


def test_a_long_list_of_datasets_has_licence_and_citation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "datasets", "--long"]) == 0
    said = capsys.readouterr().out
    for name in DatasetFactory.list():
        dataset = DatasetFactory.get(name)
        assert dataset.licence in said
        assert dataset.citation in said


@pytest.mark.parametrize("args", [[], ["--help"], ["-h"]])
def test_help_tells_a_newcomer_what_to_type(capsys: pytest.CaptureFixture[str], args: list[str]) -> None:
    assert main(args) == 0
    said = flat(capsys.readouterr().out)
    assert "heartkit demo" in said
    assert "heartkit train -t segmentation -c configs/seg-4-tcn-sm.json" in said
    assert all(f"{mode} {summary[:30]}" in said for mode, summary in ModeFactory.describe().items())


def test_the_example_in_the_help_exists() -> None:
    assert (Path(__file__).parents[1] / "configs" / "seg-4-tcn-sm.json").is_file()


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"heartkit {metadata.version('heartkit')}\n"


def test_python_m_heartkit_is_the_same_command() -> None:
    run = subprocess.run([sys.executable, "-m", "heartkit", "list", "nonsense"], capture_output=True, text=True)
    assert run.returncode == 2
    assert "Unknown kind of list 'nonsense'" in run.stderr


def test_a_reader_who_has_had_enough_is_not_an_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run([sys.executable, "-m", "heartkit", "list"], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert run.stderr == b""


def test_the_command_is_installed() -> None:
    [script] = [entry for entry in metadata.entry_points(group="console_scripts") if entry.name == "heartkit"]
    assert script.load() is main
    assert importlib.util.find_spec("heartkit.__main__") is not None
