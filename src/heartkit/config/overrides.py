"""``--set a.b=c``: single values of a configuration, given on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from heartkit.errors import ConfigError


def apply_overrides(values: dict[str, Any], overrides: Sequence[str], option: str = "--set") -> None:
    """Set values in place, in the order given.

    Parameters
    ----------
    values : dict
        A configuration.
    overrides : sequence of str
        For example ``epochs=3``, ``quantization.format=int8``, ``datasets.0.weight=2``.
    option : str
        Where they were given, for error messages.

    Raises
    ------
    ConfigError
        If one is not of the form ``KEY=VALUE`` or leads to a place that cannot exist.
    """
    for override in overrides:
        path, value = parse_override(override)
        _set(values, path, value, f"{option} {override}")


def parse_override(override: str) -> tuple[list[str], Any]:
    """Split ``a.b=c`` into its path and its value.

    Parameters
    ----------
    override : str
        The key's parts are parted by dots; ``a[0]`` is ``a.0``. The value is JSON, or else text.

    Returns
    -------
    tuple of list of str and value
        For example ``(["a", "b"], "c")``.

    Raises
    ------
    ConfigError
        If there is no ``=`` or a part of the key is empty.
    """
    key, equals, text = override.partition("=")
    path = re.sub(r"\[(\d+)\]", r".\1", key.strip()).split(".")
    if not equals or not all(path):
        raise ConfigError(f"--set expects KEY=VALUE, such as epochs=3 or datasets.0.weight=2, got {override!r}.")
    try:
        return path, json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return path, text


def _set(values: dict[str, Any], path: list[str], value: Any, given: str) -> None:
    place: Any = values
    for depth, part in enumerate(path):
        key = _key(place, part, ".".join(path[:depth]), given)
        if depth == len(path) - 1:
            place[key] = value
        else:
            place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]


def _key(place: Any, part: str, where: str, given: str) -> str | int:
    if isinstance(place, dict):
        # YAML may have numbers for keys, as in class_map.
        return int(part) if part.isdecimal() and int(part) in place else part
    if isinstance(place, list):
        if part.isdecimal() and int(part) < len(place):
            return int(part)
        raise ConfigError(f"{given}: {where} has {len(place)} entries, counted from 0; there is no {part!r}.")
    raise ConfigError(f"{given}: {where} is {place!r}, which has no {part!r} inside.")


def _no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python reads but JSON does not have."""
    raise ValueError(name)
