"""Reading configuration files; what is broken is named with file, line and column."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from heartkit.errors import ConfigError, nearest_names


def read_source(source: str | Path) -> tuple[dict[str, Any], str]:
    """Read a file, or a JSON object given as text.

    Parameters
    ----------
    source : str or Path
        The file; its suffix says the format. Text that begins with ``{`` is itself the object.

    Returns
    -------
    tuple of dict and str
        The values, and where they come from.

    Raises
    ------
    ConfigError
        If the file is missing, of an unknown format, or broken.
    """
    if isinstance(source, str) and source.lstrip().startswith("{"):
        values, name = parse_json(source, "the JSON text"), "the JSON text"
    else:
        path = Path(source).expanduser()
        parse = _parser(path)
        values, name = parse(_text(path), str(path)), str(path)
    if not isinstance(values, dict):
        got = "nothing" if values is None else f"a {type(values).__name__}"
        raise ConfigError(f"{name}: expected keys with their values, got {got}.")
    return values, name


def parse_json(text: str, name: str) -> Any:
    """Parse JSON; a key that stands twice in one object is an error."""
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _once_each(pairs, name))
    except json.JSONDecodeError as error:
        raise ConfigError(broken(name, error.lineno, error.colno, error.msg, "JSON")) from None
    except RecursionError:
        raise ConfigError(f"{name}: nested too deeply.") from None


def parse_toml(text: str, name: str) -> Any:
    """Parse TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, place = str(error).rpartition(" (at ")
        if numbers := re.fullmatch(r"line (\d+), column (\d+)\)", place):
            line, column = int(numbers[1]), int(numbers[2])
        else:
            line, column = line_and_column(text, len(text))
        raise ConfigError(broken(name, line, column, what, "TOML")) from None
    except RecursionError:
        raise ConfigError(f"{name}: nested too deeply.") from None


def broken(name: str, line: int, column: int, what: str, language: str) -> str:
    """Say where a file is broken; line and column count from 1."""
    what = what.strip().rstrip(".")
    return f"{name}, line {line}, column {column}: this is not valid {language}: {what[:1].lower()}{what[1:]}."


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Return line and column of the character at `position`, counted from 1."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _parse_yaml(text: str, name: str) -> Any:
    from heartkit.config.yaml_files import parse_yaml

    return parse_yaml(text, name)


_PARSERS: dict[str, Callable[[str, str], Any]] = {
    ".json": parse_json, ".yaml": _parse_yaml, ".yml": _parse_yaml, ".toml": parse_toml,
}  # fmt: skip


def _parser(path: Path) -> Callable[[str, str], Any]:
    if not path.is_file():
        raise ConfigError(_missing(path))
    if path.suffix.lower() not in _PARSERS:
        raise ConfigError(f"{path}: the format {path.suffix!r} is not known; expected {', '.join(_PARSERS)}.")
    return _PARSERS[path.suffix.lower()]


def _missing(path: Path) -> str:
    if path.is_dir():
        return f"{path} is a folder; expected a configuration file."
    if not path.parent.is_dir():
        return f"Configuration file {str(path)!r} not found: there is no folder {str(path.parent)!r}."
    names = [each.name for each in path.parent.iterdir() if each.suffix.lower() in _PARSERS]
    near = nearest_names(path.name, names)
    step = f"Did you mean {' or '.join(map(repr, near))}?" if near else _there(names)
    return f"Configuration file {str(path)!r} not found. {step}"


def _there(names: list[str]) -> str:
    shown = ", ".join(sorted(names)[:8]) + (", ..." if len(names) > 8 else "")
    return f"Configuration files there: {shown or 'none'}."


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        readable = error.object[: error.start].decode("utf-8")
        line, column = line_and_column(readable, len(readable))
        raise ConfigError(f"{path}, line {line}, column {column}: this is not UTF-8 text.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None


def _once_each(pairs: list[tuple[str, Any]], name: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ConfigError(f"{name}: the key {key!r} stands twice in one object; keep one of them.")
        values[key] = value
    return values
