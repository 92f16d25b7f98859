"""What a sweep may change: paths of a configuration, each with its choices or its range."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import model_validator

from heartkit.config import Config
from heartkit.config.keys import check_keys
from heartkit.config.overrides import apply_overrides, parse_override
from heartkit.errors import ConfigError
from heartkit.params import HKTrainParams, HKTuneParams
from heartkit.strict import StrictParams, unknown_key

KEY = "tune.space"
SEARCHABLE = (
    "architecture", "preprocesses", "augmentations", "samples_per_patient", "batch_size", "epochs", "steps_per_epoch",
    "lr_rate", "lr_cycles", "lr_decay", "class_weights", "label_smoothing", "warmup_steps", "clip_norm", "ema_decay",
    "focal_gamma", "mixup", "teacher", "teacher_weight", "teacher_temperature",
)  # fmt: skip
"""Parameters that may differ between trials: with others the trials would not be scored on the same frames."""
ANY = "*"
"""Stands for all entries of a list in a path."""
EXAMPLE = '{"lr_rate": {"low": 0.001, "high": 0.02, "log": true}, "architecture.params.blocks.0.filters": [8, 16, 24]}'

Values = dict[str, Any]
"""Path -> value: what a trial changes."""


class Range(StrictParams):
    """All numbers from `low` to `high`, both included; whole ones where both are, or `step` apart from `low` on."""

    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None

    @property
    def whole(self) -> bool:
        """Say whether the numbers are whole."""
        return isinstance(self.low, int) and isinstance(self.high, int) and isinstance(self.step, int | None)

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if self.low >= self.high:
            raise ValueError(f"low must be less than high, got low {self.low:g} and high {self.high:g}.")
        if self.log and self.low <= 0:
            raise ValueError(f"with log, low must be greater than 0, got {self.low:g}.")
        if self.log and self.step is not None:
            raise ValueError(f"log and step do not go together, got step {self.step:g}.")
        if self.step is not None and not 0 < self.step <= self.high - self.low:
            raise ValueError(f"step must be greater than 0 and at most high - low, got {self.step:g}.")
        return self


@dataclass(frozen=True)
class Dimension:
    """One path and what may stand there.

    Parameters
    ----------
    path : str
        Parted by dots, as ``--set`` takes it; `ANY` stands for all entries of a list.
    options : Range or tuple
        A range of numbers, or choices of any JSON value.
    """

    path: str
    options: Range | tuple[Any, ...]

    @property
    def size(self) -> float:
        """Return how many values there are, infinity for a range of real numbers."""
        if not isinstance(self.options, Range):
            return len(self.options)
        step = self.options.step or (1 if self.options.whole else 0)
        return math.floor((self.options.high - self.options.low) / step + 1e-9) + 1 if step else math.inf

    @property
    def extremes(self) -> tuple[Any, ...]:
        """Return the values that show whether all can be used: both ends, or each choice."""
        one = self.options
        return (one.low, one.high) if isinstance(one, Range) else one

    def holds(self, value: Any) -> bool:
        """Say whether a value is one of the options."""
        if not isinstance(self.options, Range):
            return as_text(value) in map(as_text, self.options)
        if isinstance(value, bool) or not isinstance(value, int if self.options.whole else (int, float)):
            return False
        steps = (value - self.options.low) / self.options.step if self.options.step else 0
        return self.options.low <= value <= self.options.high and abs(steps - round(steps)) < 1e-9


@dataclass(frozen=True)
class Space:
    """All dimensions of a sweep, in the order in which they are set."""

    dimensions: tuple[Dimension, ...]

    @property
    def size(self) -> float:
        """Return how many combinations there are."""
        return math.prod(one.size for one in self.dimensions)

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Space:
        """Read what a configuration has under ``tune.space``.

        Parameters
        ----------
        given : mapping
            Path -> a list of choices, or ``{low, high, log, step}``. Paths may also be nested as objects.

        Raises
        ------
        ConfigError
            If it is empty, a path is none that may be searched, or there is nothing to choose from.
        """
        dimensions = tuple(Dimension(path, _options(path, options)) for path, options in _flat(given))
        if not dimensions:
            raise ConfigError(f"{KEY} is empty: there is nothing to search. Give paths with their options: {EXAMPLE}.")
        paths = [one.path for one in dimensions]
        if twice := [path for path in dict.fromkeys(paths) if paths.count(path) > 1]:
            raise ConfigError(f"{KEY} has {twice[0]!r} twice; keep one of them.")
        return cls(dimensions)

    def trial(self, params: HKTuneParams, values: Mapping[str, Any], task: str | None = None) -> HKTrainParams:
        """Return the parameters of a training with other values at the paths of the space.

        Parameters
        ----------
        params : HKTuneParams
            What all trials share.
        values : mapping
            Path -> value; paths without one keep what is configured.
        task : str, optional
            The task's name.

        Raises
        ------
        ConfigError
            If a path leads nowhere, or a value cannot be used there.
        """
        base = {key: value for key, value in params.resolved().items() if key in HKTrainParams.model_fields}
        base |= {"model_file": None, "resume": False, "cluster": None}
        for one in self.dimensions:
            if one.path in values:
                text = as_text(values[one.path])
                for path in _expanded(base, one.path):
                    apply_overrides(base, [f"{path}={text}"], KEY)
        check_keys(base, KEY)
        return Config(base, KEY).params(HKTrainParams, task)

    def configured(self, params: HKTuneParams) -> Values | None:
        """Return what the configuration itself has at the paths, or None where that is not in the space."""
        base = params.resolved()
        values = {one.path: _value_at(base, one.path) for one in self.dimensions}
        return values if all(one.holds(values[one.path]) for one in self.dimensions) else None


def as_text(value: Any) -> str:
    """Write a value as JSON, in one way only: 5.0 and 5 are the same number."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _flat(given: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield paths with their options; an object that is no range holds further parts of the path."""
    for key, value in given.items():
        path = f"{above}.{key}" if above else str(key)
        if isinstance(value, Mapping) and not {"low", "high"} & set(value):
            yield from _flat(value, path)
        else:
            yield path, value


def _options(path: str, given: Any) -> Range | tuple[Any, ...]:
    root = parse_override(f"{path}=0")[0][0]
    if root not in SEARCHABLE:
        _refuse(root)
    if isinstance(given, Mapping):
        try:
            return Range.read(given)
        except ConfigError as error:
            raise ConfigError("\n".join(f"{KEY}.{path}: {line}" for line in str(error).splitlines())) from None
    if not isinstance(given, list):
        raise ConfigError(f'{KEY}.{path} must be a list of choices or {{"low": ..., "high": ...}}, got {given!r}.')
    if not given:
        raise ConfigError(f"{KEY}.{path} must not be empty: there is nothing to choose from.")
    texts = list(map(as_text, given))
    if twice := [text for text in dict.fromkeys(texts) if texts.count(text) > 1]:
        raise ConfigError(f"{KEY}.{path} has the choice {twice[0]} twice; keep one of them.")
    return tuple(given)


def _refuse(root: str) -> NoReturn:
    if root in HKTrainParams.model_fields:
        raise ConfigError(
            f"{KEY} cannot change {root!r}: trials are compared by the same score on the same frames. It may have: "
            f"{', '.join(SEARCHABLE)}."
        )
    raise ConfigError(unknown_key(KEY, root, SEARCHABLE))


def _expanded(base: Any, path: str) -> Iterator[str]:
    """Yield the paths that a path with `ANY` stands for."""
    before, any_, after = f".{path}.".partition(f".{ANY}.")
    if not any_:
        yield path
        return
    where = before.strip(".")
    place = _value_at(base, where)
    if not isinstance(place, list) or not place:
        raise ConfigError(f"{KEY}.{path}: {where} is {place!r}; '{ANY}' stands for all entries of a list.")
    for number in range(len(place)):
        yield from _expanded(base, f"{where}.{number}.{after}".strip("."))


def _value_at(base: Any, path: str) -> Any:
    """Return what stands at a path; None where nothing does, and with `ANY` where entries differ."""
    place, parts = base, parse_override(f"{path}=0")[0]
    for at, part in enumerate(parts):
        if part == ANY and isinstance(place, list) and place:
            found = [_value_at(one, ".".join(parts[at + 1 :])) if parts[at + 1 :] else one for one in place]
            return found[0] if all(one == found[0] for one in found) else None
        if isinstance(place, list) and part.isdecimal() and int(part) < len(place):
            place = place[int(part)]
        elif isinstance(place, Mapping):
            place = place.get(part)
        else:
            return None
    return copy.deepcopy(place)
