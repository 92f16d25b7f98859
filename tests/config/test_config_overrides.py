"""``--set a.b=c``."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.config import load
from heartkit.config.overrides import apply_overrides, parse_override
from heartkit.errors import ConfigError
from heartkit.params import HKTrainParams

parts = st.lists(st.from_regex(r"[a-z_][a-z_0-9]{0,6}", fullmatch=True), min_size=1, max_size=4)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@settings(deadline=None)
@given(parts, json_values)
def test_a_json_value_arrives_as_it_is(path: list[str], value: Any) -> None:
    assert parse_override(f"{'.'.join(path)}={json.dumps(value)}") == (path, value)


@settings(deadline=None)
@given(parts, st.text())
def test_what_is_no_json_is_text(path: list[str], text: str) -> None:
    try:
        number = json.loads(text)
        expected = text if isinstance(number, float) and not math.isfinite(number) else number
    except ValueError:
        expected = text
    assert parse_override(f"{'.'.join(path)}={text}") == (path, expected)


@settings(deadline=None)
@given(parts, json_values)
def test_setting_makes_the_objects_on_the_way(path: list[str], value: Any) -> None:
    values: dict[str, Any] = {}
    apply_overrides(values, [f"{'.'.join(path)}={json.dumps(value)}"])
    for part in path:
        assert list(values) == [part]
        values = values[part]
    assert values == value


def test_overrides_reach_everywhere() -> None:
    file = {"epochs": 1, "datasets": [{"name": "a"}, {"name": "b"}], "class_map": {"0": 0, "1": 0}, "num_classes": 2}
    overrides = [
        "epochs=2", "epochs=3", "datasets.1.weight=2", "datasets[0].path=/x=y", "quantization.format=int8",
        "class_map.1=1", "name=just text", 'architecture={"name": "tcn"}', "architecture.params.blocks=[]",
    ]  # fmt: skip
    params = load(file, overrides).params(HKTrainParams)
    assert params.epochs == 3
    assert params.datasets[1].weight == 2
    assert params.datasets[0].path == Path("/x=y")
    assert params.class_map == {0: 0, 1: 1}
    assert params.name == "just text"
    assert params.architecture is not None
    assert params.architecture.params == {"blocks": []}


def test_overrides_reach_numbers_that_are_keys_in_yaml(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("num_classes: 2\nclass_map: {0: 0, 1: 0}")
    assert load(file, ["class_map.1=1", "class_map.2=0"]).params(HKTrainParams).class_map == {0: 0, 1: 1, 2: 0}


def test_overrides_come_after_the_translation_of_old_names() -> None:
    file = {
        "datasets": [{"name": "a", "params": {"path": "x"}}],
        "dataset_weights": [1],
        "quantization": {"mode": "FP32"},
    }
    config = load(file, ["datasets.0.path=y", "datasets.0.weight=3", "quantization.format=INT8"])
    params = config.params(HKTrainParams)
    assert (params.datasets[0].path, params.datasets[0].weight) == (Path("y"), 3)
    assert params.quantization.format == "INT8"
    assert len(config.notes) == 3


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("epochs", "--set expects KEY=VALUE, such as epochs=3 or datasets.0.weight=2, got 'epochs'."),
        ("=3", "--set expects KEY=VALUE"),
        ("a..b=3", "--set expects KEY=VALUE"),
        ("epcohs=3", "Unknown key 'epcohs'. Did you mean 'epochs'"),
        ("datasets.0.wieght=3", "Unknown key 'datasets[0].wieght'. Did you mean 'weight'? (in --set)"),
        ("datasets.1.weight=2", "--set datasets.1.weight=2: datasets has 1 entries, counted from 0; there is no '1'."),
        ("datasets.first.weight=2", "--set datasets.first.weight=2: datasets has 1 entries"),
        ("epochs.a=1", "--set epochs.a=1: epochs is 3, which has no 'a' inside."),
        ("quantization.mode=INT8", "--set takes the current names only. 'quantization.mode' is obsolete: read as"),
        ("datasets.0.params.path=x", "--set takes the current names only. 'params.path' of a dataset is obsolete"),
    ],
)
def test_an_override_that_leads_nowhere_is_an_error(override: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load({"epochs": 3, "datasets": [{"name": "a"}]}, [override])
    assert str(caught.value).startswith(message)


def test_a_value_that_is_set_is_checked_like_any_other() -> None:
    with pytest.raises(ConfigError, match="epochs must be a whole number, got 'NaN'"):
        load({}, ["epochs=NaN"]).params(HKTrainParams)
