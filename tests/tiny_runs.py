"""Runs of the modes that take seconds: twelve short synthetic recordings, a network of one block."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from heartkit.datasets.base import Dataset
from heartkit.factories import DatasetFactory
from heartkit.params import MODE_PARAMS
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo

RATE, FRAME, LEADS = 100, 64, ["II", "V5"]
NETWORK = {
    "input_kernel": 5,
    "input_norm": "batch",
    "blocks": [{"filters": 8, "kernel": 5, "norm": "batch", "se_ratio": 2, "dropout": 0.1}],
    "output_kernel": 5,
}
VALUES: dict[str, Any] = {
    "sampling_rate": RATE,
    "frame_size": FRAME,
    "num_classes": 4,
    "class_map": {"0": 0, "1": 1, "2": 2, "3": 3},
    "class_names": ["none", "P", "QRS", "T"],
    "preprocesses": [{"name": "znorm", "params": {"eps": 0.01}}],
    "augmentations": [{"name": "baseline_wander"}, {"name": "lead_noise"}, {"name": "cutout"}],
    "data_parallelism": 1,
    "seed": 3,
    "architecture": {"name": "tcn", "params": NETWORK},
    "samples_per_patient": 60,
    "val_samples_per_patient": 20,
    "test_samples_per_patient": 40,
    "batch_size": 32,
    "epochs": 4,
    "steps_per_epoch": 15,
    "lr_rate": 0.01,
    "lr_cycles": 1,
    "val_acc_threshold": None,
    "quantization": {"enabled": True, "conversion": "CONCRETE"},
    "display_report": False,
}


def synthetic(**params: Any) -> dict[str, Any]:
    """Twelve recordings of 6 s; with their hashes seven are for training, three for validation, two for testing."""
    options = {"num_pts": 12, "leads": LEADS, "params": {"duration": 6, "presets": ["SR"]}}
    return {"name": "ecg-synthetic", "params": options | params}


def params_of(mode: str, job_dir: Path, cache: Path, **changes: Any) -> Any:
    """The parameters of one mode; changes win."""
    kind = MODE_PARAMS[mode]
    values = {**VALUES, "datasets": [synthetic()], "job_dir": str(job_dir), "cache_dir": str(cache), **changes}
    return kind.read({key: value for key, value in values.items() if key in kind.model_fields}, "the test")


class EpochsByHand:
    """The end of each epoch without the training before it: a network of one weight, which is set to its number.

    Parameters
    ----------
    folder : Path
        For ``best`` (holds the weight of the best epoch), ``state.npz`` and ``history.csv``.
    metric, patience
        As for `heartkit.modes.fitting.EpochEnd`.
    resumed : bool
        Go on from the folder's state.
    """

    def __init__(self, folder: Path, metric: str = "loss", patience: int = 3, resumed: bool = False) -> None:
        from heartkit.models.backend import keras
        from heartkit.modes.fitting import EpochEnd, Progress, load_checkpoint

        self.folder, self.metric, self.scores = folder, metric, {}
        self.model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
        self.model.compile(keras.optimizers.Adam(0.1), "mse")
        self.model.optimizer.build(self.model.trainable_variables)
        self.progress = load_checkpoint(folder / "state.npz", self.model) if resumed else Progress()
        files = folder / "best", folder / "state.npz", folder / "history.csv"
        self.callback = EpochEnd(self.progress, lambda: self.scores, metric, patience, *files, {"seed": 1})
        self.callback.set_model(self.model)

    def end(self, value: float, loss: float = 1.0, val_loss: float = 1.0) -> bool:
        """End one epoch with a value of the metric; say whether training goes on."""
        from heartkit.modes import fitting

        number = self.progress.epoch + 1
        self.model.set_weights([np.full((1, 1), number, np.float32)])
        self.model.stop_training = False
        self.scores = {"loss": val_loss, "acc": 0.5, "f1": 0.5} | {self.metric: value}
        real, fitting.save_model = (
            fitting.save_model,
            lambda model, path: path.write_text(f"{model.get_weights()[0][0, 0]}"),
        )
        try:
            self.callback.on_epoch_end(number - 1, {"loss": loss})
        finally:
            fitting.save_model = real
        return not self.model.stop_training

    def best(self) -> float | None:
        """The number of the epoch whose model was kept."""
        file = self.folder / "best"
        return float(file.read_text()) if file.exists() else None


def history(folder: Path) -> list[dict[str, float]]:
    """The rows of ``history.csv``."""
    with (folder / "history.csv").open() as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def weights(path: Path) -> list[NDArray[Any]]:
    """The weights of a model file."""
    from heartkit.models.files import load_model

    return [np.asarray(weight) for weight in load_model(path).get_weights()]


def equal(first: Sequence[NDArray[Any]], second: Sequence[NDArray[Any]]) -> bool:
    """Whether arrays are the same, bit for bit."""
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def contents(folder: Path) -> dict[str, bytes]:
    """What each file under a folder holds, the log aside."""
    found = {str(file.relative_to(folder)): file for file in sorted(folder.rglob("*")) if file.is_file()}
    return {name: file.read_bytes() for name, file in found.items() if name != "heartkit.log"}


def is_deflated(path: Path) -> bool:
    """Whether all members of an archive are compressed."""
    with zipfile.ZipFile(path) as archive:
        return all(info.compress_type == zipfile.ZIP_DEFLATED for info in archive.infolist())


@contextmanager
def dataset_of(signals: dict[str, NDArray[np.float32]], leads: Sequence[str] = ("I", "II")) -> Iterator[dict[str, Any]]:
    """Register a dataset of signals (leads, samples) at `RATE` without annotations, and give its configuration."""

    class Given(Dataset):
        name: ClassVar[str] = "given"
        provides: ClassVar[frozenset[str]] = frozenset({"waves"})

        def listing(self) -> list[RecordInfo]:
            return [RecordInfo(key, key) for key in signals]

        def read(self, record_id: str) -> Record:
            signal = signals[record_id]
            return Record(record_id, record_id, RATE, tuple(leads), ("mV",) * len(leads), signal)

        def fingerprint(self) -> str:
            return repr([(key, signal.tobytes()) for key, signal in signals.items()])

    DatasetFactory.register("given", Given)
    try:
        yield {"name": "given"}
    finally:
        DatasetFactory.unregister("given")


@contextmanager
def interrupted_at(step: int) -> Iterator[None]:
    """Press Ctrl-C in the middle of an epoch: when `step` steps are done."""
    from heartkit.modes import fitting

    done: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        advance = fitting.StepProgress.on_train_batch_end

        def press(self: Any, batch: int, logs: Any = None) -> None:
            done.append(batch)
            if len(done) == step:
                raise KeyboardInterrupt
            advance(self, batch, logs)

        patch.setattr(fitting.StepProgress, "on_train_batch_end", press)
        with pytest.raises(KeyboardInterrupt):
            yield


def assert_same(folder: Path, other: Path) -> None:
    """Both trainings left the same history, models and optimiser."""
    assert (folder / "history.csv").read_bytes() == (other / "history.csv").read_bytes()
    for name in ("model.keras", "last.keras"):
        assert equal(weights(folder / name), weights(other / name))
    with np.load(folder / "checkpoint/state.npz") as first, np.load(other / "checkpoint/state.npz") as second:
        arrays = sorted(set(first.files) - {"state"})
        assert arrays == sorted(set(second.files) - {"state"})
        assert len(arrays) > 20  # the optimiser's moments too
        assert equal([first[name] for name in arrays], [second[name] for name in arrays])
