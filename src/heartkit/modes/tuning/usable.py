"""Whether what a sweep may try can be used at all: found out before the first trial, not after an hour."""

from __future__ import annotations

from heartkit.errors import ConfigError
from heartkit.factories import ModelFactory
from heartkit.modes.tuning.space import KEY, Space, as_text
from heartkit.params import HKTrainParams, HKTuneParams
from heartkit.transforms.pipeline import build_step
from heartkit.transforms.table import AugmentationFactory, PreprocessFactory


def require_usable(space: Space, params: HKTuneParams, task: str | None = None) -> HKTrainParams:
    """Try every choice and both ends of every range, one at a time, the others at their first.

    Returns
    -------
    HKTrainParams
        With all at their first.

    Raises
    ------
    ConfigError
        Naming the path and the value that cannot be used.
    """
    first = {one.path: one.extremes[0] for one in space.dimensions}
    for one in space.dimensions:
        for value in one.extremes:
            try:
                _require(space.trial(params, first | {one.path: value}, task))
            except ConfigError as error:
                raise ConfigError(f"{KEY}.{one.path} cannot be {as_text(value)}: {error}") from error
    return space.trial(params, first, task)


def _require(trial: HKTrainParams) -> None:
    """Read what belongs to architecture and transforms, which only they can judge."""
    if trial.architecture is not None:
        architecture = ModelFactory.get(trial.architecture.name)
        architecture.params.read(trial.architecture.params, f"architecture.params of {architecture.name!r}")
    for factory, steps in ((PreprocessFactory, trial.preprocesses), (AugmentationFactory, trial.augmentations)):
        for step in steps:
            build_step(factory, step.name, step.params, trial.sampling_rate)
