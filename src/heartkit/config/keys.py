"""Which keys a configuration may have: those of any mode, in every object that parameters describe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from heartkit.errors import ConfigError
from heartkit.params import MODE_PARAMS
from heartkit.strict import nested_model, unknown_key


def check_keys(values: Mapping[str, Any], source: str) -> None:
    """See that each key belongs to some mode.

    Parameters
    ----------
    values : mapping
        A configuration, in current names.
    source : str
        Where it comes from, for the error message.

    Raises
    ------
    ConfigError
        If a key is none of any mode; says the nearest one, and names all such keys.
    """
    unknown = list(_unknown(values, list(MODE_PARAMS.values()), ""))
    if unknown:
        raise ConfigError("\n".join(f"{each} (in {source})" for each in unknown))


def _unknown(values: Mapping[str, Any], models: Sequence[type[BaseModel]], path: str) -> Iterator[str]:
    known = {name: field.annotation for model in models for name, field in model.model_fields.items()}
    for key, value in values.items():
        if key not in known:
            yield unknown_key(path, str(key), known)
        elif model := nested_model(known[key]):
            for place, inner in _objects(value, f"{path}.{key}" if path else key):
                yield from _unknown(inner, [model], place)


def _objects(value: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the objects in a value with their paths: the value itself, or the entries of a list."""
    if isinstance(value, Mapping):
        yield path, value
    elif isinstance(value, list):
        yield from ((f"{path}[{i}]", each) for i, each in enumerate(value) if isinstance(each, Mapping))
