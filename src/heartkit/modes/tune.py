"""Tune: search architecture and training parameters for networks that score well and cost little."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heartkit import console, files
from heartkit.job import Job
from heartkit.modes.data import TaskData
from heartkit.modes.network import build_model
from heartkit.modes.resuming import MAY_DIFFER
from heartkit.modes.tuning.limits import require_measurable
from heartkit.modes.tuning.space import Space
from heartkit.modes.tuning.study import Study
from heartkit.modes.tuning.sweep import Sweep
from heartkit.modes.tuning.trial import run_trial
from heartkit.modes.tuning.usable import require_usable
from heartkit.modes.tuning.workers import one_by_one
from heartkit.params import HKTrainParams, HKTuneParams
from heartkit.reports.sweep import front_table, write_sweep, write_tables
from heartkit.reports.trials import SweepFacts, Trial, best, front
from heartkit.tasks.base import Task

JOURNAL = "trials.journal"


@dataclass(frozen=True)
class TuneResult:
    """What a sweep leaves.

    Parameters
    ----------
    job_dir : Path
        The job folder.
    trials : list of Trial
        All that have ended, those that were not trained included.
    front : list of Trial
        Those that no other beats in score at no more MACs, cheapest first.
    best : Trial or None
        That of the best score.
    best_config : Path or None
        Its complete configuration.
    """

    job_dir: Path
    trials: list[Trial]
    front: list[Trial]
    best: Trial | None
    best_config: Path | None


def tune(params: HKTuneParams, task: Task) -> TuneResult:
    """Search until ``tune.trials`` trials were trained, those of earlier runs in the same folder included.

    Parameters
    ----------
    params : HKTuneParams
        What all trials share; what is searched, and how.
    task : Task
        What for.

    Returns
    -------
    TuneResult
        Trials, Pareto front, best trial.

    Raises
    ------
    HeartkitError
        If the space cannot be used, the folder holds another sweep, or data are missing.
    KeyboardInterrupt
        On Ctrl-C, after saying how to go on; the trials that ended are kept.
    """
    console.set_verbosity(params.verbose)
    space = Space.read(params.tune.space)
    require_measurable(params.tune.limits)
    first = require_usable(space, params, task.name)
    task.objective.require_watched(params.val_metric, "val_metric")
    build_model(first.replaced(weights_file=None), task)
    with Study(
        params.job_dir / JOURNAL, space, params.tune, params.val_metric, _identity(params, task), secrets.randbits(31)
    ) as study:
        return _searched(params, task, space, first, study)


def _searched(params: HKTuneParams, task: Task, space: Space, first: HKTrainParams, study: Study) -> TuneResult:
    facts = SweepFacts(
        task.name, params.val_metric, params.tune.trials, study.seed, params.tune.objective,
        params.tune.limits.model_dump(), [one.path for one in space.dimensions],
    )  # fmt: skip
    with Job.open(params.job_dir, "tune", params.resolved(), study.seed) as job:
        sweep = Sweep(params, task, space, study)
        if sweep.done:
            console.say(f"{sweep.done} trials are there already; going on to {params.tune.trials}.")
        # Before any trial, so that workers find the recordings prepared.
        _ = TaskData(first.replaced(verbose=params.verbose, cluster=params.cluster), task, study.seed).prepared
        try:
            for outcome in one_by_one(run_trial, sweep.pieces(), params.tune.parallel, params.cluster):
                sweep.finish(outcome)
                _keep(job, params, facts, sweep, study.trials)
        except KeyboardInterrupt:
            console.warn(
                f"Interrupted; {sweep.done} of {params.tune.trials} trials are kept in {params.job_dir}. "
                "The same command goes on."
            )
            raise
        finally:
            trials = study.trials
            config = _keep(job, params, facts, sweep, trials)
            write_sweep(job, facts, trials)
        result = TuneResult(
            job.folder, trials, front(trials, params.val_metric), best(trials, params.val_metric), config
        )
        _say(job, facts, result)
        return result


def _identity(params: HKTuneParams, task: Task) -> dict[str, Any]:
    """Return what all trials of a folder must share to be compared, as JSON types."""
    values = {key: value for key, value in params.resolved().items() if key not in MAY_DIFFER}
    searched = {key: value for key, value in values["tune"].items() if key not in ("trials", "parallel")}
    return values | {"tune": searched, "task": task.name}


def _keep(job: Job, params: HKTuneParams, facts: SweepFacts, sweep: Sweep, trials: list[Trial]) -> Path | None:
    """Write what is known so far, but for pictures, so that a run that is killed has its tables.

    Returns
    -------
    Path or None
        The configuration of the best trial; None as long as none has a score.
    """
    write_tables(job.folder, facts, trials)
    chosen = best(trials, facts.metric)
    if chosen is None:
        return None
    trial = sweep.trial_params(chosen.number, dict(chosen.values))
    # A configuration of its own, in the trial's folder: the modes after training find the model there.
    own = trial.replaced(verbose=params.verbose, data_parallelism=params.data_parallelism)
    files.write_json(job.folder / "best.json", own.resolved())
    return job.folder / "best.json"


def _say(job: Job, facts: SweepFacts, result: TuneResult) -> None:
    if result.best is None:
        console.warn(f"No trial has a score; what became of each is in {job.folder / 'trials.csv'}.")
        return
    columns, rows = front_table(facts, result.trials)
    console.table(columns[:4], [row[:4] for row in rows], "Pareto front, on validation patients")
    console.say(
        f"Best: trial {result.best.number}, val_{facts.metric} {result.best.score:.4f}. Its configuration: "
        f"{result.best_config}\nReport: {job.report}"
    )
