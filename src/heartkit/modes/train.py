"""Train: fit a model to the training patients, judged by the validation patients only."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from heartkit import console, files
from heartkit.errors import TrainingError
from heartkit.frames.batches import Batches, FrameSet
from heartkit.frames.mixing import mixed
from heartkit.frames.seen import Seen, keep_seen
from heartkit.frames.stored import StoredFrames
from heartkit.job import THRESHOLDS, Job
from heartkit.models.backend import keras, tf
from heartkit.models.files import load_model
from heartkit.models.schedule import CosineCycles
from heartkit.modes import fitting, qat
from heartkit.modes.class_counts import count_frames, say_counts
from heartkit.modes.data import TaskData
from heartkit.modes.distil import Teacher
from heartkit.modes.feed import feed
from heartkit.modes.loggers import optional_loggers
from heartkit.modes.network import build_model
from heartkit.modes.resuming import CHECKPOINT, identity_of, require_best, resumes, seed_of
from heartkit.objectives.base import Held
from heartkit.params import HKTrainParams
from heartkit.reports.history import write_history
from heartkit.tasks.base import Task

log = logging.getLogger(__name__)

WEIGHING_FRAMES = 4096
"""So many training frames tell how often each class occurs."""


@dataclass(frozen=True)
class TrainResult:
    """What a training leaves.

    Parameters
    ----------
    job_dir, model_file : Path
        The job folder; the best model.
    history : list of dict
        One row per epoch.
    best_epoch : int
        Epoch (from 1) of the best model.
    """

    job_dir: Path
    model_file: Path
    history: list[dict[str, float]]
    best_epoch: int


def train(params: HKTrainParams, task: Task) -> TrainResult:
    """Train a model.

    Parameters
    ----------
    params : HKTrainParams
        What to train on what.
    task : Task
        What for.

    Returns
    -------
    TrainResult
        Where the best model is, and the history.

    Raises
    ------
    HeartkitError
        If data, architecture or checkpoint cannot be used; `TrainingError` if no epoch gave a finite validation.
    KeyboardInterrupt
        On Ctrl-C, after saying how to go on; the epochs that were completed are kept.
    """
    console.set_verbosity(params.verbose)
    if params.quantization.qat:
        params = qat.after_float(params, lambda first: train(first, task).model_file, f"checkpoint/{CHECKPOINT}")
    state = params.job_dir / "checkpoint" / CHECKPOINT
    resumed = resumes(params, state)
    seed = seed_of(params, state) if resumed else params.seed
    # Threads of the linear algebra would spin between the preprocesses' small products: twice the work per batch.
    with Job.open(params.job_dir, "train", params.resolved(), seed) as job, threadpool_limits(1, "blas"):
        keras.utils.set_random_seed(job.seed % 2**32)
        tf.config.experimental.enable_op_determinism()
        task.objective.require_watched(params.val_metric, "val_metric")
        before = Seen.by(params.weights_file, params.teacher, splits=("val",))
        data = TaskData(params, task, job.seed, seen=before)
        model, teacher = build_model(params, task), _teacher(params, data)
        training, batches, validation = _data(params, data)
        if params.quantization.qat:
            model = qat.rounding(model, batches, params.batch_size)
        _compile(model, params, task, training, teacher)
        best_model, identity = params.model_file or job.model, identity_of(params, job.seed)
        if resumed:
            progress = fitting.load_checkpoint(state, model)
            require_best(progress, best_model)
        else:
            progress = fitting.Progress()
            state.unlink(missing_ok=True)
        keep_seen([best_model, job.last_model], data.prepared, training, before)
        epoch_end = fitting.EpochEnd(
            progress, _validator(model, task, validation), params.val_metric, _patience(params),
            best_model, state, job.history, identity,
        )  # fmt: skip
        _fit(params, model, batches, epoch_end, job, teacher)
        result = _finished(params, job, model, progress)
        _keep_thresholds(result.model_file, task, validation, data.class_names)
        return result


def _data(params: HKTrainParams, data: TaskData) -> tuple[list[FrameSet], Batches, StoredFrames]:
    """Return the training frames, batches of them, and the validation frames."""
    training = data.sets("train", params.samples_per_patient)
    limit = params.val_size or (params.val_steps_per_epoch or 0) * params.batch_size or None
    validation = data.frames("val", params.val_samples_per_patient, limit, params.val_file)
    console.say(
        f"Training on {sum(map(len, training)):,} frames of {sum(map(_patients, training)):,} patients, "
        f"validating on {len(validation.frames):,} frames of {len(np.unique(validation.patients)):,} others."
    )
    objective = data.task.objective
    if objective.fewest:
        drawn = count_frames(training, data.task.cutter(data.class_map), params.num_classes)
        say_counts("train", drawn, data.class_names, objective)
        held = objective.class_counts(validation.answers, params.num_classes)
        say_counts("val", held, data.class_names, objective)
    arrange = data.arrange(True)
    if params.mixup:
        arrange = mixed(arrange, params.mixup, partial(data.task.objective.soft, num_classes=params.num_classes))
    return training, Batches(training, params.batch_size, data.seed, arrange), validation


def _teacher(params: HKTrainParams, data: TaskData) -> Teacher | None:
    return None if params.teacher is None else Teacher(params, data.task, data.input_shape)


def _compile(model: Any, params: HKTrainParams, task: Task, training: list[FrameSet], teacher: Teacher | None) -> None:
    """Give the model its optimiser and its loss, which knows how often each class occurs in training."""
    steps = params.epochs * params.steps_per_epoch
    schedule = CosineCycles(params.lr_rate, steps, params.lr_cycles, params.lr_decay, params.warmup_steps)
    optimizer = keras.optimizers.Adam(
        schedule,
        global_clipnorm=params.clip_norm,
        use_ema=params.ema_decay is not None,
        ema_momentum=params.ema_decay or 0.0,
        ema_overwrite_frequency=None,
    )
    loss = task.objective.loss(params, _some_answers(training))
    # XLA is off: on the processors this was measured on it makes small networks several times slower.
    model.compile(optimizer, teacher.loss(loss) if teacher else loss, jit_compile=False)


def _patients(frames: FrameSet) -> int:
    return len(np.unique(frames.index.patient))


def _some_answers(sets: list[FrameSet]) -> NDArray[Any]:
    """Return the answers to some frames, of each dataset as many as its weight gives it in a batch."""
    share = sum(frames.weight for frames in sets)
    counts = [min(len(frames), round(WEIGHING_FRAMES * frames.weight / share)) for frames in sets]
    rows = [np.linspace(0, len(s) - 1, n).astype(np.int64) for s, n in zip(sets, counts, strict=True)]
    return np.concatenate([frames.frames(chosen)[1] for frames, chosen in zip(sets, rows, strict=True)])


def _validator(model: Any, task: Task, frames: StoredFrames) -> Callable[[], dict[str, float]]:
    """Return what scores the model on the validation frames."""
    parts = range(0, len(frames.frames), fitting.PREDICT_BATCH)

    def validate() -> dict[str, float]:
        # Not `predict`: setting its pipeline up takes as long as the answers to a few hundred frames.
        outputs = [model.predict_on_batch(frames.frames[at : at + fitting.PREDICT_BATCH]) for at in parts]
        return task.objective.watch(frames.answers, np.concatenate(outputs))

    return validate


def _keep_thresholds(model_file: Path, task: Task, frames: StoredFrames, names: list[str]) -> None:
    """Write what the objective chooses on validation frames for the best model beside it, where it chooses anything."""

    def validation() -> Held:
        return frames, load_model(model_file).predict(frames.frames, fitting.PREDICT_BATCH, verbose=0)

    path = model_file.parent / THRESHOLDS
    if chosen := task.objective.thresholds(validation, names):
        files.write_json(path, chosen)
    else:
        path.unlink(missing_ok=True)  # of an earlier training of another task


def _patience(params: HKTrainParams) -> int:
    return max(1, round(fitting.PATIENCE_SHARE * params.epochs))


def _fit(
    params: HKTrainParams,
    model: Any,
    batches: Batches,
    epoch_end: fitting.EpochEnd,
    job: Job,
    teacher: Teacher | None,
) -> None:
    first = epoch_end.progress.epoch * params.steps_per_epoch
    last = params.epochs * params.steps_per_epoch
    if epoch_end.stopped or first >= last:
        console.say("The training had already ended.")
        return
    batched = feed(batches, first, last, params.data_parallelism, params.buffer_size)
    with console.progress("Training", last, params.verbose > 0) as advance:
        advance(first)
        try:
            model.fit(
                teacher.beside(batched) if teacher else batched,
                epochs=params.epochs,
                initial_epoch=epoch_end.progress.epoch,
                steps_per_epoch=params.steps_per_epoch,
                shuffle=False,
                callbacks=[epoch_end, *optional_loggers(params, job), fitting.StepProgress(advance, params.val_metric)],
                verbose=0,
            )
        except KeyboardInterrupt:
            done = epoch_end.progress.epoch
            console.warn(
                f"Interrupted in epoch {done + 1}; {done} complete epochs are kept in {params.job_dir}. "
                f"Go on with `--set resume=true --set seed={job.seed}`."
            )
            raise


def _finished(params: HKTrainParams, job: Job, model: Any, progress: fitting.Progress) -> TrainResult:
    if progress.best is None:
        loss = f"its loss is {progress.rows[-1]['loss']:g}, its val_loss {progress.rows[-1]['val_loss']:g}"
        raise TrainingError(
            f"The training diverged: after epoch {progress.epoch} {loss}, and no epoch before was usable. "
            f"Lower lr_rate (it is {params.lr_rate:g}), or look at the data with `heartkit check`."
        )
    if progress.diverged:
        console.warn(f"The training diverged in epoch {progress.epoch}; lower lr_rate (it is {params.lr_rate:g}).")
    with fitting.averaged(model):
        fitting.save_model(model, job.last_model)
    write_history(job.history_plot, progress.rows, progress.best_epoch, params.val_metric)
    model_file = params.model_file or job.model
    best = f"Best val_{params.val_metric} {progress.best:.4f} in epoch {progress.best_epoch}"
    console.say(f"{best} of {progress.epoch}: {model_file}")
    return TrainResult(params.job_dir, model_file, progress.rows, progress.best_epoch)
