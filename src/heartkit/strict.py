"""Parameter classes that take nothing they do not know, and say in one sentence what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from heartkit.errors import ConfigError, nearest_names

if TYPE_CHECKING:
    from typing import Self

    from pydantic_core import ErrorDetails

_UNION_BRANCH = re.compile(r"(int|float|str|bool|constrained-\w+|(list|tuple|dict|literal|function-\w+|nullable)\[.*)$")
_EXPECTED = {
    "int": "a whole number", "float": "a number", "bool": "true or false", "string": "text", "list": "a list",
    "tuple": "a list", "dict": "an object", "model": "an object", "path": "a path", "finite_number": "a finite number",
}  # fmt: skip
_LIMIT = {
    "greater_than": ("greater than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


class StrictParams(BaseModel):
    """Base of parameter classes: no unknown key, no silent conversion, no change once made.

    A whole number is not read from ``"5"`` or ``true``, and no number is NaN or infinite.

    Raises
    ------
    ConfigError
        If a key is unknown or missing, or a value is of the wrong type or out of range.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, defer_build=True)

    # Type checkers see the signatures that pydantic derives from the fields.
    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise ConfigError(explain(error, type(self))) from None

        # Without the mark pydantic would call this for nested parameters too, and their place would be lost.
        __init__.__pydantic_base_init__ = True

        def __setattr__(self, name: str, value: Any) -> None:
            raise ConfigError(f"Parameters do not change once made; use params.replaced({name}={value!r}).")

    @classmethod
    def read(cls, values: Mapping[str, Any], source: str = "") -> Self:
        """Make an instance from what a file holds.

        Parameters
        ----------
        values : mapping
            Key to value.
        source : str
            Where they come from, for the error message.
        """
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ConfigError(explain(error, cls, source)) from None

    def replaced(self, **changes: Any) -> Self:
        """Return a copy with some values changed, checked like a new one."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**(given | changes))


def explain(error: ValidationError, model: type[BaseModel], source: str = "") -> str:
    """Say what pydantic found, one line for each problem.

    Parameters
    ----------
    error : ValidationError
        What pydantic raised.
    model : type
        The class that was being made.
    source : str
        Where the values come from, e.g. a file name.

    Returns
    -------
    str
        For example ``frame_size must be greater than 0, got -5 (in seg.json)``.
    """
    where = f" (in {source})" if source else ""
    problems = _one_branch_of_unions(error.errors(include_url=False))
    return "\n".join(_sentence(problem, model) + where for problem in problems)


def unknown_key(path: str, key: str, known: Iterable[str]) -> str:
    """Say that a key is not known, and which one is nearest.

    Parameters
    ----------
    path : str
        What holds the key, e.g. ``"datasets[0]"``; empty at the top.
    key : str
        The unknown key.
    known : iterable of str
        The keys that would have worked there.
    """
    near = nearest_names(key, known)
    step = f"Did you mean {' or '.join(map(repr, near))}?" if near else f"Known here: {', '.join(sorted(known))}."
    return f"Unknown key {(f'{path}.{key}' if path else key)!r}. {step}"


def nested_model(annotation: Any) -> type[BaseModel] | None:
    """Return the parameter class inside a type such as ``list[DatasetParams]``, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(nested_model, get_args(annotation))), None)


def _sentence(problem: ErrorDetails, model: type[BaseModel]) -> str:
    place = [part for part in problem["loc"] if not (isinstance(part, str) and _UNION_BRANCH.match(part))]
    if problem["type"] == "extra_forbidden":
        return unknown_key(_path(place[:-1]), str(place[-1]), _model_at(model, place[:-1]).model_fields)
    if place[-1:] == ["[key]"]:
        return f"The key {place[-2]!r} of {_path(place[:-2])} must be {_EXPECTED.get(_kind(problem), 'another')}."
    return f"{_path(place)} {_complaint(problem)}".strip()


def _complaint(problem: ErrorDetails) -> str:
    kind, context, got = problem["type"], problem.get("ctx", {}), f"got {_short(problem['input'])}"
    if kind == "missing":
        return "is missing; it has no default."
    if kind == "value_error":
        return str(context["error"])
    if kind in _LIMIT:
        words, key = _LIMIT[kind]
        return f"must be {words} {context[key]:g}, {got}"
    if kind in ("literal_error", "enum"):
        return f"must be {context['expected']}, {got}"
    if kind in ("string_too_short", "too_short"):
        return f"must not be empty, {got}"
    if expected := _EXPECTED.get(_kind(problem)):
        return f"must be {expected}, {got}"
    return f"cannot be used: {problem['msg'][:1].lower()}{problem['msg'][1:]}, {got}"


def _kind(problem: ErrorDetails) -> str:
    """Return what was expected: ``int`` for ``int_type``, ``int_parsing`` and ``int_from_float``."""
    return re.sub(r"_(attributes_type|type|parsing|from_float)$", "", problem["type"])


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _path(place: Iterable[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def _model_at(model: type[BaseModel], place: Iterable[str | int]) -> type[BaseModel]:
    for part in place:
        if part in model.model_fields:
            model = nested_model(model.model_fields[str(part)].annotation) or model
    return model


def _one_branch_of_unions(problems: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Where a value may be of several types, keep the complaint of the type it was most likely meant to be.

    That is the one that was entered deepest, then the one that fails for its value and not for its type.
    """
    groups: dict[tuple[str | int, ...], dict[str | int, list[ErrorDetails]]] = {}
    for number, problem in enumerate(problems):
        place = problem["loc"]
        cut = next((i for i, part in enumerate(place) if isinstance(part, str) and _UNION_BRANCH.match(part)), None)
        key, branch = (place, number) if cut is None else (place[:cut], place[cut])
        groups.setdefault(key, {}).setdefault(branch, []).append(problem)
    for branches in groups.values():
        yield from max(
            branches.values(),
            key=lambda branch: (
                max(len(p["loc"]) for p in branch),
                not branch[0]["type"].endswith(("_type", "literal_error")),
            ),
        )
