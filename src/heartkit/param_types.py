"""Types of parameters: which values they take, and how they are read."""

import re
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _number_as_text(value: object) -> object:
    """Many recordings are called by a number, which `--set` reads as one."""
    return str(value) if type(value) is int else value


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError(f"starts with '~' but there is no such home folder, got {str(path)!r}") from None


def _io_type(value: str) -> str:
    if value.lower() not in ("int8", "int16", "float32"):
        raise ValueError(f"must be 'int8', 'int16' or 'float32', got {value!r}")
    return value.lower()


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*", value, re.ASCII):
        raise ValueError(f"must be a C identifier (letters, digits, underscores), got {value!r}")
    return value


def _share_or_whole(number: float | None, of: str) -> float | None:
    if number is not None and (number <= 0 or (number > 1 and number % 1)):
        raise ValueError(f"must be a share between 0 and 1 or a whole number of {of}, got {number:g}")
    return number


def _samples(value: int | list[int]) -> int | list[int]:
    numbers = value if isinstance(value, list) else [value]
    if min(numbers, default=0) < 0 or max(numbers, default=0) == 0:
        raise ValueError(f"must be greater than 0 (in a list, for one class at least), got {value!r}")
    return value


def _whole_keys(value: object) -> object:
    """Read the keys as numbers: JSON and TOML have text there."""
    if not isinstance(value, dict):
        return value
    return {int(k) if isinstance(k, str) and re.fullmatch(r"-?\d+", k, re.ASCII) else k: v for k, v in value.items()}


Text = Annotated[str, Field(min_length=1)]
File = Annotated[Path, Field(strict=False), AfterValidator(_expanded)]
Count = Annotated[int, Field(gt=0)]
Seed = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Overlap = Annotated[float, Field(ge=0, lt=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Patients = Annotated[float | None, AfterValidator(partial(_share_or_whole, of="patients"))]
Layers = Annotated[float | None, AfterValidator(partial(_share_or_whole, of="layers"))]
SamplesPerPatient = Annotated[int | list[int], AfterValidator(_samples)]
ClassMap = Annotated[dict[int, int], BeforeValidator(_whole_keys)]
Metric = Annotated[Literal["loss", "acc", "f1"], BeforeValidator(_lower)]
IoType = Annotated[str, AfterValidator(_io_type)]
Identifier = Annotated[str, AfterValidator(_identifier)]
RecordName = Annotated[Text, BeforeValidator(_number_as_text)]
ClassWeights = Annotated[Literal["balanced", "fixed"], BeforeValidator(_lower)]
TuneObjective = Annotated[Literal["pareto", "score"], BeforeValidator(_lower)]
Split = Annotated[Literal["train", "val", "test", "all"], BeforeValidator(_lower)]
