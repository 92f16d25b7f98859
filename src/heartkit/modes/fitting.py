"""What happens around the epochs of a training: validation, best and last model, checkpoint, early stop, history."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from heartkit import files
from heartkit.errors import ConfigError
from heartkit.models.backend import keras

log = logging.getLogger(__name__)

PREDICT_BATCH = 512
"""Frames per step when a model is only run."""
PATIENCE_SHARE = 0.25
"""Training stops when this share of all epochs has brought no better validation."""


@dataclass
class Progress:
    """How far a training is: one row per epoch, and the best so far."""

    rows: list[dict[str, float]] = field(default_factory=list)
    best: float | None = None
    best_epoch: int = 0

    @property
    def epoch(self) -> int:
        """Return how many epochs are done."""
        return len(self.rows)

    def history_csv(self) -> str:
        """Return the rows as CSV."""
        text = io.StringIO()
        if self.rows:
            writer = csv.DictWriter(text, self.rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)
        return text.getvalue()


class EpochEnd(keras.callbacks.Callback):  # type: ignore[misc]
    """After each epoch: validate, keep the best model, save the state, and stop when nothing is gained any more.

    Parameters
    ----------
    progress : Progress
        Filled in.
    validate : callable
        Returns ``loss``, ``acc``, ``f1`` (or whatever the objective watches) on the validation frames.
    metric : str
        Which of them decides what is best.
    patience : int
        Epochs without a better one after which training stops.
    best_model, checkpoint, history : Path
        Files to write.
    identity : mapping
        What the checkpoint belongs to; see `load_checkpoint`.
    """

    def __init__(
        self,
        progress: Progress,
        validate: Callable[[], Mapping[str, float]],
        metric: str,
        patience: int,
        best_model: Path,
        checkpoint: Path,
        history: Path,
        identity: Mapping[str, Any],
    ) -> None:
        super().__init__()
        self.progress, self._validate, self._metric, self._patience = progress, validate, metric, patience
        self._best_model, self._checkpoint, self._history, self._identity = best_model, checkpoint, history, identity

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Validate and write."""
        logs = {} if logs is None else logs
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        scores = {f"val_{name}": float(value) for name, value in self._validate().items()}
        logs.update(scores)  # so that other callbacks, such as TensorBoard's, see them
        row = {"epoch": epoch + 1, "loss": float(logs["loss"]), **scores, "learning_rate": rate}
        self.progress.rows.append(row)
        self._keep_best(row[f"val_{self._metric}"])
        files.write_text(self._history, self.progress.history_csv())
        save_checkpoint(self._checkpoint, self.model, self.progress, self._identity)
        if self.stopped:
            log.info("stopping after epoch %d: no better validation for %d epochs", epoch + 1, self._patience)
            self.model.stop_training = True

    @property
    def stopped(self) -> bool:
        """Say whether the last epochs have gained nothing."""
        return self.progress.epoch - self.progress.best_epoch >= self._patience

    def _keep_best(self, value: float) -> None:
        if not np.isfinite(value):
            log.warning("epoch %d: val_%s is %s", self.progress.epoch, self._metric, value)
            return
        best = self.progress.best
        if best is None or (value < best if self._metric == "loss" else value > best):
            self.progress.best, self.progress.best_epoch = value, self.progress.epoch
            save_model(self.model, self._best_model)


class StepProgress(keras.callbacks.Callback):  # type: ignore[misc]
    """Moves a progress bar with each step and shows the last epoch's scores beside it."""

    def __init__(self, advance: Callable[..., None]) -> None:
        super().__init__()
        self._advance = advance

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Move on by one step."""
        self._advance()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Show the scores."""
        self._advance(0, note="  ".join(f"{name} {value:.4f}" for name, value in (logs or {}).items()))


def save_model(model: Any, path: Path) -> None:
    """Write a ``.keras`` file without optimiser, atomically."""
    with files.replacing(path) as temporary:
        model.save(temporary, include_optimizer=False)


def save_checkpoint(path: Path, model: Any, progress: Progress, identity: Mapping[str, Any]) -> None:
    """Write everything a training needs to go on exactly where it stands, as one file of plain arrays.

    Parameters
    ----------
    path : Path
        The file, ``.npz``.
    model : keras.Model
        Compiled: its own variables (weights, statistics, dropout's random state) and the optimiser's are kept.
    progress : Progress
        How far it is.
    identity : mapping
        The parameters that a continuation must share.
    """
    state = {"progress": asdict(progress), "identity": dict(identity)}
    values = [keras.ops.convert_to_numpy(variable) for variable in _variables(model)]
    arrays = {f"v{number:05d}": value for number, value in enumerate(values)}
    with files.replacing(path) as temporary:
        np.savez(temporary, state=np.frombuffer(json.dumps(state).encode(), np.uint8), **arrays)


def load_checkpoint(path: Path, model: Any, identity: Mapping[str, Any]) -> Progress:
    """Put a model and its optimiser back into the state that `save_checkpoint` wrote.

    Returns
    -------
    Progress
        How far the training was.

    Raises
    ------
    ConfigError
        If the checkpoint belongs to a training with other parameters.
    """
    with np.load(path, allow_pickle=False) as stored:
        state = json.loads(stored["state"].tobytes())
        changed = sorted(key for key in identity if state["identity"].get(key) != identity[key])
        if changed:
            raise ConfigError(
                f"Cannot resume from {path}: {changed[0]} was {state['identity'].get(changed[0])!r} then and is "
                f"{identity[changed[0]]!r} now. Set it back, or train anew with `--set resume=false`."
            )
        for number, variable in enumerate(_variables(model)):
            variable.assign(stored[f"v{number:05d}"])
    return Progress(**state["progress"])


def stored_seed(path: Path) -> int:
    """Return the seed of the training that a checkpoint belongs to."""
    with np.load(path, allow_pickle=False) as stored:
        return int(json.loads(stored["state"].tobytes())["identity"]["seed"])


def _variables(model: Any) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]
