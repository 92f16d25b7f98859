"""What a sweep may change: how it is read, what is refused, what a trial's parameters become."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.config import load
from heartkit.errors import ConfigError
from heartkit.modes.tuning.space import SEARCHABLE, Dimension, Range, Space
from heartkit.params import HKTrainParams, HKTuneParams
from tiny_runs import VALUES

BLOCKS = [{"filters": 8, "kernel": 5}, {"filters": 16, "kernel": 5}]
PARAMS = HKTuneParams(
    architecture={"name": "tcn", "params": {"input_kernel": 5, "blocks": BLOCKS}}, lr_rate=0.01, batch_size=64, seed=3
)


def complaint(space: dict) -> str:
    with pytest.raises(ConfigError) as error:
        Space.read(space)
    return str(error.value)


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({}, "tune.space is empty"),
        ({"lr_rte": [1, 2]}, "Unknown key 'tune.space.lr_rte'. Did you mean 'lr_rate'"),
        ({"lr_rate": []}, "tune.space.lr_rate must not be empty"),
        ({"lr_rate": 0.1}, "tune.space.lr_rate must be a list of choices or"),
        ({"lr_rate": [0.1, 0.2, 0.1]}, "tune.space.lr_rate has the choice 0.1 twice"),
        ({"lr_rate": [1, 0.2, 1.0]}, "tune.space.lr_rate has the choice 1 twice"),
        ({"lr_rate": {"low": 2, "high": 1}}, "tune.space.lr_rate: low must be less than high, got low 2 and high 1"),
        ({"lr_rate": {"low": 0, "high": 1, "log": True}}, "with log, low must be greater than 0, got 0"),
        ({"lr_rate": {"low": 1, "high": 9, "log": True, "step": 2}}, "log and step do not go together"),
        ({"lr_rate": {"low": 1, "high": 9, "step": 9}}, "step must be greater than 0 and at most high - low, got 9"),
        ({"lr_rate": {"low": 1, "hihg": 9}}, "tune.space.lr_rate: Unknown key 'hihg'. Did you mean 'high'"),
        ({"lr_rate": {"low": "1", "high": 9}}, "tune.space.lr_rate: low must be"),
        ({"val_metric": ["acc", "f1"]}, "tune.space cannot change 'val_metric': trials are compared by the same score"),
        ({"frame_size": [128, 256]}, "tune.space cannot change 'frame_size'"),
        ({"lr_rate": [1, 2], "epochs": [3], "lr_rate.": [1]}, "expects KEY=VALUE"),
        ({"architecture.name": ["tcn", "unet"], "architecture": {"name": ["tcn"]}}, "'architecture.name' twice"),
    ],
)  # fmt: skip
def test_a_space_that_cannot_be_searched_is_refused(space, words):
    assert words in complaint(space)


def test_what_may_be_searched_are_parameters_of_training():
    assert set(SEARCHABLE) <= set(HKTrainParams.model_fields)


def test_a_trial_has_its_values_at_their_paths_and_all_else_as_configured():
    space = Space.read(
        {
            "lr_rate": {"low": 0.001, "high": 0.1, "log": True},
            "architecture": {"params": {"blocks.*.filters": [4, 8], "blocks.1.kernel": [3, 9]}},
            "ema_decay": [None, 0.99],
        }
    )
    values = {
        "lr_rate": 0.03,
        "architecture.params.blocks.*.filters": 4,
        "architecture.params.blocks.1.kernel": 9,
        "ema_decay": None,
    }
    assert [one.path for one in space.dimensions] == list(values)
    trial = space.trial(PARAMS, values, "segmentation")
    blocks = [{"filters": 4, "kernel": 5}, {"filters": 4, "kernel": 9}]
    architecture = {"name": "tcn", "params": {"input_kernel": 5, "blocks": blocks}}
    assert trial == HKTrainParams(architecture=architecture, lr_rate=0.03, batch_size=64, seed=3)


def test_paths_are_set_in_their_order():
    one = [{"filters": 24, "kernel": 7}]
    space = Space.read({"architecture.params.blocks": [one, one * 3], "architecture.params.blocks.*.filters": [5, 6]})
    values = {"architecture.params.blocks": one * 3, "architecture.params.blocks.*.filters": 6}
    blocks = space.trial(PARAMS, values).architecture.params["blocks"]
    assert blocks == [{"filters": 6, "kernel": 7}] * 3
    blocks[0]["filters"] = 7
    assert space.trial(PARAMS, values).architecture.params["blocks"][1]["filters"] == 6, "trials share nothing"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("architecture.params.blocks.2.filters", 4, "tune.space architecture.params.blocks.2.filters=4: .* 2 entries"),
        ("architecture.params.input_kernel.*", 4, "'\\*' stands for all entries of a list"),
        ("lr_rate", -1, "lr_rate must be greater than 0, got -1"),
        ("epochs", 2.5, "epochs must be a whole number"),
        ("architecture.nam", "tcn", "'architecture.nam'. Did you mean 'name'"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(path, value, words):
    with pytest.raises(ConfigError, match=words):
        Space.read({path: [value, 5]}).trial(PARAMS, {path: value})


@pytest.mark.parametrize(
    ("options", "inside", "outside", "size"),
    [
        ({"low": 1, "high": 3}, [1, 2, 3], [0, 4, 1.5, True, "1"], 3),
        ({"low": 2, "high": 9, "step": 3}, [2, 5, 8], [3, 9, 5.0], 3),
        ({"low": 0, "high": 0.5}, [0, 0.5, 0.123], [-0.1, 0.6, None], math.inf),
        ({"low": 0.0, "high": 0.3, "step": 0.1}, [0.0, 0.1, 0.2, 0.3], [0.15], 4),
        ([8, "a", None, [1]], [8, "a", None, [1]], [9, [2], "None"], 4),
    ],
)
def test_dimensions_know_their_values(options, inside, outside, size):
    [one] = Space.read({"lr_rate": options}).dimensions
    assert all(map(one.holds, inside))
    assert not any(map(one.holds, outside))
    assert one.size == size


def test_the_configuration_itself_is_a_trial_where_it_lies_in_the_space():
    path = "architecture.params.blocks.*.kernel"
    assert Space.read({"lr_rate": [0.01, 1], path: [3, 5]}).configured(PARAMS) == {"lr_rate": 0.01, path: 5}
    smoothed = {"label_smoothing": [0, 0.1], "lr_rate": [0.01, 1]}
    assert Space.read(smoothed).configured(PARAMS) == {"label_smoothing": 0, "lr_rate": 0.01}, "0 is 0.0"
    assert Space.read({"lr_rate": [0.02, 1]}).configured(PARAMS) is None
    assert Space.read({"architecture.params.blocks.*.filters": [8, 16]}).configured(PARAMS) is None, "they differ"


whole = st.integers(-50, 50)


@given(whole, st.integers(1, 60), st.integers(1, 9))
def test_so_many_values_are_held_as_the_size_says(low, width, step):
    if step > width:
        return
    one = Dimension("epochs", Range(low=low, high=low + width, step=step))
    assert sum(one.holds(value) for value in range(low - 9, low + width + 9)) == one.size
    assert all(map(one.holds, one.extremes)) == (width % step == 0)


def test_spaces_come_from_files_and_overrides(tmp_path: Path):
    file = tmp_path / "seg.json"
    file.write_text(json.dumps({**VALUES, "tune": {"trials": 5, "space": {"lr_rate": [0.1, 0.2]}}}))
    overrides = ["tune.trials=7", "tune.limits.macs=1000", "tune.space.architecture.params.blocks.0.filters=[4, 8]"]
    params = load(file, overrides).params(HKTuneParams)
    assert (params.tune.trials, params.tune.limits.macs, params.tune.limits.arena) == (7, 1000, None)
    paths = [one.path for one in Space.read(params.tune.space).dimensions]
    assert paths == ["lr_rate", "architecture.params.blocks.0.filters"]
    with pytest.raises(ConfigError, match=r"'tune.limits.mac'. Did you mean 'macs'"):
        load({"tune": {"limits": {"mac": 3}}})
    with pytest.raises(ConfigError, match=r"tune.limits.macs must be greater than 0, got 0"):
        load({"tune": {"limits": {"macs": 0}}}).params(HKTuneParams)
