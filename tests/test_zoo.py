import json
from pathlib import Path

import pytest

from heartkit.cli import main
from heartkit.config import load
from heartkit.errors import ConfigError, UnknownNameError
from heartkit.factories import DatasetFactory, TaskFactory
from heartkit.frames.seen import Seen
from heartkit.params import HKDemoParams, HKTrainParams
from heartkit.zoo import DEMO_MODELS, demo_config, fetch, zoo_folder, zoo_names


@pytest.fixture
def zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("seg-4-tcn-sm", "den-tcn-sm"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(json.dumps({"frame_size": 256, "num_classes": 4}))
    (tmp_path / "notes").mkdir()
    monkeypatch.setenv("HEARTKIT_ZOO", str(tmp_path))
    return tmp_path


def test_models_are_the_folders_with_a_configuration(zoo: Path) -> None:
    assert zoo_names() == ["den-tcn-sm", "seg-4-tcn-sm"]
    assert zoo_folder("den-tcn-sm") == zoo / "den-tcn-sm"


def test_an_unknown_model_names_the_nearest(zoo: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"'seg-4-tcn-lg'.* Did you mean 'seg-4-tcn-sm'"):
        zoo_folder("seg-4-tcn-lg")


def test_a_demo_runs_the_model_on_synthetic_recordings(zoo: Path) -> None:
    params = demo_config("segmentation", ["frame_size=512"]).params(HKDemoParams, "segmentation")
    assert params.model_file == zoo / "seg-4-tcn-sm" / "model.tflite"
    assert (params.datasets[0].name, params.frame_size, params.num_classes) == ("ecg-synthetic", 512, 4)


def test_a_task_without_a_model_says_what_to_do(zoo: Path) -> None:
    with pytest.raises(ConfigError, match="--config"):
        demo_config("juggling")


def test_what_ships_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEARTKIT_ZOO", raising=False)
    if not zoo_names():
        pytest.skip("this checkout holds no trained models yet")
    for name in DEMO_MODELS.values():
        assert {"config.json", "model.keras", "model.tflite"} <= {file.name for file in zoo_folder(name).iterdir()}


@pytest.mark.parametrize("task", sorted(DEMO_MODELS))
def test_what_a_bare_demo_shows_the_model_has_never_seen(task: str, tmp_path: Path) -> None:
    changes = [f"job_dir={tmp_path}", f"cache_dir={tmp_path / 'cache'}", "verbose=0"]
    shown = TaskFactory.get(task).demo(demo_config(task, changes).params(HKDemoParams, task))
    assert shown["split"] == "test", "who is known is in no split"


@pytest.mark.parametrize("name", [name for name in zoo_names() if (zoo_folder(name) / "model.keras").exists()])
@pytest.mark.parametrize("model", ["model.keras", "model.tflite"])
def test_a_model_says_whom_it_was_trained_on(name: str, model: str) -> None:
    config, metrics = (json.loads((zoo_folder(name) / f"{one}.json").read_text()) for one in ("config", "metrics"))
    known = Seen.by(zoo_folder(name) / model).known
    assert [one.name for one in known] == [one["name"] for one in config["datasets"]]
    assert all(one.train and not set(one.train) & set(one.val) for one in known)
    if metrics["split"] == "val":
        assert {one.name: len(one.val) for one in known} == {
            one["name"]: one["patients"] for one in metrics["datasets"]
        }


def test_a_model_is_copied_into_a_job_folder_that_it_then_works_in(zoo: Path, tmp_path: Path) -> None:
    (zoo / "den-tcn-sm" / "model.keras").write_bytes(b"a model")
    folder = tmp_path / "new" / "job"
    assert fetch("den-tcn-sm", folder) == ["config.json", "model.keras"]
    assert json.loads((folder / "config.json").read_text()) == {
        "frame_size": 256, "num_classes": 4, "job_dir": str(folder),
    }  # fmt: skip
    assert (folder / "model.keras").read_bytes() == b"a model"


def test_nothing_in_a_folder_is_overwritten(zoo: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("mine")
    (zoo / "den-tcn-sm" / "a.txt").write_text("first in order")
    with pytest.raises(ConfigError, match=r"holds config.json already\. Name another folder with --to"):
        fetch("den-tcn-sm", tmp_path)
    assert (tmp_path / "config.json").read_text() == "mine"
    assert not (tmp_path / "a.txt").exists()


def test_the_command_lists_and_fetches(zoo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = {
        "task": "denoise", "parameters": 3456, "macs": 654321, "arena_bytes": 20480, "data": "qtdb",
        "score": {"name": "cosine", "value": 0.9876, "low": 0.98, "high": 0.99},
    }  # fmt: skip
    (zoo / "den-tcn-sm" / "card.json").write_text(json.dumps(card))
    assert main(["zoo"]) == 0
    said = " ".join("".join(capsys.readouterr()).split())
    for word in ("den-tcn-sm", "denoise", "3,456", "654,321", "0.988", "no trained model"):
        assert word in said
    assert main(["zoo", "den-tcn-sm", "--to", str(tmp_path / "job")]) == 0
    assert "heartkit check -t denoise" in capsys.readouterr().out
    assert main(["zoo", "den-tcn", "--to", str(tmp_path / "other")]) == 2


SHIPPED = (
    "seg-2-tcn-sm", "seg-4-tcn-sm", "seg-4-tcn-lg", "seg-ppg-2-tcn-sm", "den-tcn-sm", "den-tcn-lg", "den-ppg-tcn-sm",
    "den-ppg-tcn-lg", "arr-2-eff-sm", "arr-4-eff-sm", "arr-4-eff-lg", "beat-2-eff-sm", "beat-3-eff-sm", "fnd-eff-sm",
    "fnd-eff-lg", "ppg2ecg-tcn-sm", "diag-5-eff-sm",
)  # fmt: skip


@pytest.mark.parametrize("name", SHIPPED)
def test_every_name_ships_as_published_and_for_excerpts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEARTKIT_ZOO", raising=False)
    folder = zoo_folder(name)
    excerpt, published = (load(folder / file).params(HKTrainParams) for file in ("config.json", "published.json"))
    assert excerpt.name == published.name == name
    for what in ("architecture", "sampling_rate", "frame_size", "preprocesses", "augmentations", "task_params"):
        assert getattr(excerpt, what) == getattr(published, what), what
    assert all(one.name in DatasetFactory.list() for one in published.datasets)
    assert excerpt.job_dir != published.job_dir
