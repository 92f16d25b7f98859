"""The zoo's configurations for whole published datasets start and end, on stand-ins of those datasets.

What stands in has the dataset's name and options, so that the file's own ``params`` are read, and twelve recordings
that are made here. Readers of real files have tests of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from heartkit.config import load
from heartkit.factories import DatasetFactory, TaskFactory
from heartkit.modes.train import train
from heartkit.params import HKTrainParams
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo
from heartkit.synthesis import ecg, ppg
from heartkit.synthesis.params import EcgParams
from heartkit.synthesis.ppg_params import PpgParams

ZOO = Path(__file__).parents[2] / "zoo"
TASKS = {"seg": "segmentation", "den": "denoise", "arr": "rhythm", "beat": "beat", "fnd": "foundation",
         "diag": "diagnostic", "ppg2ecg": "translate", "ecg2ppg": "translate"}  # fmt: skip
SMALL = [
    "epochs=1", "steps_per_epoch=1", "batch_size=8", "val_size=16", "test_size=16", "data_parallelism=1",
    "verbose=0",
]  # fmt: skip
COUNT, SECONDS = 24, 20
ECG = EcgParams.read({"duration": SECONDS, "presets": ["SR", "AFIB", "PAC", "PVC"]}, "the test")
PPG = PpgParams.read({"duration": SECONDS, "presets": ["SR"]}, "the test")
STATEMENTS = ("NORM", "IMI", "STTC", "LVH", "CLBBB")


def stand_in(kind: Any) -> Any:
    """Return a dataset with the name, options and annotations of another, and recordings that are made here."""

    class StandIn(kind):
        published_splits: ClassVar[frozenset[str]] = frozenset()

        def listing(self) -> list[RecordInfo]:
            return [RecordInfo(str(number), str(number), None) for number in range(COUNT)]

        def read(self, record_id: str) -> Record:
            number = int(record_id)
            if "ppg" in kind.provides:
                return ppg.generate(PPG, 0, [number], with_ecg=True)[0]
            record = ecg.generate(ECG, 0, [number])[0]
            return replace(record, diagnoses={STATEMENTS[number % len(STATEMENTS)]: 100.0})

        def fingerprint(self) -> str:
            return f"stand-in for {kind.name}"

    return StandIn


@pytest.fixture
def stood_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every dataset with files of a publisher is stood in for; a step is not traced, which takes longer than it."""
    import tensorflow as tf

    real = DatasetFactory.get

    def get(name: str) -> Any:
        kind = real(name)
        return kind if "synthetic" in name else stand_in(kind)

    monkeypatch.setattr(DatasetFactory, "get", get)
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.filterwarnings("ignore:Even though the `tf.config:UserWarning")
@pytest.mark.slow
@pytest.mark.usefixtures("stood_in")
@pytest.mark.parametrize("name", sorted(file.parent.name for file in ZOO.glob("*/published.json")))
def test_it_trains_as_it_is_but_for_a_single_step(name: str, tmp_path: Path) -> None:
    file = ZOO / name / "published.json"
    datasets = json.loads(file.read_text(encoding="utf-8"))["datasets"]
    few = [f"datasets.{at}.params.num_pts={COUNT}" for at, one in enumerate(datasets) if "synthetic" in one["name"]]
    places = [f"job_dir={tmp_path / 'job'}", f"cache_dir={tmp_path / 'cache'}"]
    params = load(file, [*SMALL, *few, *places]).params(HKTrainParams)
    result = train(params, TaskFactory.get(TASKS[name.partition("-")[0]]))
    assert result.model_file.is_file()
    assert len(result.history) == 1
