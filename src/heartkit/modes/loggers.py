"""TensorBoard and Weights & Biases, where the user's environment asks for them."""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Any

from heartkit.errors import ConfigError
from heartkit.job import Job
from heartkit.models.backend import keras
from heartkit.params import HKTrainParams


def optional_loggers(params: HKTrainParams, job: Job) -> list[Any]:
    """Return the callbacks that ``TENSORBOARD=1`` and ``WANDB=1`` ask for.

    Raises
    ------
    ConfigError
        If one is asked for that is not installed.
    """
    callbacks = []
    if _asked_for("TENSORBOARD"):
        _require("tensorboard", "TENSORBOARD")
        callbacks.append(keras.callbacks.TensorBoard(str(job.folder / "tensorboard")))
    if _asked_for("WANDB"):
        _require("wandb", "WANDB")
        callbacks.append(_WandbLogger(params, job))
    return callbacks


def _asked_for(variable: str) -> bool:
    return os.environ.get(variable, "").lower() in ("1", "true", "yes", "on")


def _require(package: str, variable: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise ConfigError(
            f"{variable}=1 is set, but {package} is not installed. "
            f"Install it with `pip install 'heartkit[{package}]'`, or unset {variable}."
        )


class _WandbLogger(keras.callbacks.Callback):  # type: ignore[misc]
    """Sends each epoch's scores to Weights & Biases, under the configuration's project and name."""

    def __init__(self, params: HKTrainParams, job: Job) -> None:
        super().__init__()
        self._settings = {"project": params.project, "name": params.name, "dir": str(job.folder)}
        self._config = params.resolved()

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        """Begin a run."""
        wandb = importlib.import_module("wandb")
        self._run = wandb.init(config=self._config, **self._settings)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Send the epoch's scores."""
        self._run.log({"epoch": epoch + 1, **(logs or {})})

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """End the run."""
        self._run.finish()
