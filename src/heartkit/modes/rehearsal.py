"""The data of a run, looked at without preparing it: everything is counted, two recordings are tried."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heartkit.errors import RecordError
from heartkit.frames.batches import FrameSet
from heartkit.frames.drawing import frame_sets
from heartkit.frames.overlap import Entry, Groups, Remaining, remaining
from heartkit.frames.prepared import Prepared
from heartkit.frames.sources import dataset_folder, dataset_splits, lacking, open_dataset, require_fit
from heartkit.frames.strips import require_leads
from heartkit.modes.class_counts import look_for_classes, too_few
from heartkit.modes.findings import DatasetFacts, Findings
from heartkit.objectives.labels import full_class_map
from heartkit.params import DatasetParams, HKTestParams, HKTrainParams
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo
from heartkit.records.splits import SPLITS
from heartkit.records.store import prepare
from heartkit.tasks.base import Task
from heartkit.transforms.pipeline import Pipeline

FRAMES_TRIED = 8
"""Frames cut from each recording that is tried."""


def look_at_data(
    train: HKTrainParams, test: HKTestParams, task: Task | None, preprocess: Pipeline, findings: Findings
) -> None:
    """Add to the findings what the configured datasets hold and what is wrong with them.

    Parameters
    ----------
    train, test : HKTrainParams, HKTestParams
        What training and evaluating would be given.
    task : Task or None
        The task, as the configuration asks for it; None leaves out what depends on it.
    preprocess : Pipeline
        What frames go through.
    findings : Findings
        Is added to.
    """
    looked: list[Entry] = []
    folders: list[Path | None] = []
    for one in train.datasets:
        with findings.collecting():
            found = _look_at(one, train, task, preprocess, findings)
            looked += found
            folders += [None if entry.dataset.made else dataset_folder(one) for entry in found]
    left_over = remaining(looked)
    for entry, folder, left in zip(looked, folders, left_over, strict=True):
        _say_left_out(left, findings)
        counts = {split: len(left.groups[split]) for split in SPLITS}
        findings.datasets.append(DatasetFacts(entry.dataset.name, folder, len(entry.records), counts))
    patients = {split: sum(facts.patients[split] for facts in findings.datasets) for split in SPLITS}
    if findings.datasets:
        findings.frames = _frames(patients, train, test)
    if findings.datasets and len(findings.datasets) == len(train.datasets):
        # Of a dataset that is missing nobody knows who is in which split.
        _empty_splits(patients, test, findings)
        if task is not None and all(not lacking(task.framing.needs, one.dataset.provides) for one in looked):
            groups = [left.groups for left in left_over]
            _look_for_classes(list(zip(looked, groups, strict=True)), train, test, task, findings)


def _look_at(
    one: DatasetParams, train: HKTrainParams, task: Task | None, preprocess: Pipeline, findings: Findings
) -> list[Entry]:
    """Look at one dataset and return it, nothing where it has no recordings."""
    dataset = open_dataset(one)
    if task is not None:
        with findings.collecting():
            require_fit(dataset, task.framing.needs, task.name)
    listing = dataset.listing()
    if not listing:
        findings.problem(f"Dataset {dataset.name!r} has no recordings in {dataset.path}. Correct datasets[].path.")
        return []
    groups = dataset_splits(dataset, listing, train)
    records = _try_to_read(dataset, listing, findings)
    if records and (task is None or not lacking(task.framing.needs, dataset.provides)):
        with findings.collecting(f"{dataset.name} ({len(records)} of {len(listing)} recordings tried): "):
            _try_to_frame(dataset, records, train, task, preprocess)
    return [Entry(dataset, [(info.id, info.patient) for info in listing], groups)]


def _say_left_out(left: Remaining, findings: Findings) -> None:
    """Note which recordings are in two of the datasets, and what becomes of them."""
    if left.stray.patients:
        findings.notes.append(left.stray.words())
    found = left.found
    if found.patients:
        where = ", ".join(sorted(found.homes))
        count = f"{len(found.patients)} of its recordings are excerpts of recordings of {where}"
        apart = ", ".join(sorted(found.apart)) or "none"
        findings.notes.append(
            f"{found.name}: {count}, which is configured too. Left out, for their whole recording is in another "
            f"split or in none: {apart}."
        )


def _try_to_read(dataset: Any, listing: Sequence[RecordInfo], findings: Findings) -> list[Record]:
    """Return the first and the last recording, as far as they can be read."""
    ids = list(dict.fromkeys((listing[0].id, listing[-1].id)))
    results = dataset.read_many(ids)
    reasons = [str(result) for result in results if isinstance(result, Exception)]
    if len(reasons) == len(ids):
        findings.problem(f"{dataset.name}: no recording that was tried can be read: {'; '.join(reasons)}")
    else:
        findings.notes += [f"{dataset.name}: would be left out: {reason}" for reason in reasons]
    return [result for result in results if isinstance(result, Record)]


def _try_to_frame(
    dataset: Any, records: list[Record], train: HKTrainParams, task: Task | None, preprocess: Pipeline
) -> None:
    """Go the whole way from recordings to preprocessed frames, with nothing kept."""
    if task is None:
        _require_length(records, train)
        return
    class_map = full_class_map(train.class_map, train.num_classes)
    wanted = train.samples_per_patient
    with tempfile.TemporaryDirectory() as cache:
        store = prepare(_Tried(dataset.name, records), train.sampling_rate, Path(cache), progress=False)
        require_leads(store, dataset.options.leads, dataset.name)
        one = Prepared(dataset.name, store, {"train": store.patients, "val": [], "test": []}, dataset.options.leads, 1)
        sets: list[FrameSet] = frame_sets(
            [one], task.cutter(class_map), "train", train.frame_size,
            wanted if isinstance(wanted, list) else min(wanted, FRAMES_TRIED), train.seed or 0,
        )  # fmt: skip
        for frames in sets:
            preprocess(frames.frames(slice(0, FRAMES_TRIED))[0])


def _require_length(records: list[Record], train: HKTrainParams) -> None:
    longest = max(int(record.duration * train.sampling_rate) for record in records)
    if longest < train.frame_size:
        raise RecordError(
            f"frame_size = {train.frame_size} is longer than the recordings, which have {longest} samples at "
            f"{train.sampling_rate} Hz. Choose a frame_size of at most {longest}."
        )


def _frames(patients: dict[str, int], train: HKTrainParams, test: HKTestParams) -> dict[str, int]:
    limit = train.val_size or (train.val_steps_per_epoch or 0) * train.batch_size
    validation = patients["val"] * _per_patient(train.val_samples_per_patient)
    return {
        "train": patients["train"] * _per_patient(train.samples_per_patient),
        "val": min(validation, limit) if limit else validation,
        "test": min(patients["test"] * _per_patient(test.test_samples_per_patient), test.test_size),
    }


def _look_for_classes(
    entries: Sequence[tuple[Entry, Groups]], train: HKTrainParams, test: HKTestParams, task: Task, findings: Findings
) -> None:
    """Note the classes that no frame of a split has; a problem where training has too few."""
    if not task.objective.fewest or findings.problems:
        return  # what is wrong with labels or recordings has been said, and this would only follow from it
    cutter = task.cutter(full_class_map(train.class_map, train.num_classes))
    for split in [split for split in SPLITS if split != "test" or test.split in ("test", "all")]:
        used = [(entry, groups) for entry, groups in entries if groups[split]]
        look = look_for_classes(used, split, cutter, train)
        if not look.telling:
            continue
        wrong = split == "train" and look.complete and too_few(look.counts, task.objective)
        (findings.problem if wrong else findings.notes.append)(look.words(split, findings.classes))


def _per_patient(samples: int | list[int]) -> int:
    return sum(samples) if isinstance(samples, list) else samples


def _empty_splits(patients: dict[str, int], test: HKTestParams, findings: Findings) -> None:
    for split in ("train", "val"):
        if not patients[split]:
            findings.problem(
                f"No patient is in split {split!r}, which training needs. Change train_patients, val_patients or the "
                "splits of the datasets, or fetch what is missing with `heartkit download`."
            )
    if test.split != "all" and not patients[test.split]:
        findings.notes.append(
            f"`heartkit evaluate` has no patient in split {test.split!r}; choose another with `--set split=val`."
        )


@dataclass
class _Tried:
    """Recordings that have been read, as a dataset of their own."""

    name: str
    records: list[Record]
    records_per_shard: int = 64

    def listing(self) -> list[RecordInfo]:
        return [RecordInfo(record.id, record.patient) for record in self.records]

    def read_many(self, ids: Sequence[str]) -> list[Record | Exception]:
        return [record for record in self.records if record.id in ids]

    def fingerprint(self) -> str:
        return "tried"
