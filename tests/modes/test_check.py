"""Check says what a run would do, and all that is wrong with it, and leaves no trace."""

import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from heartkit.artifact.arena import smallest_arena
from heartkit.artifact.convert import convert
from heartkit.cli import main
from heartkit.datasets.ecg_synthetic import EcgSynthetic
from heartkit.errors import ConfigError, UnknownNameError
from heartkit.factories import ModelFactory, TaskFactory
from heartkit.modes.check import check
from heartkit.modes.findings import Findings
from heartkit.params import ConversionType, QuantizationParams
from heartkit.records.splits import split_patients
from wfdb_files import ecg_like, write_signals

BLOCKS = [{"filters": 4, "norm": "batch"}, {"filters": 6, "kernel": [1, 5], "norm": "batch"}]
SYNTHETIC = {"name": "ecg-synthetic", "params": {"num_pts": 40}}
GOOD: dict[str, Any] = {
    "datasets": [SYNTHETIC],
    "job_dir": "./results/${task}",
    "sampling_rate": 100,
    "frame_size": 256,
    "num_classes": 3,
    "class_map": {"0": 0, "1": 1, "2": 2, "3": 1},
    "samples_per_patient": 10,
    "val_samples_per_patient": 5,
    "test_samples_per_patient": 20,
    "test_size": 50,
    "preprocesses": [{"name": "filter", "params": {"lowcut": 0.5, "highcut": 30}}, {"name": "znorm"}],
    "augmentations": [{"name": "lead_noise", "params": {"scale": [0, 0.1]}}],
    "architecture": {"name": "tcn", "params": {"blocks": BLOCKS}},
}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with the cache beside it."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("HEARTKIT_CACHE", str(tmp_path / "cache"))
    return work


@pytest.fixture(autouse=True)
def _no_arena(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes a second, but where it is asked for."""
    if "arena" not in request.node.name:
        monkeypatch.setattr("heartkit.modes.check._measure_arena", lambda *_: None)


def test_the_arena_is_that_of_the_exported_model() -> None:
    pytest.importorskip("tflite_micro")
    findings = found()
    assert findings.arena_bytes is not None
    model = ModelFactory.get("tcn").make((256, 1), {"blocks": BLOCKS}, 3)
    model.set_weights([np.random.default_rng(3).normal(0.1, 0.2, w.shape) ** 2 for w in model.get_weights()])
    frames = np.random.default_rng(4).normal(size=(500, 256, 1)).astype(np.float32)
    flat = convert(model, QuantizationParams(enabled=True, conversion=ConversionType.CONCRETE), frames)
    assert findings.arena_bytes == smallest_arena(flat)


def test_a_network_that_has_no_arena_says_why() -> None:
    pytest.importorskip("tflite_micro")
    blocks = [{"filters": 4, "norm": "batch", "activation": "elu"}]
    findings = found(architecture={"name": "tcn", "params": {"blocks": blocks}})
    assert (findings.problems, findings.arena_bytes) == ([], None)
    [note] = [note for note in findings.notes if "TensorFlow Lite Micro" in note]
    assert "computes ELU in float32" in note


def found(**changes: Any) -> Findings:
    return check(GOOD | changes, "segmentation")


def test_what_a_good_configuration_would_do(tmp_path: Path, empty_folder: Path) -> None:
    findings = found()
    assert findings.problems == []
    [facts] = findings.datasets
    patients = split_patients("ecg-synthetic", EcgSynthetic(Path(), {"num_pts": 40}).listing())
    assert facts.patients == {split: len(names) for split, names in patients.items()}
    assert (facts.name, facts.folder, facts.records) == ("ecg-synthetic", None, 40)
    assert findings.frames == {
        "train": 10 * len(patients["train"]),
        "val": 5 * len(patients["val"]),
        "test": min(50, 20 * len(patients["test"])),
    }
    assert findings.classes == ["NONE", "P+T", "QRS"]
    model = ModelFactory.get("tcn").make((256, 1), {"blocks": BLOCKS}, 3)
    assert findings.model is not None
    assert findings.model.parameters == sum(math.prod(weight.shape) for weight in model.weights)
    assert findings.model.macs > findings.model.parameters
    assert "results/segmentation/model.keras is not there yet" in findings.notes[-1]
    assert not list(empty_folder.iterdir())
    assert not (tmp_path / "cache").exists()


def test_all_problems_are_found_at_once() -> None:
    problems = "\n".join(
        found(
            datasets=[SYNTHETIC, {"name": "ludb", "path": "./nowhere"}, {"name": "ludbb"}],
            epoch=3,
            epochs=-1,
            frame_size=5000,
            class_map={"0": 0, "3": 5},
            backend="pcc",
            preprocesses=[{"name": "filter", "params": {"lowct": 1}}, {"name": "znrm"}],
            augmentations=[{"name": "cutout", "params": {"wdth": [0, 1]}}],
            architecture={"name": "tcn", "params": {"blocks": [{"filters": 4, "kernl": 3}]}},
        ).problems
    )
    for words in (
        "Unknown key 'epoch'. Did you mean 'epochs'",
        "epochs must be greater than 0, got -1",
        "class_map sends 3 to class 5, but num_classes is 3",
        "Unknown backend 'pcc'. Did you mean 'pc'",
        "'lowct'. Did you mean 'lowcut'",
        "Unknown preprocess 'znrm'. Did you mean 'znorm'",
        "'wdth'. Did you mean 'width'",
        "frame_size = 5000 is longer than every usable stretch",
        "heartkit download",
        "Unknown dataset 'ludbb'. Did you mean 'ludb'",
        "Unknown key 'blocks[0].kernl'. Did you mean 'kernel'",
    ):
        assert words in problems
    assert len(problems.splitlines()) == 11


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"datasets": []}, "No dataset is configured"),
        (
            {"datasets": [SYNTHETIC | {"params": {"num_pts": 40, "leads": ["V9"]}}]},
            "Unknown lead of dataset 'ecg-synthetic': 'V9'",
        ),
        ({"datasets": [SYNTHETIC | {"params": {"num_pt": 40}}]}, "Did you mean 'num_pts'"),
        ({"datasets": [SYNTHETIC | {"params": {"num_pts": 40, "splits": ["train"]}}]}, "No patient is in split 'val'"),
        ({"train_patients": 50}, "train_patients = 50, but there are only"),
        ({"samples_per_patient": [10, 10, 10]}, "asks for frames by class"),
        ({"class_map": {"0": 0, "99": 1}}, "class_map has label 99"),
        ({"augmentations": [{"name": "resizing", "params": {"duration": 128}}]}, "256 samples into 128"),
        ({"architecture": {"name": "tnc", "params": {}}}, "Did you mean 'tcn'"),
        ({"architecture": None}, "No architecture is configured, and results/segmentation/model.keras does not exist"),
        ({"weights_file": "./old.keras"}, "old.keras"),
        ({"val_file": "${datset}.npz"}, "Did you mean '${dataset}'"),
    ],
)
def test_each_problem_says_what_is_wrong(changes: dict[str, Any], words: str) -> None:
    [problem] = found(**changes).problems
    assert words in problem


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({"architecture.params.blocks.*.filters": [4, 6], "lr_rate": {"low": 0.001, "high": 0.1}}, ""),
        ({"architecture.params.blocks.*.filtres": [4, 6]}, "filtres cannot be 4: Unknown key"),
        ({"lr_rte": [0.1]}, "Unknown key 'tune.space.lr_rte'. Did you mean 'lr_rate'"),
    ],
)
def test_what_a_sweep_would_try_is_tried(space: dict[str, Any], words: str) -> None:
    problems = found(tune={"space": space}).problems
    assert bool(problems) == bool(words)
    assert words in "".join(problems)


def test_a_dataset_without_what_the_task_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EcgSynthetic, "provides", frozenset({"beats"}))
    [problem] = found().problems
    assert "needs waves" in problem
    assert "Datasets that do: folder, ludb," in problem


# Keras 3.15 hands TensorFlow's variables to NumPy 2 in the older way when it saves them.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
def test_a_model_of_another_frame_size(empty_folder: Path) -> None:
    folder = empty_folder / "results" / "segmentation"
    folder.mkdir(parents=True)
    ModelFactory.get("tcn").make((128, 1), {"blocks": BLOCKS}, 3).save(folder / "model.keras")
    [problem] = found().problems
    assert "128" in problem
    assert "256" in problem
    assert not found(frame_size=128).problems


def test_without_a_task_what_depends_on_it_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TaskFactory, "_entries", dict(TaskFactory._entries))
    TaskFactory.register("other", object(), "a second task")
    findings = check(GOOD | {"job_dir": "./results"})
    assert findings.problems == []
    assert findings.classes == []
    assert findings.model is not None
    assert findings.frames["train"] > 0
    assert any("--task" in note for note in findings.notes)
    [problem] = check(GOOD | {"job_dir": "./results", "frame_size": 2000}).problems
    assert "which have 1000 samples" in problem
    assert "give --task" in check(GOOD).problems[0]


def test_what_cannot_be_read_at_all_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="segmentation"):
        check(GOOD, "segmention")
    with pytest.raises(ConfigError, match="line 1, column"):
        check('{"epochs": }')


def test_overrides_count_and_leave_the_callers_values_alone() -> None:
    assert check(GOOD, "segmentation", ["datasets.0.params.num_pts=5"]).datasets[0].records == 5
    assert GOOD["datasets"] == [{"name": "ecg-synthetic", "params": {"num_pts": 40}}]
    [problem] = check(GOOD, "segmentation", ["epoks=5"]).problems
    assert problem.endswith("(in --set)")


def test_the_command_ends_with_2_where_there_are_problems(capsys: pytest.CaptureFixture[str]) -> None:
    datasets = '"datasets": [{"name": "ecg-synthetic", "params": {"num_pts": 10}}]'
    few = f'{{{datasets}, "job_dir": ".", "model_file": "./m.keras"}}'
    assert main(["check", "-t", "segmentation", "-c", few, "--set", "frame_size=256"]) == 2
    said = capsys.readouterr()
    assert "10 recordings made on this computer" in said.out
    assert said.out.endswith("1 problem found.\n")
    assert "No architecture is configured" in said.err
    blocks = 'architecture={"name": "tcn", "params": {"blocks": [{"filters": 4, "norm": "batch"}]}}'
    assert main(["check", "-t", "segmentation", "-c", few, "--set", "frame_size=256", "--set", blocks]) == 0
    said = capsys.readouterr()
    assert said.out.endswith("No problem found.\n")
    assert "MACs per frame" in said.out


def test_real_recordings(shared_data: Path, empty_folder: Path) -> None:
    ludb = next(file.parent for file in (shared_data / "ludb").rglob("RECORDS"))
    findings = found(datasets=[{"name": "ludb", "path": str(ludb)}])
    assert findings.problems == []
    [facts] = findings.datasets
    headers = [int(file.stem) for file in (ludb / "data").glob("*.hea")]
    assert (facts.folder, facts.records) == (ludb, len(headers))
    assert facts.patients["test"] == sum(number % 5 == 0 for number in headers)
    assert facts.patients["train"] + facts.patients["val"] == sum(number % 5 > 0 for number in headers)
    # Of 10 s the annotators left the first and last beats unmarked: 9.5 s are recorded, but nowhere annotated.
    [problem] = found(datasets=[{"name": "ludb", "path": str(ludb)}], frame_size=950).problems
    assert "longer than every usable stretch" in problem


def test_a_truncated_recording_is_named(shared_data: Path, empty_folder: Path) -> None:
    ludb = next(file.parent for file in (shared_data / "ludb").rglob("RECORDS"))
    (empty_folder / "data").mkdir()
    for number in (1, 2, 3, 4, 6, 7):
        for file in (ludb / "data").glob(f"{number}.*"):
            shutil.copy(file, empty_folder / "data" / file.name)
    signals = empty_folder / "data" / "1.dat"
    signals.write_bytes(signals.read_bytes()[:1000])
    here = [{"name": "ludb", "path": str(empty_folder)}]
    findings = found(datasets=here)
    assert any("would be left out" in note and "'1'" in note for note in findings.notes)
    assert not findings.problems
    shutil.copy(signals, empty_folder / "data" / "7.dat")
    [problem] = found(datasets=here).problems
    assert "no recording that was tried can be read" in problem


def test_excerpts_of_another_configured_dataset_are_named(tmp_path: Path) -> None:
    for folder, names in (("mitdb", ["100", "114"]), ("qtdb", ["sel100", "sel114", "sele0104"])):
        for name in names:
            write_signals(tmp_path / folder, name, ecg_like(900, 2), 250, ["MLII", "V1"])
    both = [{"name": name, "path": str(tmp_path / name)} for name in ("mitdb", "qtdb")]
    (note,) = [note for note in found(datasets=both).notes if "excerpts" in note]
    # Record 100 tests in MIT-BIH; its excerpt would train or validate.
    assert note.startswith("qtdb: 2 of its recordings are excerpts of recordings of mitdb")
    assert "sel100" in note.partition("Left out")[2]
    assert [sum(facts.patients.values()) for facts in found(datasets=both).datasets] == [2, 2]
    assert not [note for note in found(datasets=both[1:]).notes if "excerpts" in note]


def test_a_dataset_that_is_configured_twice_keeps_its_patients_apart() -> None:
    made = {"name": "ecg-synthetic", "params": {"num_pts": 40}}
    twice = [made, {"name": "ecg-synthetic", "params": {"num_pts": 40, "splits": ["train"]}}]
    (note,) = [note for note in found(datasets=twice).notes if "left out" in note]
    assert note.startswith("ecg-synthetic: left out ")
    assert "who are in a later split of another entry" in note
    first, second = (facts.patients for facts in found(datasets=twice).datasets)
    assert second == {"train": first["train"], "val": 0, "test": 0}, "they are not counted"
    assert not [note for note in found(datasets=[made, made]).notes if "left out" in note]


def test_a_folder_of_the_users_is_not_said_to_be_made(tmp_path: Path) -> None:
    write_signals(tmp_path, "a", ecg_like(900, 2), 250, ["I", "II"])
    (tmp_path / "dataset.json").write_text('{"files": "*.hea", "name": "mine"}')
    [facts] = found(datasets=[{"name": "folder", "path": str(tmp_path)}]).datasets
    assert (facts.name, facts.folder) == ("mine", tmp_path)
