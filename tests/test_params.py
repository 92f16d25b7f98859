"""What parameter classes take, refuse and say."""

from __future__ import annotations

import json
import os
import pickle
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.errors import ConfigError
from heartkit.params import (
    ConversionType,
    DatasetParams,
    HKDemoParams,
    HKDownloadParams,
    HKExportParams,
    HKTestParams,
    HKTrainParams,
    ModelArchitecture,
    QuantizationParams,
    QuantizationType,
)


def complaint(make: Any, **values: Any) -> str:
    """The message with which `values` are refused; it is free of pydantic's words."""
    with pytest.raises(ConfigError) as caught:
        make(**values)
    message = str(caught.value)
    assert not re.search(r"pydantic|https?:|Input should|validation error|\[type=", message)
    return message


def test_defaults_that_depend_on_the_machine() -> None:
    params = HKTrainParams()
    assert params.job_dir == Path(tempfile.gettempdir())
    assert params.data_parallelism == os.cpu_count()


def test_defaults_are_not_shared_between_instances() -> None:
    HKTrainParams().class_map[0] = 1
    HKTrainParams().datasets.append(DatasetParams(name="ludb"))
    DatasetParams(name="ludb").params["leads"] = ["II"]
    assert HKTrainParams().class_map == {}
    assert HKTrainParams().datasets == []
    assert DatasetParams(name="ludb").params == {}


@settings(deadline=None)
@given(st.sampled_from([*QuantizationType, *ConversionType]), st.data())
def test_enumerations_are_read_in_any_letter_case(
    member: QuantizationType | ConversionType, data: st.DataObject
) -> None:
    upper = data.draw(st.lists(st.booleans(), min_size=len(member), max_size=len(member)))
    text = "".join(c.upper() if up else c.lower() for c, up in zip(member, upper, strict=True))
    key = "format" if isinstance(member, QuantizationType) else "conversion"
    assert getattr(QuantizationParams(**{key: text}), key) is member


def test_the_other_choices_are_read_in_any_letter_case() -> None:
    assert QuantizationParams(io_type="INT8").io_type == "int8"
    assert HKTrainParams(class_weights="Balanced", val_metric="F1").val_metric == "f1"
    assert HKTestParams(split="VAL").split == "val"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"frame_size": -5}, "frame_size must be greater than 0, got -5"),
        ({"sampling_rate": 0}, "sampling_rate must be greater than 0, got 0"),
        ({"num_classes": 0}, "num_classes must be greater than 0, got 0"),
        ({"epochs": "50"}, "epochs must be a whole number, got '50'"),
        ({"epochs": True}, "epochs must be a whole number, got True"),
        ({"epochs": 2.5}, "epochs must be a whole number, got 2.5"),
        ({"steps_per_epoch": 0}, "steps_per_epoch must be greater than 0, got 0"),
        ({"batch_size": None}, "batch_size must be a whole number, got None"),
        ({"resume": 1}, "resume must be true or false, got 1"),
        ({"lr_rate": "fast"}, "lr_rate must be a number, got 'fast'"),
        ({"lr_rate": float("nan")}, "lr_rate must be a finite number, got nan"),
        ({"lr_decay": 1.5}, "lr_decay must be at most 1, got 1.5"),
        ({"label_smoothing": 1.0}, "label_smoothing must be less than 1, got 1.0"),
        ({"label_smoothing": -0.1}, "label_smoothing must be at least 0, got -0.1"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"name": 5}, "name must be text, got 5"),
        ({"name": ""}, "name must not be empty, got ''"),
        ({"model_file": 5}, "model_file must be a path, got 5"),
        ({"class_weights": "equal"}, "class_weights must be 'balanced' or 'fixed', got 'equal'"),
        ({"datasets": "ludb"}, "datasets must be a list, got 'ludb'"),
        ({"datasets": [{}]}, "datasets[0].name is missing; it has no default."),
        ({"datasets": ["ludb"]}, "datasets[0] must be an object, got 'ludb'"),
        ({"datasets": [{"name": "a"}, {"name": "b", "weight": -1}]}, "datasets[1].weight must be at least 0, got -1"),
        ({"quantization": {"format": "int9"}},
         "quantization.format must be 'FP32', 'FP16', 'INT8' or 'INT16X8', got 'int9'"),
        ({"quantization": {"io_type": "int4"}},
         "quantization.io_type must be 'int8', 'int16' or 'float32', got 'int4'"),
        ({"samples_per_patient": "many"}, "samples_per_patient must be a whole number, got 'many'"),
        ({"samples_per_patient": [1, "x"]}, "samples_per_patient[1] must be a whole number, got 'x'"),
        ({"samples_per_patient": 0},
         "samples_per_patient must be greater than 0 (in a list, for one class at least), got 0"),
        ({"val_patients": 0},
         "val_patients must be a share between 0 and 1 or a whole number of patients, got 0"),
        ({"val_patients": 2.5},
         "val_patients must be a share between 0 and 1 or a whole number of patients, got 2.5"),
        ({"class_map": {"a": 0}}, "The key 'a' of class_map must be a whole number."),
        ({"class_map": {"0": "a"}}, "class_map[0] must be a whole number, got 'a'"),
    ],
)  # fmt: skip
def test_values_out_of_type_or_range_are_named(values: dict[str, Any], message: str) -> None:
    assert complaint(HKTrainParams, **values) == message


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epoch": 3}, "Unknown key 'epoch'. Did you mean 'epochs' or 'teacher'?"),
        ({"datasets": [{"name": "a", "pth": "x"}]}, "Unknown key 'datasets[0].pth'. Did you mean 'path'?"),
        ({"quantization": {"iotype": "x"}}, "Unknown key 'quantization.iotype'. Did you mean 'io_type'?"),
        ({"architecture": {"name": "tcn", "xyz": 1}}, "Unknown key 'architecture.xyz'. Known here: name, params."),
    ],
)
def test_unknown_keys_are_named_with_the_nearest(values: dict[str, Any], message: str) -> None:
    assert complaint(HKTrainParams, **values) == message


def test_all_problems_are_said_at_once() -> None:
    lines = complaint(HKTrainParams, epochs=0, lr_rate=0, epoch=3).splitlines()
    assert [line.split(" must")[0] for line in lines] == [
        "lr_rate", "epochs", "Unknown key 'epoch'. Did you mean 'epochs' or 'teacher'?"
    ]  # fmt: skip


def test_classes_must_agree() -> None:
    assert complaint(HKTrainParams, num_classes=3, class_map={"3": 4}) == (
        "class_map sends 3 to class 4, but num_classes is 3 (classes 0..2; -1 leaves a label out)."
    )
    assert "-2" in complaint(HKTrainParams, num_classes=3, class_map={3: -2})
    assert complaint(HKTrainParams, num_classes=3, class_names=["a", "b"]) == (
        "class_names has 2 names, but num_classes is 3."
    )
    assert "differ" in complaint(HKTrainParams, num_classes=2, class_names=["a", "a"])
    assert complaint(HKTrainParams, num_classes=3, val_samples_per_patient=[1, 2]) == (
        "val_samples_per_patient lists 2 numbers, but num_classes is 3."
    )
    assert HKTrainParams(num_classes=2, class_map={0: 0, 1: -1, "7": 1}).class_map == {0: 0, 1: -1, 7: 1}
    assert HKTrainParams(num_classes=2, samples_per_patient=[0, 5]).samples_per_patient == [0, 5]


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 200), st.integers(-3, 8), max_size=6), st.integers(1, 6))
def test_class_map_is_taken_exactly_if_all_targets_are_classes(class_map: dict[int, int], classes: int) -> None:
    if all(-1 <= target < classes for target in class_map.values()):
        as_in_json = json.loads(json.dumps(class_map))
        assert HKTrainParams(num_classes=classes, class_map=as_in_json).class_map == class_map
    else:
        with pytest.raises(ConfigError, match="class_map sends"):
            HKTrainParams(num_classes=classes, class_map=class_map)


def test_weights_may_be_zero_but_not_all() -> None:
    zero, one = DatasetParams(name="a", weight=0), DatasetParams(name="b", weight=1)
    assert HKDownloadParams(datasets=[zero, one]).datasets[0].weight == 0
    assert "weights of all datasets are 0" in complaint(HKDownloadParams, datasets=[zero, zero])


@pytest.mark.parametrize("patients", [None, 0.2, 1, 1.0, 30])
def test_patients_are_a_share_or_a_count(patients: float | None) -> None:
    assert HKTrainParams(val_patients=patients).val_patients == patients


def test_export_checks_its_thresholds_and_names() -> None:
    assert HKExportParams(val_acc_threshold=None).val_acc_threshold is None
    assert "at most 1" in complaint(HKExportParams, val_acc_threshold=1.2)
    assert "C identifier" in complaint(HKExportParams, tflm_var_name="g-model")
    assert "C identifier" in complaint(HKExportParams, tflm_var_name="2g")


def test_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    params = HKTrainParams(job_dir="~/jobs", datasets=[{"name": "ludb", "path": "~/data"}])
    assert params.job_dir == Path("/home/me/jobs")
    assert params.datasets[0].path == Path("/home/me/data")
    assert "no such home folder" in complaint(HKTrainParams, job_dir="~nobody-has-this-name/x")


def test_parameters_do_not_change_but_can_be_replaced() -> None:
    params = HKTrainParams(epochs=3, architecture=ModelArchitecture(name="tcn"))
    with pytest.raises(ConfigError, match=r"params.replaced\(epochs=5\)"):
        params.epochs = 5  # type: ignore[misc]
    longer = params.replaced(epochs=5)
    assert (params.epochs, longer.epochs, longer.architecture) == (3, 5, ModelArchitecture(name="tcn"))
    assert "greater than 0" in complaint(params.replaced, epochs=0)


def test_resolved_is_plain_json() -> None:
    params = HKExportParams(
        model_file="m.keras", quantization={"format": "int16x8"}, class_map={0: 0}, tflm_file="/a.h"
    )
    values = params.resolved()
    assert json.loads(json.dumps(values)) == values
    assert values["quantization"]["format"] == "INT16X8"
    assert (values["model_file"], values["tflm_file"]) == ("./m.keras", "/a.h")
    assert set(values) == set(HKExportParams.model_fields)


def test_parameters_travel_to_other_processes() -> None:
    params = HKDemoParams(datasets=[{"name": "ludb"}], record="12")
    assert pickle.loads(pickle.dumps(params)) == params
