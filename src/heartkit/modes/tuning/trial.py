"""One training of a sweep, in this process or in another one."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass

from heartkit import console
from heartkit.errors import ConfigError, TrainingError
from heartkit.models.backend import keras
from heartkit.modes.train import train
from heartkit.params import HKTrainParams
from heartkit.tasks.base import Task


@dataclass(frozen=True)
class Piece:
    """What is trained: the trial's number, its parameters, its task."""

    number: int
    params: HKTrainParams
    task: Task


@dataclass(frozen=True)
class Outcome:
    """What a training brought.

    Parameters
    ----------
    number : int
        The trial's.
    score : float or None
        `val_metric` of the best epoch; None where there is no usable one.
    best_epoch, epochs : int
        Which epoch that was (from 1); how many there were.
    seconds : float
        How long it took.
    reason : str
        Why there is no score.
    """

    number: int
    score: float | None
    best_epoch: int
    epochs: int
    seconds: float
    reason: str = ""


def run_trial(piece: Piece) -> Outcome:
    """Train a trial quietly. The same piece gives the same outcome and the same files, as often as it is run.

    Raises
    ------
    HeartkitError
        For what would keep every trial from training, such as missing data.
    """
    started = time.monotonic()
    try:
        with console.muted():
            result = train(piece.params, piece.task)
    except (ConfigError, TrainingError) as error:
        return Outcome(piece.number, None, 0, 0, time.monotonic() - started, str(error))
    finally:
        keras.utils.clear_session(free_memory=False)
        gc.collect()
    score = result.history[result.best_epoch - 1][f"val_{piece.params.val_metric}"]
    return Outcome(piece.number, score, result.best_epoch, len(result.history), time.monotonic() - started)
