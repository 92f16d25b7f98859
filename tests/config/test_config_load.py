"""From a source to the parameters of a mode."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.config import load
from heartkit.errors import ConfigError
from heartkit.params import MODE_PARAMS, HKDemoParams, HKDownloadParams, HKExportParams, HKTestParams, HKTrainParams

ONE_FILE: dict[str, Any] = {
    "name": "seg",
    "job_dir": "./results/${task}-${dataset}",
    "datasets": [
        {"name": "ludb", "path": "./datasets/${dataset}", "weight": 0.25},
        {"name": "ecg-synthetic", "params": {"note": ["${sampling_rate} Hz, ${frame_size} samples for 5 $$"]}},
    ],
    "sampling_rate": 100,
    "frame_size": 256,
    "num_classes": 2,
    "class_map": {"0": 0, "2": 1},
    "force": True,
    "epochs": 3,
    "test_size": 7,
    "val_acc_threshold": 0.5,
    "demo_size": 9,
    "model_file": "model.keras",
    "val_file": "./val.npz",
    "tflm_file": "/out/${task}.h",
    "quantization": {"enabled": True, "format": "int16x8"},
}


def test_one_configuration_serves_all_modes() -> None:
    config = load(ONE_FILE)
    assert config.notes == ()
    assert config.params(HKDownloadParams, "segmentation").force is True
    assert config.params(HKTrainParams, "segmentation").epochs == 3
    assert config.params(HKTestParams, "segmentation").test_size == 7
    assert config.params(HKExportParams, "segmentation").val_acc_threshold == 0.5
    assert config.params(HKDemoParams, "segmentation").demo_size == 9


def test_variables_are_filled_in_wherever_text_stands() -> None:
    params = load(ONE_FILE).params(HKExportParams, "segmentation")
    assert params.job_dir == Path("results/segmentation-ludb-ecg-synthetic")
    assert params.datasets[0].path == Path("datasets/ludb-ecg-synthetic")
    assert params.datasets[1].params == {"note": ["100 Hz, 256 samples for 5 $"]}
    assert params.tflm_file == Path("/out/segmentation.h")


def test_variables_have_the_defaults_of_the_parameters() -> None:
    params = load({"name": "${sampling_rate}/${frame_size}"}).params(HKTrainParams)
    assert params.name == "250/1250"


def test_only_bare_file_names_lie_in_the_job_folder() -> None:
    params = load(ONE_FILE).params(HKTrainParams, "segmentation")
    assert params.model_file == params.job_dir / "model.keras"
    assert params.val_file == Path("val.npz")
    given = load({"job_dir": "/job", "model_file": Path("model.keras")}).params(HKTrainParams)
    assert given.model_file == Path("model.keras")
    default = load({"model_file": "m.keras"}).params(HKTrainParams)
    assert default.model_file == default.job_dir / "m.keras"


@pytest.mark.parametrize("mode", MODE_PARAMS)
def test_resolved_parameters_load_to_equal_parameters(mode: str, tmp_path: Path) -> None:
    cls = MODE_PARAMS[mode]
    params = load(ONE_FILE).params(cls, "segmentation")
    file = tmp_path / "resolved.json"
    file.write_text(json.dumps(params.resolved()))
    assert load(file).params(cls) == params


texts = st.text(st.characters(codec="utf-8", exclude_characters="~/"), min_size=1, max_size=12)


@settings(deadline=None)
@given(
    name=texts, file=texts, seed=st.none() | st.integers(0, 2**40), rate=st.floats(1e-9, 10), smooth=st.floats(0, 0.99),
    labels=st.dictionaries(st.integers(0, 127), st.integers(-1, 3), max_size=5),
    inner=st.dictionaries(texts, st.none() | st.booleans() | texts | st.lists(st.floats(0, 1)), max_size=3),
)  # fmt: skip
def test_any_parameters_survive_resolving_and_loading(
    name: str, file: str, seed: int | None, rate: float, smooth: float, labels: dict[int, int], inner: dict[str, Any]
) -> None:
    params = HKTrainParams(
        name=name, model_file=Path("folder", file.replace("\0", "")), seed=seed, lr_rate=rate, label_smoothing=smooth,
        num_classes=4, class_map=labels, datasets=[{"name": name, "params": inner}],
    )  # fmt: skip
    text = json.dumps(params.resolved())
    assert load(text).params(HKTrainParams) == params
    assert load(text).params(HKTrainParams).resolved() == params.resolved()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epcohs": 3}, "Unknown key 'epcohs'. Did you mean 'epochs'"),
        ({"datasets": [{"name": "a", "pth": "x"}]}, "Unknown key 'datasets[0].pth'. Did you mean 'path'? (in"),
        ({"preprocesses": [{"name": "a"}, {"nam": "b"}]}, "Unknown key 'preprocesses[1].nam'. Did you mean 'name'?"),
        ({"quantization": {"formt": 1}}, "Unknown key 'quantization.formt'. Did you mean 'format'?"),
        ({"architecture": {"name": "tcn", "parms": {}}}, "Unknown key 'architecture.parms'. Did you mean 'params'?"),
    ],
)
def test_a_key_of_no_mode_is_an_error_with_the_nearest(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(values)
    assert str(caught.value).startswith(message)


def test_what_components_take_is_left_to_them() -> None:
    config = load({"architecture": {"name": "mine", "params": {"anything": {"goes": 1}}}})
    params = config.params(HKTrainParams)
    assert params.architecture is not None
    assert params.architecture.params == {"anything": {"goes": 1}}


def test_a_bad_value_is_said_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "seg.json"
    file.write_text('{"frame_size": -5}')
    with pytest.raises(ConfigError) as caught:
        load(file).params(HKTrainParams)
    assert str(caught.value) == f"frame_size must be greater than 0, got -5 (in {file})"


def test_a_bad_value_of_another_mode_does_not_matter() -> None:
    assert load({"epochs": -1, "demo_size": 4}).params(HKDemoParams).demo_size == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${tsk}", "Unknown variable '${tsk}' in job_dir (in the given values). Did you mean '${task}'?"),
        ("${HOME}/x", "Unknown variable '${HOME}' in job_dir (in the given values). Known: task, dataset,"),
        (
            "$HOME/x",
            "'$HOME' in job_dir (in the given values) is no variable; write '${task}' for a variable, '$$' for",
        ),
        ("${task", "'${task' in job_dir (in the given values) is no variable"),
        ("${task}", "'${task}' in job_dir (in the given values) has no meaning here: give --task."),
        ("${dataset}", "'${dataset}' in job_dir (in the given values) has no meaning here: the configuration has no"),
    ],
)
def test_variables_that_mean_nothing_are_errors(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load({"job_dir": text}).params(HKTrainParams)
    assert str(caught.value).startswith(message)


@settings(deadline=None)
@given(st.text())
def test_text_with_its_dollars_doubled_stays_as_it_is(text: str) -> None:
    assert load({"name": f"x{text}".replace("$", "$$")}).params(HKTrainParams).name == f"x{text}"


def test_loading_leaves_the_given_values_alone() -> None:
    values = {
        "datasets": [{"name": "a", "params": {"path": "x"}}],
        "dataset_weights": [2],
        "quantization": {"mode": "INT8"},
    }
    before = json.dumps(values)
    load(values, ["datasets.0.params.n=1", "quantization.debug=true"])
    assert json.dumps(values) == before


def test_import_is_light() -> None:
    script = """
import sys, time
start = time.process_time()
import heartkit.config
spent = time.process_time() - start
heavy = {"yaml", "numpy", "tensorflow", "keras", "rich"} & set(sys.modules)
print(spent, *heavy)
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert said[1:] == []
    assert float(said[0]) < 0.75  # some 0.25 CPU s; the rest is leeway for a busy machine
