"""Whether a training goes on where an earlier one stopped, and whether it may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from heartkit import console
from heartkit.errors import ConfigError
from heartkit.modes import fitting
from heartkit.params import HKTrainParams

CHECKPOINT = "state.npz"
MAY_DIFFER = (
    "job_dir", "resume", "verbose", "data_parallelism", "buffer_size", "model_file", "cache_dir", "cluster", "name",
    "project",
)  # fmt: skip
"""Parameters that change nothing about the numbers of a training, so that a resumed one may have others."""


def resumes(params: HKTrainParams, state: Path) -> bool:
    """Say whether a training resumes: it is asked to, and there is something to resume."""
    if params.resume and not state.is_file():
        console.say(f"There is nothing to resume in {params.job_dir}; training anew.")
    return params.resume and state.is_file()


def seed_of(params: HKTrainParams, state: Path) -> int:
    """Return the seed to resume with, that of the first run where none is configured.

    Raises
    ------
    ConfigError
        If other parameters have changed since: before anything in the job folder is touched.
    """
    seed = int(fitting.stored_identity(state)["seed"]) if params.seed is None else params.seed
    fitting.require_same(state, identity_of(params, seed))
    return seed


def require_best(progress: fitting.Progress, best_model: Path) -> None:
    """Raise `ConfigError` if the best model so far is gone: no later epoch may be better."""
    if progress.best is not None and not best_model.is_file():
        raise ConfigError(
            f"Cannot resume: {best_model}, the best model so far (epoch {progress.best_epoch}), is not there. "
            f"Put it back or correct model_file, or train anew with `--set resume=false`."
        )


def identity_of(params: HKTrainParams, seed: int) -> dict[str, Any]:
    """Return the parameters that decide about the numbers of a training."""
    return {key: value for key, value in params.resolved().items() if key not in MAY_DIFFER} | {"seed": seed}
