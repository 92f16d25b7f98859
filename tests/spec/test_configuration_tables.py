"""The parameter classes against the tables, row by row: the specification's where it is, the users' page always."""

from __future__ import annotations

import ast
import os
import re
import tempfile
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import ConfigDict
from pydantic.fields import FieldInfo

from heartkit import params

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "configuration.md"
CLASSES = [
    "QuantizationParams", "ModelArchitecture", "PreprocessParams", "AugmentationParams", "DatasetParams",
    "HKDownloadParams", "HKTrainParams", "HKTestParams", "HKExportParams", "HKDemoParams",
]  # fmt: skip

OWN = {"HKTuneParams": "HKTrainParams", "TuneParams": "StrictParams", "TuneLimits": "StrictParams"}
"""Classes that the specification does not have, and what each is made from."""


@dataclass(frozen=True)
class Row:
    cls: str
    name: str
    type: str
    need: str
    default: str


def cells_of(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def rows_of(text: str) -> list[Row]:
    """Rows of the tables under ``### Class`` headings."""
    rows, cls = [], ""
    for line in text.splitlines():
        if line.startswith("#"):
            cls = line.removeprefix("### ").strip() if line.startswith("### ") else ""
        elif cls and line.startswith("|") and not line.startswith(("| ---", "| Argument")):
            rows.append(Row(cls, *cells_of(line)[:4]))
    return rows


def own_rows_of(text: str) -> list[Row]:
    """Rows of the table of what heartkit adds."""
    section = text.partition("## heartkit's own")[2]
    return [Row(*cells_of(line)[:5]) for line in section.splitlines() if line.startswith(("| HK", "| Quant", "| Tune"))]


@pytest.fixture(scope="module")
def specification() -> str:
    file = ROOT.parent / "shared" / "spec" / "configuration.md"
    if not file.is_file():
        pytest.skip(f"the specification is not here: {file}")
    return file.read_text()


def expected_default(row: Row, kind: Any) -> Any:
    """What the default cell means for a type; a blank cell is an empty list or dict, or plain parameters."""
    if row.default == "`tempfile.gettempdir`":
        return Path(tempfile.gettempdir())
    if row.default == "`os.cpu_count`":
        return os.cpu_count()
    if row.default == "Path()":
        return Path()
    if not row.default:
        if kind is params.ModelArchitecture:
            return None
        return (typing.get_origin(kind) or kind)()
    try:
        return ast.literal_eval(row.default)
    except ValueError:
        return kind(row.default) if isinstance(kind, type) else row.default


def check(row: Row) -> None:
    cls = getattr(params, row.cls)
    if row.type == "ConfigDict":
        # pydantic's own attribute of every class: it cannot be a field.
        assert row.name == "model_config"
        assert ConfigDict(**cls.model_config)["extra"] == "forbid"
        return
    field: FieldInfo = cls.model_fields[row.name]
    kind = eval(row.type, vars(params) | vars(typing))
    hint = typing.get_type_hints(cls)[row.name]
    if row.need == "Required" and not row.default:
        assert field.is_required()
        assert hint == kind
        return
    default = field.get_default(call_default_factory=True)
    assert default == expected_default(row, kind)
    assert isinstance(default, bool) == (kind is bool)
    assert row.need in ("Optional", "Required")
    assert hint == kind if default is not None else hint in (kind, kind | None)


def label(row: Row) -> str:
    return f"{row.cls}.{row.name}"


@pytest.mark.parametrize("row", rows_of(PAGE.read_text()) + own_rows_of(PAGE.read_text()), ids=label)
def test_class_has_row_of_users_page(row: Row) -> None:
    check(row)


def test_class_has_every_row_of_specification(specification: str) -> None:
    rows = rows_of(specification)
    assert {row.cls for row in rows} == set(CLASSES)
    assert len(rows) == 121
    for row in rows:
        check(row)


def test_users_page_has_the_rows_of_the_specification(specification: str) -> None:
    assert rows_of(PAGE.read_text()) == rows_of(specification)


@pytest.mark.parametrize("cls", CLASSES)
def test_class_has_no_field_that_the_users_page_leaves_out(cls: str) -> None:
    page = PAGE.read_text()
    told = {row.name for row in rows_of(page) + own_rows_of(page) if row.cls == cls} - {"model_config"}
    assert set(getattr(params, cls).model_fields) == told


@pytest.mark.parametrize("cls", OWN)
def test_the_users_page_has_what_heartkits_own_classes_add(cls: str) -> None:
    told = {row.name for row in own_rows_of(PAGE.read_text()) if row.cls == cls}
    assert set(getattr(params, cls).model_fields) - set(getattr(params, OWN[cls]).model_fields) == told
