"""What a trial's network costs, and whether that is within the limits: known before anything is trained."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from heartkit.artifact.untrained import arena_in_int8
from heartkit.errors import ConfigError
from heartkit.models.backend import keras
from heartkit.models.cost import cost
from heartkit.models.fold import fold
from heartkit.modes.network import build_model
from heartkit.params import HKTrainParams, TuneLimits
from heartkit.tasks.base import Task


@dataclass(frozen=True)
class Footprint:
    """What the network costs that would be exported, after its batch normalisation is folded away.

    Parameters
    ----------
    parameters : int
        Weights.
    macs : int
        Multiply-accumulates per frame.
    activation_bytes : int
        Most memory that activations need at once, in int8.
    arena_bytes : int or None
        The smallest arena in which TFLite-Micro runs it in int8; None where it is not measured.
    """

    parameters: int
    macs: int
    activation_bytes: int
    arena_bytes: int | None = None


def require_measurable(limits: TuneLimits) -> None:
    """Raise `ConfigError` if there is a limit on the arena, which cannot be measured here."""
    if limits.arena is not None and importlib.util.find_spec("tflite_micro") is None:
        raise ConfigError(
            "tune.limits.arena is measured with TensorFlow Lite Micro, which is not installed here. Install "
            "heartkit[tflm], or limit parameters and macs only."
        )


def measure(params: HKTrainParams, task: Task, limits: TuneLimits) -> Footprint:
    """Build a trial's network and measure it; the arena only where it has a limit and the others are kept.

    Raises
    ------
    ConfigError
        If the network cannot be built.
    """
    try:
        model = fold(build_model(params.replaced(weights_file=None), task))
        counted = cost(model)
        found = Footprint(counted.parameters, counted.macs, counted.peak_activation_bytes)
        if limits.arena is None or excess(found, limits):
            return found
        return Footprint(found.parameters, found.macs, found.activation_bytes, arena_in_int8(model))
    finally:
        keras.utils.clear_session(free_memory=False)


def excess(found: Footprint, limits: TuneLimits) -> dict[str, float]:
    """Return by which share each limit is exceeded, of those that are."""
    pairs = {
        "parameters": (found.parameters, limits.parameters),
        "macs": (found.macs, limits.macs),
        "arena": (found.arena_bytes, limits.arena),
    }
    over = {name: value / limit - 1 for name, (value, limit) in pairs.items() if value is not None and limit}
    return {name: share for name, share in over.items() if share > 0}
