"""The learning rate over a training."""

from __future__ import annotations

import math
from typing import Any

from heartkit.models.backend import keras


@keras.saving.register_keras_serializable(package="heartkit")
class CosineCycles(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Cosine annealing in cycles of equal length, each starting a little lower (SGDR, Loshchilov & Hutter 2017).

    In cycle *c*, at share *s* of it, the rate is ``lr_rate * lr_decay**c * (1 + cos(pi * s)) / 2``. Over the first
    `warmup` steps it is multiplied by a factor that rises evenly to 1 (Goyal et al. 2017).

    Parameters
    ----------
    lr_rate : float
        Learning rate at the start.
    steps : int
        Optimiser steps of the whole training.
    cycles : int
        How many cycles.
    decay : float
        Factor from each cycle's start to the next one's.
    warmup : int
        Steps until the factor is 1; 0 for none.
    """

    def __init__(self, lr_rate: float, steps: int, cycles: int, decay: float, warmup: int = 0) -> None:
        self.lr_rate, self.steps, self.cycles, self.decay, self.warmup = lr_rate, steps, cycles, decay, warmup

    def __call__(self, step: Any) -> Any:
        """Return the rate at a step (a number or a tensor)."""
        ops = keras.ops
        place = ops.cast(step, "float32") * (self.cycles / self.steps)
        # The last step of all belongs to the last cycle, not to one that never comes.
        cycle = ops.minimum(ops.floor(place), float(self.cycles - 1))
        within = ops.minimum(place - cycle, 1.0)
        top = self.lr_rate * ops.power(ops.cast(self.decay, "float32"), cycle)
        rate = top * 0.5 * (1.0 + ops.cos(math.pi * within))
        if not self.warmup:
            return rate
        return rate * ops.minimum((ops.cast(step, "float32") + 1.0) / self.warmup, 1.0)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            "lr_rate": self.lr_rate, "steps": self.steps, "cycles": self.cycles, "decay": self.decay,
            "warmup": self.warmup,
        }  # fmt: skip
