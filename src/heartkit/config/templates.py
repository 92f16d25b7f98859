"""Variables in configurations: ``${task}``, ``${dataset}``, ``${sampling_rate}``, ``${frame_size}``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from heartkit.errors import ConfigError, nearest_names

_VARIABLE = re.compile(r"\$(\$|\{[^}]*\}?|\w*)")
_HOW_TO_GIVE = {"task": "give --task", "dataset": "the configuration has no datasets"}


def fill(value: Any, variables: Mapping[str, str | None], key: str, source: str) -> Any:
    """Fill in the variables in all texts and paths within a value.

    Parameters
    ----------
    value : any
        What a configuration holds.
    variables : mapping of str to str or None
        What each variable stands for; None where that is not known here.
    key : str
        Where the value stands, for error messages.
    source : str
        Where the configuration comes from, for error messages.

    Returns
    -------
    any
        The value, filled in. ``$$`` has become a plain dollar sign.

    Raises
    ------
    ConfigError
        If a variable is unknown, or a dollar sign stands alone.
    """
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: _meaning(match[1], variables, f"in {key} (in {source})"), value)
    if isinstance(value, Path):
        return Path(fill(str(value), variables, key, source))
    if isinstance(value, Mapping):
        return {name: fill(each, variables, f"{key}.{name}", source) for name, each in value.items()}
    if isinstance(value, list):
        return [fill(each, variables, f"{key}[{i}]", source) for i, each in enumerate(value)]
    return value


def _meaning(found: str, variables: Mapping[str, str | None], where: str) -> str:
    if found == "$":
        return "$"
    name = found.strip("{}").strip()
    if not (found.startswith("{") and found.endswith("}")):
        raise ConfigError(f"'${found}' {where} is no variable; write '${{task}}' for a variable, '$$' for a plain '$'.")
    if name not in variables:
        near = nearest_names(name, variables)
        step = f"Did you mean '${{{near[0]}}}'?" if near else f"Known: {', '.join(variables)}."
        raise ConfigError(f"Unknown variable '${{{name}}}' {where}. {step}")
    meaning = variables[name]
    if meaning is None:
        raise ConfigError(f"'${{{name}}}' {where} has no meaning here: {_HOW_TO_GIVE[name]}.")
    return meaning
