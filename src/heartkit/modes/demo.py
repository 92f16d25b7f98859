"""Demo: run a model over a whole recording and show what it finds."""

from __future__ import annotations

import json
import os
import sys
import webbrowser
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from heartkit import console
from heartkit.errors import ConfigError, DataError, nearest_names
from heartkit.frames.prepared import Prepared
from heartkit.frames.seen import Seen
from heartkit.job import THRESHOLDS, Job
from heartkit.modes.data import TaskData
from heartkit.modes.evaluate import open_task_model
from heartkit.params import HKDemoParams
from heartkit.records.leads import lead_of_kind
from heartkit.records.record import Record
from heartkit.records.splits import SPLITS
from heartkit.registry import load_object
from heartkit.tasks.base import Demonstration, Task


def demo(params: HKDemoParams, task: Task) -> dict[str, Any]:
    """Run a model over one recording.

    Parameters
    ----------
    params : HKDemoParams
        Which model on which recording. Without ``record``, one of the test patients is shown, else one of the
        validation patients, else one of the others, by the seed. ``demo_size``, where it is given, is the number of
        samples shown; else the recording is shown whole.
    task : Task
        What for.

    Returns
    -------
    dict
        ``report`` and ``picture``: the files; ``dataset``, ``record``, ``split``: what was shown.

    Raises
    ------
    HeartkitError
        If data or model cannot be used, or there is no such recording.
    """
    console.set_verbosity(params.verbose)
    with Job.open(params.job_dir, "demo", params.resolved(), params.seed) as job:
        model_file = params.model_file or job.model
        predictor = open_task_model(model_file, params, task, params.backend)
        shown_on = task.configured(params.task_params).framing.shown_on
        data = TaskData(params, task, job.seed, shown_on, Seen.by(model_file))
        one, number, split = choose_recording(data.prepared, params.record, job.seed)
        record = _shortened(one.store.record(number), params)
        answer = data.answer(predictor)
        kind, augment = getattr(answer, "reads", "ecg"), data.augment(training=False)
        demonstration = Demonstration(
            dataset=one.name,
            record=record,
            lead=lead_to_show(one, number, kind),
            answer=answer,
            class_names=data.class_names,
            model=model_file.name,
            backend=params.backend,
            framing=data.task.framing,
            leads=one.leads_of(number),
            augment=augment if augment.steps else None,
            seed=job.seed,
            thresholds=kept_thresholds(model_file),
            others=partial(_others, one, number, split, kind, job.seed),
        )
        picture = job.folder / "demo.png"
        lines = load_object(task.view)(demonstration, job.report, picture)
        job.keep_report()
        console.say("\n".join([f"{one.name} recording {record.id} ({split}):", *lines, f"Report: {job.report}"]))
        if params.display_report and _has_display():
            webbrowser.open(job.report.resolve().as_uri())
        return {"report": job.report, "picture": picture, "dataset": one.name, "record": record.id, "split": split}


def choose_recording(prepared: list[Prepared], wanted: str | None, seed: int) -> tuple[Prepared, int, str]:
    """Return the dataset, number and split of the recording to show.

    Parameters
    ----------
    prepared : list of Prepared
        The datasets.
    wanted : str or None
        The recording's name, or ``dataset/name``; None to choose one of a patient the model has not seen.
    seed : int
        Which of those is chosen.

    Raises
    ------
    ConfigError
        If no dataset has a recording of that name.
    """
    if wanted is None:
        rng = np.random.default_rng(seed)
        for split in ("test", "val", "train"):
            unseen = [(one, number) for one in prepared for number in one.records(split)]
            if unseen:
                return *unseen[rng.integers(len(unseen))], split
    for one in prepared:
        for number, name in enumerate(one.store.ids):
            if wanted in (name, f"{one.name}/{name}"):
                return one, number, _split_of(one, number)
    names = [name for one in prepared for name in one.store.ids]
    near = nearest_names(str(wanted), names)
    raise ConfigError(
        f"No recording is called {wanted!r}. "
        + (f"Did you mean {' or '.join(map(repr, near))}? " if near else "")
        + f"There are {len(names)}, e.g. {', '.join(map(repr, names[:3]))}."
    )


def _split_of(one: Prepared, number: int) -> str:
    return next((split for split in SPLITS if number in one.records(split)), "in no split")


def lead_to_show(one: Prepared, number: int, kind: str) -> int:
    """Return the number of the lead to show: of the configured ones one of this kind of signal, else the first.

    Raises
    ------
    ConfigError
        If the recording, chosen by its name, has none of them.
    """
    leads, names = one.leads_of(number), one.store.leads[number]
    if not leads:
        raise ConfigError(
            f"Recording {one.store.ids[number]!r} of {one.name!r} has none of the configured leads "
            f"({', '.join(map(str, one.leads or ()))}); it has {', '.join(names)}. Choose another recording, or "
            f"correct the dataset's params.leads."
        )
    lead = lead_of_kind(names, kind, leads)
    return leads[0] if lead is None else lead


def kept_thresholds(model_file: Path) -> dict[str, float]:
    """Return what training chose for each class and kept beside the model; empty where there is nothing.

    Raises
    ------
    DataError
        If the file is there and cannot be used.
    """
    path = model_file.parent / THRESHOLDS
    if not path.is_file():
        return {}
    try:
        kept = {str(name): float(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path} cannot be used: {error}. Delete it, or train anew to have it written.") from error
    return kept


def _others(one: Prepared, shown: int, split: str, kind: str, seed: int, count: int) -> list[tuple[Record, int]]:
    """Return recordings of so many other patients of a split, one of each, with the leads to show; by the seed."""
    patients: dict[str, list[int]] = {}
    for number in one.records(split if split in SPLITS else "all"):
        patients.setdefault(one.store.patients[number], []).append(number)
    patients.pop(one.store.patients[shown], None)
    rng = np.random.default_rng(seed)
    names = sorted(patients)
    chosen = [names[at] for at in rng.permutation(len(names))[:count]]
    numbers = [patients[name][rng.integers(len(patients[name]))] for name in chosen]
    return [(one.store.record(number), lead_to_show(one, number, kind)) for number in numbers]


def _shortened(record: Record, params: HKDemoParams) -> Record:
    """Cut a recording to ``demo_size`` samples where that is configured."""
    if "demo_size" not in params.model_fields_set or params.demo_size >= record.signals.shape[1]:
        return record
    if params.demo_size < params.frame_size:
        raise DataError(f"demo_size = {params.demo_size} is less than one frame of {params.frame_size} samples.")
    return record.head(params.demo_size)


def _has_display() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
