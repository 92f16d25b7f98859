"""What happens around the epochs of a training: validation, best and last model, checkpoint, early stop, history."""

from __future__ import annotations

import csv
import io
import json
import logging
import math
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from heartkit import files
from heartkit.errors import ConfigError, DataError
from heartkit.models.backend import keras
from heartkit.models.weights import bare_copy

log = logging.getLogger(__name__)

PREDICT_BATCH = 512
"""Frames per step when a model is only run."""
PATIENCE_SHARE = 0.25
"""Training stops when this share of all epochs has brought no better validation."""
DIVERGED_LOSS = 1e4
"""A training loss beyond this is lost for good: guessing costs a few units in every objective."""


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

    @property
    def diverged(self) -> bool:
        """Say whether the last epoch's training loss is beyond recovery."""
        return bool(self.rows) and not abs(self.rows[-1]["loss"]) <= DIVERGED_LOSS  # also where it is NaN

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
        What the checkpoint belongs to; see `require_same`.
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
        self._bare: Any = None

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Validate and write."""
        logs = {} if logs is None else logs
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        with averaged(self.model):
            scores = {f"val_{name}": float(value) for name, value in self._validate().items()}
            logs.update(scores)  # so that other callbacks, such as TensorBoard's, see them
            row = {"epoch": epoch + 1, "loss": float(logs["loss"]), **scores, "learning_rate": rate}
            self.progress.rows.append(row)
            self._keep_best(row)
        files.write_text(self._history, self.progress.history_csv())
        save_checkpoint(self._checkpoint, self.model, self.progress, self._identity)
        if self.stopped:
            why = "the loss diverged" if self.progress.diverged else f"nothing gained for {self._patience} epochs"
            log.info("stopping after epoch %d: %s", epoch + 1, why)
            self.model.stop_training = True

    @property
    def stopped(self) -> bool:
        """Say whether there is nothing more to gain: the last epochs brought nothing, or the loss diverged."""
        return self.progress.diverged or self.progress.epoch - self.progress.best_epoch >= self._patience

    def _keep_best(self, row: Mapping[str, float]) -> None:
        value = row[f"val_{self._metric}"]
        # Outputs that are not finite have classes all the same, and so an accuracy.
        if self.progress.diverged or not math.isfinite(value) or not math.isfinite(row["val_loss"]):
            log.warning("epoch %d: loss %g, val_loss %g: not kept", self.progress.epoch, row["loss"], row["val_loss"])
            return
        best = self.progress.best
        if best is None or (value < best if self._metric == "loss" else value > best):
            self.progress.best, self.progress.best_epoch = value, self.progress.epoch
            self._bare = self._bare or bare_copy(self.model)  # made once: making it takes as long as writing it
            self._bare.set_weights(self.model.get_weights())
            save_model(self._bare, self._best_model)


class StepProgress(keras.callbacks.Callback):  # type: ignore[misc]
    """Moves a progress bar with each step and shows beside it the last epoch's score that decides."""

    def __init__(self, advance: Callable[..., None], metric: str) -> None:
        super().__init__()
        self._advance, self._metric = advance, f"val_{metric}"

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Move on by one step."""
        self._advance()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Show the score."""
        self._advance(0, note=f"{self._metric} {(logs or {})[self._metric]:.4f}")


@contextmanager
def averaged(model: Any) -> Iterator[None]:
    """Give a model the moving average of its weights, where its optimiser keeps one, for as long as the body runs."""
    if not model.optimizer.use_ema:
        yield
        return
    model.optimizer.build(model.trainable_variables)
    raw = [keras.ops.convert_to_numpy(variable) for variable in model.trainable_variables]
    model.optimizer.finalize_variable_values(model.trainable_variables)
    try:
        yield
    finally:
        for variable, value in zip(model.trainable_variables, raw, strict=True):
            variable.assign(value)


def save_model(model: Any, path: Path) -> None:
    """Write a ``.keras`` file that any Keras can read, atomically.

    Of a compiled model a copy is written that is not: with its optimiser and loss it would be three times as large,
    and be read only where heartkit is installed.
    """
    with files.replacing(path) as temporary:
        (bare_copy(model) if model.compiled else model).save(temporary)
        _compress(temporary)


def _compress(archive: Path) -> None:
    """Deflate what is in a zip archive: Keras stores it as it is, and most of a small network's file is padding."""
    with zipfile.ZipFile(archive) as stored:
        members = [(info, stored.read(info)) for info in stored.infolist()]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for info, content in members:
            packed.writestr(info.filename, content)


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


def load_checkpoint(path: Path, model: Any) -> Progress:
    """Put a compiled model and its optimiser back into the state that `save_checkpoint` wrote.

    Returns
    -------
    Progress
        How far the training was.

    Raises
    ------
    DataError
        If the file is damaged, or holds the state of another network.
    """
    model.optimizer.build(model.trainable_variables)  # else its moments are not there yet to be filled in
    variables = _variables(model)
    with _opened(path) as stored:
        if len(stored.files) != len(variables) + 1:
            raise ValueError(f"it holds {len(stored.files) - 1} arrays, the network has {len(variables)}")
        for number, variable in enumerate(variables):
            variable.assign(stored[f"v{number:05d}"])
        return Progress(**_state(stored)["progress"])


def stored_identity(path: Path) -> dict[str, Any]:
    """Return what identifies the training that a checkpoint belongs to; its ``seed`` is always there.

    Raises
    ------
    DataError
        If the file is damaged.
    """
    with _opened(path) as stored:
        identity: dict[str, Any] = _state(stored)["identity"]
        return identity


def require_same(path: Path, identity: Mapping[str, Any]) -> None:
    """Raise `ConfigError`, naming what changed, unless a checkpoint belongs to a training with these parameters."""
    then = stored_identity(path)
    changed = sorted(key for key in identity if then.get(key) != identity[key])
    if changed:
        raise ConfigError(
            f"Cannot resume from {path}: {changed[0]} was {then.get(changed[0])!r} then and is "
            f"{identity[changed[0]]!r} now. Set it back, or train anew with `--set resume=false`."
        )


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            yield stored
    except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"The checkpoint {path} cannot be used: {error}. Train anew with `--set resume=false`."
        ) from error


def _state(stored: Any) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(stored["state"].tobytes())
    return state


def _variables(model: Any) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]
