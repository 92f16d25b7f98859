"""Both generations of file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from heartkit.config import load
from heartkit.errors import ConfigError
from heartkit.params import (
    ConversionType,
    HKDemoParams,
    HKDownloadParams,
    HKExportParams,
    HKTestParams,
    HKTrainParams,
    QuantizationType,
)

SECOND: dict[str, Any] = {
    "name": "seg",
    "dataset_weights": [0.2, 0.8],
    "datasets": [
        {"name": "ludb", "params": {"path": "./datasets/ludb", "leads": [0, 1]}},
        {"name": "ecg-synthetic", "params": {"path": "./s", "num_pts": 10}},
    ],
    "force_download": True,
    "val_steps_per_epoch": 5,
    "test_metric": "f1",
    "test_metric_threshold": 0.02,
    "quantization": {"qat": False, "mode": "int8", "io_type": "int8", "concrete": True, "debug": False},
    "temperature": 0.5,
    "num_classes": 2,
    "test_samples_per_patient": [5, 10],
    "use_logits": False,
}


def test_second_generation() -> None:
    config = load(SECOND)
    train = config.params(HKTrainParams)
    ludb, synthetic = train.datasets
    assert (ludb.path, ludb.params, ludb.weight) == (Path("datasets/ludb"), {"leads": [0, 1]}, 0.2)
    assert (synthetic.path, synthetic.params, synthetic.weight) == (Path("s"), {"num_pts": 10}, 0.8)
    assert (train.val_steps_per_epoch, train.temperature) == (5, 0.5)
    assert train.quantization.enabled is True
    assert train.quantization.format is QuantizationType.INT8
    assert train.quantization.conversion is ConversionType.CONCRETE
    assert config.params(HKDownloadParams).force is True
    export = config.params(HKExportParams)
    assert (export.test_metric, export.test_metric_threshold) == ("f1", 0.02)
    assert config.params(HKTestParams).test_size == 200_000, "what belongs to another mode is no error"


def test_each_translation_is_said_once() -> None:
    notes = load(SECOND).notes
    assert [note.split("'")[1] for note in notes] == [
        "force_download", "quantization.mode", "quantization.concrete", "params.path", "dataset_weights"
    ]  # fmt: skip
    assert len(set(notes)) == len(notes)


def test_first_generation_with_obsolete_keys() -> None:
    config = load({
        "ds_path": "/data",
        "datasets": [{"name": "ludb"}, {"name": "qtdb", "path": "/elsewhere"}],
        "val_acc_threshold": 0.9,
        "quantization": {"enabled": False, "mode": "FP32", "concrete": False},
    })  # fmt: skip
    params = config.params(HKExportParams)
    assert [each.path for each in params.datasets] == [Path("/data/ludb"), Path("/elsewhere")]
    assert params.quantization.conversion is ConversionType.KERAS
    assert len(config.notes) == 3


@pytest.mark.parametrize(
    ("given", "enabled"),
    [
        ({"mode": "INT16X8"}, True),
        ({"mode": "fp32"}, False),
        ({"mode": "INT8", "enabled": False}, False),
        ({"format": "INT8"}, False),
    ],
)
def test_mode_says_whether_to_quantise_where_nothing_else_does(given: dict[str, Any], enabled: bool) -> None:
    assert load({"quantization": given}).params(HKTrainParams).quantization.enabled is enabled


def test_old_names_of_datasets_are_left_to_the_registry() -> None:
    params = load({"datasets": [{"name": "synthetic"}]}).params(HKTrainParams)
    assert params.datasets[0].name == "synthetic"


def test_model_config_is_ignored_and_said() -> None:
    config = load({"model_config": {"extra": "allow"}, "demo_size": 5})
    assert config.params(HKDemoParams).demo_size == 5
    assert config.notes == ("'model_config' is an attribute of the parameter class, not a parameter: ignored.",)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"dataset_weights": [1], "datasets": [{"name": "a"}, {"name": "b"}]},
         "dataset_weights has 1 numbers for 2 datasets; expected one for each (in the given values)."),
        ({"dataset_weights": [1]}, "dataset_weights has 1 numbers for 0 datasets"),
        ({"dataset_weights": 1, "datasets": [{"name": "a"}]}, "dataset_weights must be a list, got 1"),
        ({"dataset_weights": [1], "datasets": [{"name": "a", "weight": 2}]},
         "dataset_weights[0] and datasets[0].weight disagree: 1, 2"),
        ({"quantization": {"mode": "INT8", "format": "FP16"}},
         "'quantization.mode' (obsolete) and 'quantization.format' disagree: 'INT8', 'FP16'"),
        ({"force_download": True, "force": False}, "'force_download' (obsolete) and 'force' disagree: True, False"),
        ({"datasets": [{"name": "a", "path": "x", "params": {"path": "y"}}]},
         "'datasets[0].params.path' (obsolete) and 'datasets[0].path' disagree: 'y', 'x'"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_an_error(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(values)
    assert str(caught.value).startswith(message)


def test_no_weights_is_no_weights() -> None:
    config = load({"dataset_weights": None, "datasets": [{"name": "a"}]})
    assert config.params(HKTrainParams).datasets[0].weight == 1


def test_a_translated_value_is_still_checked() -> None:
    config = load({"dataset_weights": [-1], "datasets": [{"name": "a"}], "quantization": {"mode": "int9"}})
    with pytest.raises(ConfigError) as caught:
        config.params(HKTrainParams)
    assert "datasets[0].weight must be at least 0, got -1" in str(caught.value)
    assert "quantization.format must be 'FP32', 'FP16', 'INT8' or 'INT16X8', got 'int9'" in str(caught.value)


@pytest.mark.parametrize("key", ["num_pts", "augmentations-dis", "model"])
def test_a_key_of_neither_generation_is_an_error(key: str) -> None:
    with pytest.raises(ConfigError, match=f"Unknown key '{key}'"):
        load({key: {}})
