"""What any strict parameter class says of a wrong value."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field

from heartkit.errors import ConfigError
from heartkit.strict import StrictParams, nested_model


class Block(StrictParams):
    filters: Annotated[int, Field(gt=0)]
    kernel: Annotated[int, Field(gt=0)] | list[int] = 3
    norm: Literal["batch", "layer"] | None = "layer"
    rate: Literal["auto"] | Annotated[float, Field(ge=0)] = "auto"


class Network(StrictParams):
    blocks: list[Block] = Field(min_length=1)


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"filters": 0}, "blocks[0].filters must be greater than 0, got 0"),
        ({"filters": 2, "kernel": -1}, "blocks[0].kernel must be greater than 0, got -1"),
        ({"filters": 2, "kernel": [3, "x"]}, "blocks[0].kernel[1] must be a whole number, got 'x'"),
        ({"filters": 2, "kernel": "x"}, "blocks[0].kernel must be a whole number, got 'x'"),
        ({"filters": 2, "norm": "group"}, "blocks[0].norm must be 'batch' or 'layer', got 'group'"),
        ({"filters": 2, "rate": -0.5}, "blocks[0].rate must be at least 0, got -0.5"),
        ({"fliters": 2, "filters": 2}, "Unknown key 'blocks[0].fliters'. Did you mean 'filters'?"),
        ({}, "blocks[0].filters is missing; it has no default."),
    ],
)
def test_the_place_and_the_value_are_named(block: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Network(blocks=[block])  # type: ignore[list-item]
    assert str(caught.value) == message
    with pytest.raises(ConfigError) as caught:
        Network.read({"blocks": [block]}, "net.json")
    assert str(caught.value) == f"{message} (in net.json)"


def test_long_values_are_cut() -> None:
    with pytest.raises(ConfigError) as caught:
        Network.read({"blocks": "x" * 1000})
    assert len(str(caught.value)) < 130


def test_an_empty_list_is_said() -> None:
    with pytest.raises(ConfigError, match=r"blocks must not be empty, got \[\]"):
        Network(blocks=[])


def test_the_class_inside_a_type_is_found() -> None:
    assert nested_model(list[Block] | None) is Block
    assert nested_model(dict[str, int]) is None
