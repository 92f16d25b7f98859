"""The examples of docs/own run, and their pages hold them word by word."""

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import heartkit as hk

OWN = Path(__file__).parents[2] / "docs" / "own"
EXAMPLES = sorted((OWN / "examples").glob("*.py"))
FACTORIES = (
    "TaskFactory",
    "DatasetFactory",
    "ModelFactory",
    "BackendFactory",
    "PreprocessFactory",
    "AugmentationFactory",
)

Load = Callable[[str], ModuleType]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Import an example by name; what it registers is forgotten afterwards."""
    for name in FACTORIES:
        factory: Any = getattr(hk, name)
        factory.list()  # reads entry points, so that the copy is complete
        monkeypatch.setattr(factory, "_entries", dict(factory._entries))

    def imported(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"example_{name}", OWN / "examples" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        spec.loader.exec_module(module)
        return module

    return imported


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.stem)
def test_its_page_holds_it(example: Path) -> None:
    pages = [
        page for page in OWN.glob("*.md") if f"`python docs/own/examples/{example.name}`" in page.read_text("utf-8")
    ]
    assert len(pages) == 1
    blocks = re.findall(r"^```python\n(.*?)^```", pages[0].read_text("utf-8"), re.M | re.S)
    assert example.read_text("utf-8") in blocks, f"{pages[0].name} has another version of {example.name}"


def test_transform(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    load("steps").main()
    turned, largest = capsys.readouterr().out.splitlines()
    assert 15 <= int(turned.split("%")[0]) <= 25  # one in five of a thousand frames
    assert largest == "largest value 2.50"
    assert hk.AugmentationFactory.has("swapped_electrodes")


def test_backend(load: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = load("timed")
    module.main(tmp_path)
    assert "answers of shape (3, 256, 4)" in capsys.readouterr().out
    predictor = module.open_timed(tmp_path / "model.keras")
    with pytest.raises(hk.ModelError, match="frame_size"):
        predictor.predict(np.zeros((1, 100, 1)))


def test_model(load: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = load("convnet")
    module.main(tmp_path)
    weights = 7 * 8 + 7 * 8 * 16 + 16 * 4 + 4 + 4 * (8 + 16)  # kernels, the head's bias, four for each normed channel
    assert f"{weights:,} parameters" in capsys.readouterr().out
    assert (tmp_path / "results" / "model.keras").is_file()
    with pytest.raises(hk.ConfigError, match="filters"):
        module.ARCHITECTURE.make((256, 1), {"filter": [8]}, 4)


def test_dataset(load: Load, tmp_path: Path) -> None:
    module = load("clinic")
    module.main(tmp_path)
    assert (tmp_path / "results" / "model.keras").is_file()
    dataset = module.Clinic(tmp_path, {})
    assert len({info.patient for info in dataset.listing()}) == 12
    record = dataset.read("p3-1")
    made = hk.DatasetFactory.get("ecg-synthetic")(
        Path(), {"num_pts": 12, "params": {"sample_rate": 250.0, "duration": 5.0}}
    ).read("3")
    assert abs(record.signals - made.signals[[1, 6]]).max() < 1e-4
    assert len(record.waves.on_lead(1)) == len(made.waves.on_lead(6)) > 5
    (tmp_path / "p3-1.waves.csv").unlink()
    assert isinstance(dataset.read_many(["p3-1"])[0], hk.RecordError)


def test_task(load: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load("qt").main(tmp_path)
    folder = tmp_path / "qt"
    assert "QT interval" in capsys.readouterr().err
    assert (folder / "metrics.json").is_file()
    assert "QT in" in (folder / "report.html").read_text("utf-8")
    assert (folder / "demo.png").read_bytes()[:4] == b"\x89PNG"
