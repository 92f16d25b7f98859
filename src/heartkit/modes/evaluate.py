"""Evaluate: score a model on patients it has never seen."""

from __future__ import annotations

import logging
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from heartkit import console, files
from heartkit.backends.base import Predictor, open_predictor
from heartkit.errors import NoRecordsError
from heartkit.factories import ProtocolFactory
from heartkit.frames.drawing import require_patients
from heartkit.frames.seen import Seen, patients_file
from heartkit.frames.windows import Predict
from heartkit.job import Job
from heartkit.modes.data import TaskData, noise_folder
from heartkit.objectives.base import Held, Scoring
from heartkit.params import HKTaskParams, HKTestParams
from heartkit.protocols.base import Protocol, Trial
from heartkit.reports.evaluation import summary_tables, write_evaluation
from heartkit.tasks.base import Task

log = logging.getLogger(__name__)

TRAINING_FRAMES = 4096
"""Frames of training patients, at most, that baselines are fitted to."""


def evaluate(params: HKTestParams, task: Task) -> dict[str, Any]:
    """Score a model.

    Parameters
    ----------
    params : HKTestParams
        Which model on which split of which datasets.
    task : Task
        What for.

    Returns
    -------
    dict
        What ``metrics.json`` holds: scores of frames and of whole recordings with 95 % intervals over patients, and
        those of baselines on the same recordings; with ``protocol`` the scores that it prescribes instead.

    Raises
    ------
    HeartkitError
        If data or model cannot be used, or the split has no patients.
    """
    console.set_verbosity(params.verbose)
    protocol = protocol_of(params, task)
    with Job.open(params.job_dir, "evaluate", params.resolved(), params.seed) as job:
        model_file = params.model_file or job.model
        predictor = open_task_model(model_file, params, task, params.backend)
        data = TaskData(params, task, job.seed, task.framing.scored_on or None, Seen.by(model_file))
        require_patients(data.prepared, params.split)
        _say_seen(data, model_file, params.split)
        scores = _scores(params, task, data, predictor, model_file, job.seed) if protocol is None else protocol.score(
            Trial(
                data.prepared, params.split, data.answer(predictor), params.frame_size, noise_folder(params),
                np.random.default_rng(job.seed),
            )
        )  # fmt: skip
        metrics = {**_facts(params, task, job, model_file, data), **scores}
        files.write_json(job.metrics, metrics)
        write_evaluation(job, metrics)
        job.keep_report()
        for title, columns, rows in summary_tables(metrics):
            console.table(columns, rows, title)
        console.say(f"Report: {job.report}")
        return metrics


def _say_seen(data: TaskData, model_file: Path, split: str) -> None:
    """Say where patients are scored whom the model was trained on, or where nobody knows whether they are."""
    if not data.seen.models:
        log.info("%s is not there: nobody can tell whom the model was trained on", patients_file(model_file))
    elif split == "all" and (known := sum(map(data.seen.count, data.prepared))):
        log.warning(
            "split 'all': of the patients who are scored %s was trained on %d, or its best epoch chosen by them. Their "
            "scores say what it remembers; `--set split=test` scores the others.", model_file.name, known,
        )  # fmt: skip


def protocol_of(params: HKTestParams, task: Task) -> Protocol | None:
    """Return the protocol that a configuration names, or None.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    ConfigError
        If it does not fit the task or the parameters.
    """
    if params.protocol is None:
        return None
    protocol: Protocol = ProtocolFactory.get(params.protocol)
    protocol.require(params, task.configured(params.task_params))
    return protocol


def open_task_model(path: Path, params: HKTaskParams, task: Task, backend: str) -> Predictor:
    """Open a model and check that it takes the configured frames and gives the configured classes.

    Raises
    ------
    ModelError
        If the file is absent or does not fit.
    """
    channels = task.configured(params.task_params).framing.channels
    predictor = open_predictor(path, backend, (params.frame_size, channels))
    task.objective.require_output(predictor.output_shape, params.frame_size, params.num_classes, path)
    return predictor


def _scores(
    params: HKTestParams, task: Task, data: TaskData, predictor: Predictor, model_file: Path, seed: int
) -> dict[str, Any]:
    """Score frames, as far as there are any, then whole recordings."""

    def validation() -> Held:
        held = data.frames("val", params.test_samples_per_patient, params.test_size, None)
        return held, predictor.predict(held.frames, params.batch_size)

    def training() -> Held:
        limit = min(params.test_size, TRAINING_FRAMES)
        known = data.training_like(params.split, params.test_samples_per_patient, limit)
        return known, predictor.predict(known.frames, params.batch_size)

    @cache
    def fresh() -> Predict | None:
        return _untrained(model_file, params.batch_size, seed)

    scoring = Scoring(
        split=params.split,
        names=data.class_names,
        class_map=data.class_map,
        rng=np.random.default_rng(seed),
        validation=validation,
        threshold=params.threshold,
        rate=params.sampling_rate,
        training=training,
        cutter=data.task.cutter(data.class_map),
        untrained=fresh,
        beating=data.task.framing.beating,
    )
    try:
        stored = data.frames(params.split, params.test_samples_per_patient, params.test_size, params.test_file)
        frames = task.objective.score(stored, predictor.predict(stored.frames, params.batch_size), scoring)
    except NoRecordsError:
        # Recordings of which only the beats are annotated give no frames, but can be scored as a whole.
        if not task.framing.scored_on:
            raise
        frames = {}
    whole = task.objective.score_recordings(data.prepared, data.answer(predictor), scoring)
    if not frames and not whole:
        raise NoRecordsError(
            f"Nothing of the recordings in split {params.split!r} is annotated with what the classes of task "
            f"{task.name!r} are scored by. Choose another dataset, or other classes."
        )
    some, others = frames.get("baselines", {}), whole.get("baselines", {})
    beside = {name: {**some.get(name, {}), **others.get(name, {})} for name in {**some, **others}}
    return {**frames, **whole, "baselines": beside}


def _untrained(model_file: Path, batch_size: int, seed: int) -> Predict | None:
    """Return the same network with fresh weights; None where the file does not hold it as a Keras model."""
    if model_file.suffix != ".keras":
        return None
    from heartkit.backends.keras_backend import untrained

    return partial(untrained(model_file, seed).predict, batch=batch_size)


def _facts(params: HKTestParams, task: Task, job: Job, model_file: Path, data: TaskData) -> dict[str, Any]:
    """Return what a reader needs to know to judge the scores."""
    datasets = [
        {
            "name": one.name,
            "patients": len(one.patients(params.split)),
            "recordings": len(one.records(params.split)),
            **({"weak_labels": list(one.weak)} if one.weak else {}),
            **({"left_out_as_seen": one.left_out[params.split]} if params.split in one.left_out else {}),
        }
        for one in data.prepared
    ]
    return {
        "task": task.name,
        "split": params.split,
        "protocol": params.protocol,
        "model_file": model_file.name,
        "backend": params.backend,
        "class_names": data.class_names,
        "sampling_rate": params.sampling_rate,
        "frame_size": params.frame_size,
        "threshold": params.threshold,
        "seed": job.seed,
        "training_patients_known": bool(data.seen.models),
        "datasets": datasets,
    }
