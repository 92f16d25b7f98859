"""YAML configurations; a module of its own because only those who write YAML wait for its import."""

from __future__ import annotations

import re
from typing import Any

import yaml

from heartkit.config.files import broken, line_and_column
from heartkit.errors import ConfigError


class _Loader(yaml.SafeLoader):
    """Plain data only; a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Make a dict, once all keys are known to differ."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark)
            if isinstance(key.value, str) and key.tag != "tag:yaml.org,2002:merge":
                seen.add(key.value)
        return super().construct_mapping(node, deep)


# PyYAML follows YAML 1.1, where 1e-3 is text because it has no dot. In YAML 1.2 and in JSON it is a number.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def parse_yaml(text: str, name: str) -> Any:
    """Parse YAML."""
    try:
        return yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = ", ".join(filter(None, (error.context, error.problem)))
        raise ConfigError(broken(name, line, column, what, "YAML")) from None
    except yaml.reader.ReaderError as error:
        line, column = line_and_column(text, error.position)
        raise ConfigError(broken(name, line, column, error.reason, "YAML")) from None
    except RecursionError:
        raise ConfigError(f"{name}: nested too deeply.") from None
