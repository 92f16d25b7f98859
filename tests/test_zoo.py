import json
from pathlib import Path

import pytest

from heartkit.errors import ConfigError, UnknownNameError
from heartkit.params import HKDemoParams
from heartkit.zoo import DEMO_MODELS, demo_config, zoo_folder, zoo_names


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
