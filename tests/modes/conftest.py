"""A trained and an exported tiny model, made once and shared."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from heartkit import console
from tiny_runs import params_of


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where prepared recordings are kept."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _verbosity() -> Iterator[None]:
    yield
    console.set_verbosity(1)


@pytest.fixture
def task() -> Any:
    from heartkit.tasks.segmentation import TASK

    return TASK


@pytest.fixture
def make_params(cache: Path, tmp_path: Path) -> Callable[..., Any]:
    """Parameters of a mode for a job in the test's own folder."""

    def make(mode: str, job_dir: Path | None = None, **changes: Any) -> Any:
        return params_of(mode, tmp_path / "job" if job_dir is None else job_dir, cache, **changes)

    return make


@pytest.fixture(scope="session")
def trained(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What an uninterrupted training leaves; not to be changed by tests."""
    from heartkit.modes.train import train
    from heartkit.tasks.segmentation import TASK

    folder = tmp_path_factory.mktemp("trained")
    return train(params_of("train", folder, cache, val_file=str(folder / "validation.npz")), TASK)


@pytest.fixture(scope="session")
def exported(trained: Any, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The trained model in int8: the job folder, and what export returned; not to be changed by tests."""
    from heartkit.modes.export import export
    from heartkit.tasks.segmentation import TASK

    pytest.importorskip("tflite_micro")
    folder = tmp_path_factory.mktemp("exported")
    params = params_of("export", folder, cache, model_file=str(trained.model_file))
    return folder, export(params, TASK)
