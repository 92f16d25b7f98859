"""Reading JSON, YAML and TOML; saying where a file is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.config import load
from heartkit.config.files import parse_json, parse_toml
from heartkit.config.yaml_files import parse_yaml
from heartkit.errors import ConfigError
from heartkit.params import HKTrainParams

texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs", "S"]), max_size=10)
leaves = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.dictionaries(
    texts, st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
)


class Dumper(yaml.SafeDumper):
    """PyYAML follows YAML 1.1 and leaves text such as ``1e3`` without quotes, which YAML 1.2 takes for a number."""

    def represent_str(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style='"' if "e" in text.lower() else None)


Dumper.add_representer(str, Dumper.represent_str)


def as_toml(value: Any) -> str:
    """Write a value in TOML; JSON's text, numbers and booleans are TOML's too."""
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {as_toml(each)}" for key, each in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@settings(deadline=None)
@given(values)
def test_the_three_formats_say_the_same(params: dict[str, Any]) -> None:
    config = {"architecture": {"name": "tcn", "params": params}}
    toml = "".join(f"{key} = {as_toml(value)}\n" for key, value in config.items())
    assert parse_json(json.dumps(config), "json") == config
    assert parse_yaml(yaml.dump(config, Dumper=Dumper, allow_unicode=True), "yaml") == config
    assert parse_toml(toml, "toml") == config


def test_the_three_formats_give_equal_parameters(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"epochs": 3, "lr_rate": 1e-4, "num_classes": 2, "class_map": {"0": 0, "7": 1}}')
    (tmp_path / "a.yml").write_text("epochs: 3\nlr_rate: 1e-4\nnum_classes: 2\nclass_map: {0: 0, 7: 1}\n")
    (tmp_path / "a.toml").write_text("epochs = 3\nlr_rate = 1e-4\nnum_classes = 2\nclass_map = {0 = 0, 7 = 1}\n")
    expected = HKTrainParams(epochs=3, lr_rate=0.0001, num_classes=2, class_map={0: 0, 7: 1})
    for name in ("a.json", "a.yml", "a.toml"):
        assert load(tmp_path / name).params(HKTrainParams) == expected
    assert load(str(tmp_path / "a.json")).source == str(tmp_path / "a.json")


@pytest.mark.parametrize("text", ["1e-3", "1E+5", "-2e6", "5.e-1", "+3e0"])
def test_yaml_reads_numbers_with_an_exponent(text: str) -> None:
    assert parse_yaml(f"x: {text}", "yaml") == {"x": float(text)}


@pytest.mark.parametrize("text", ["e3", "1e", "2e3x", "v1e3"])
def test_yaml_leaves_other_words_alone(text: str) -> None:
    assert parse_yaml(f"x: {text}", "yaml") == {"x": text}


def test_yaml_runs_nothing() -> None:
    with pytest.raises(ConfigError, match="line 1, column 7"):
        parse_yaml("name: !!python/object/apply:os.getcwd []", "evil.yaml")


def test_yaml_merges_keys() -> None:
    assert parse_yaml("a: &a {x: 1}\nb:\n  <<: *a\n  x: 2\n", "yaml")["b"] == {"x": 2}


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("a.json", '{"name": "x",\n "epochs": 3,,}', "line 2, column 14: this is not valid JSON"),
        ("a.json", "", "line 1, column 1: this is not valid JSON"),
        ("a.json", '{"a": 1}\n{', "line 2, column 1: this is not valid JSON"),
        ("a.yaml", "name: x\nepochs: [1\nb: 2", "line 3, column 2: this is not valid YAML"),
        ("a.yaml", "name: x\n  y: 3", "line 2, column 4: this is not valid YAML"),
        ("a.yaml", "name: x\nepochs: 3\nepochs: 4", "line 3, column 1: this is not valid YAML"),
        ("a.yaml", 'name: x\ny: "\x07"', "line 2, column 5: this is not valid YAML"),
        ("a.toml", 'name = "x"\nepochs = = 3', "line 2, column 10: this is not valid TOML"),
        ("a.toml", 'name = "x"\nepochs = [1', "line 2, column 12: this is not valid TOML"),
        ("a.toml", "a = 1\na = 2\n", "line 2, column 6: this is not valid TOML"),
    ],
)
def test_a_broken_file_is_said_with_line_and_column(tmp_path: Path, name: str, text: str, place: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}, {place}")


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".toml"])
def test_a_file_that_is_no_text_is_said(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a{suffix}"
    file.write_bytes('"ä"\n  '.encode() + b"\xff\xfe")
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert str(caught.value) == f"{file}, line 2, column 3: this is not UTF-8 text."


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"epochs": 3}', encoding="utf-8-sig")
    assert load(file).values == {"epochs": 3}


@pytest.mark.parametrize(
    ("name", "text"), [("a.json", "[1]"), ("a.yaml", "just text"), ("a.yaml", ""), ("a.json", "3")]
)
def test_the_top_must_be_keys_with_values(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(ConfigError, match="expected keys with their values, got"):
        load(file)


def test_a_missing_file_is_said_with_the_nearest(tmp_path: Path) -> None:
    for name in ("seg-2.json", "rhythm.yaml", "notes.txt"):
        (tmp_path / name).touch()
    with pytest.raises(ConfigError, match=r"'seg-2\.json'") as caught:
        load(tmp_path / "sge-2.json")
    assert "notes" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"Configuration files there: rhythm.yaml, seg-2.json\."):
        load(tmp_path / "0")
    with pytest.raises(ConfigError, match="there is no folder"):
        load(tmp_path / "nowhere" / "seg.json")
    with pytest.raises(ConfigError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(ConfigError, match=r"format '.txt' is not known; expected .json, .yaml, .yml, .toml"):
        load(tmp_path / "notes.txt")


def test_json_as_text() -> None:
    assert load(' {"epochs": 3}').params(HKTrainParams).epochs == 3
    with pytest.raises(ConfigError, match="the JSON text, line 1, column 12"):
        load('{"epochs": }')
    with pytest.raises(ConfigError, match="'name' stands twice"):
        load('{"name": "a", "datasets": [], "name": "b"}')


def test_depth_is_no_way_to_crash() -> None:
    with pytest.raises(ConfigError, match="nested too deeply"):
        load('{"name": ' + "[" * 100_000)
