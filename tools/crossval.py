"""Cross-validate a configuration over patients: every patient is scored by a model that never saw them.

``python -m tools.crossval -t beat -c configs/beat-3-eff-sm.json --folds 4`` splits the patients that are not of the
published test split into folds by hash. Each fold in turn is the test split; of the other patients some validate, as
the configuration says, and the rest train. What each fold scored and what all score together is written into
``crossval.json`` in the job folder. A split into training and validation says little where a dataset has a handful of
patients; this says what the configuration, not one model of it, can do.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from heartkit.config import Config, load
from heartkit.factories import DatasetFactory, TaskFactory
from heartkit.metrics.classification import classification_report
from heartkit.metrics.ec57 import ec57_report
from heartkit.params import HKTestParams, HKTrainParams
from heartkit.records.source import RecordInfo

HELD_BACK = ("test", "none")
"""Published splits whose patients take no part."""
MEANS = ("rmse", "mae", "correlation")
"""What is averaged of signals; see `heartkit.metrics.signals`."""


class Fold:
    """A dataset in which one fold of the patients is the test split; all else is the dataset's own."""

    published_splits = frozenset({"test"})

    def __init__(self, dataset: Any, fold: int, folds: int) -> None:
        self.dataset, self.fold, self.folds = dataset, fold, folds

    def __getattr__(self, name: str) -> Any:
        if "dataset" not in self.__dict__:  # on its way to another process
            raise AttributeError(name)
        return getattr(self.dataset, name)

    def listing(self) -> list[RecordInfo]:
        """Return the recordings with the split that each has in this fold."""
        listing = self.dataset.listing()
        kept = {info.patient for info in listing if info.split not in HELD_BACK}
        held = set(fold_of(self.dataset.name, sorted(kept), self.fold, self.folds))
        split = {patient: "test" if patient in held else None for patient in kept}
        return [replace(info, split=split.get(info.patient, "none")) for info in listing]


def fold_of(dataset: str, patients: Sequence[str], fold: int, folds: int) -> list[str]:
    """Return the patients of one fold: every `folds`-th in an order drawn by hash."""
    order = sorted(patients, key=lambda patient: hashlib.sha256(f"{dataset}/folds/{patient}".encode()).digest())
    return order[fold::folds]


def crossval(config: Config, task_name: str, folds: int) -> dict[str, Any]:
    """Train and score each fold, and return what each and all scored."""
    task, found = TaskFactory.get(task_name), []
    for fold in range(folds):
        values = _of_fold(config.values, fold, folds)
        task.train(replace(config, values=values).params(HKTrainParams, task_name))
        found.append(task.evaluate(replace(config, values={**values, "split": "test"}).params(HKTestParams, task_name)))
    return pooled(found)


def pooled(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Put what the folds scored together, as `pooled_classes` or `pooled_signals` does."""
    return pooled_signals(found) if "output" in found[0]["frames"] else pooled_classes(found)


def pooled_signals(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Put together what the folds of a task scored that answers with signals.

    Returns
    -------
    dict
        ``patients`` and ``frames``: how many in all; ``folds``: the model's correlation in each; ``signals``: for the
        model and each baseline the means over all frames, see `MEANS`, and of the heart rate the mean absolute error
        in beats per minute over the frames in which it is known. None where a method has no such score.
    """
    methods = {"model": [one["frames"] for one in found]}
    methods |= {name: [one["baselines"][name]["signals"] for one in found] for name in found[0]["baselines"]}
    return {
        "patients": sum(one["frames"]["patients"] for one in found),
        "frames": sum(one["frames"]["frames"] for one in found),
        "folds": [one["frames"]["output"]["correlation"]["mean"]["value"] for one in found],
        "signals": {name: _means(reports) for name, reports in methods.items()},
    }


def _means(reports: Sequence[dict[str, Any]]) -> dict[str, float | None]:
    made = {
        name: _mean([(one["output"][name]["mean"]["value"], one["output"][name]["frames"]) for one in reports])
        for name in MEANS
    }
    rates = [one["heart_rate"] for one in reports if "heart_rate" in one]
    error = _mean([(one["mean_absolute_error"]["value"], one["both"]) for one in rates])
    return {**made, "heart_rate_error": error}


def _mean(parts: Sequence[tuple[float | None, int]]) -> float | None:
    """Return the mean of all from the mean and number of each part."""
    known = [(value, count) for value, count in parts if value is not None and count]
    total = sum(count for _, count in known)
    return sum(value * count for value, count in known) / total if known else None


def pooled_classes(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Put together what the folds of a task scored that answers with classes.

    Returns
    -------
    dict
        ``folds``: macro F1 of each; ``frames``, and ``samples`` where whole recordings are scored: macro F1 and F1 per
        class of all patients together; ``ec57`` as `ec57_report` describes it where beats are scored; the latter two
        also for each of ``baselines``.
    """
    names, rng = found[0]["class_names"], np.random.default_rng(0)
    methods = {"model": [one.get("recordings", {}) for one in found]}
    methods |= {name: [one["baselines"].get(name, {}) for one in found] for name in found[0]["baselines"]}
    made = {name: _together(reports, names, rng) for name, reports in methods.items()}
    frames = [one["frames"] for one in found]
    return {
        "folds": [one["macro_f1"]["value"] for one in frames],
        "patients": sum(one["patients"] for one in frames),
        "frames": _scores(frames, names, rng),
        **made.pop("model"),
        "baselines": made,
    }


def _together(reports: Sequence[dict[str, Any]], names: Sequence[str], rng: np.random.Generator) -> dict[str, Any]:
    made = {}
    if all("samples" in one for one in reports):
        made["samples"] = _scores([one["samples"] for one in reports], names, rng)
    if all("records" in one.get("ec57", {}) for one in reports):
        each = {record: row for one in reports for record, row in one["ec57"]["records"].items()}
        matrices = np.array([row["counts"] for row in each.values()])
        made["ec57"] = ec57_report(matrices, list(each), list(each), rng, list(reports[0]["ec57"]["gross"]))
    return made


def _scores(reports: Sequence[dict[str, Any]], names: Sequence[str], rng: np.random.Generator) -> dict[str, Any]:
    total = np.sum([one["confusion"] for one in reports], axis=0)
    scores = classification_report(total[None], names, rng, resamples=1)
    classes = {name: {key: one[key]["value"] for key in ("f1", "se", "ppv")} for name, one in scores["classes"].items()}
    return {"macro_f1": scores["macro_f1"]["value"], "classes": classes, "confusion": total.tolist()}


def _of_fold(values: dict[str, Any], fold: int, folds: int) -> dict[str, Any]:
    """Return the configuration's values for one fold, whose datasets are registered here."""
    datasets = []
    for one in values["datasets"]:
        name, kind = f"{one['name']}-fold-{fold}", DatasetFactory.get(one["name"])

        def made(path: Path, params: dict[str, Any], kind: Any = kind) -> Fold:
            return Fold(kind(path, params), fold, folds)

        DatasetFactory.register(name, made)  # type: ignore[arg-type]
        datasets.append({"path": f"./datasets/{one['name']}", **one, "name": name})
    return {**values, "datasets": datasets, "job_dir": str(Path(values["job_dir"]) / f"fold-{fold}")}


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tools.crossval", description=str(__doc__).partition("\n")[0])
    parser.add_argument("-t", "--task", required=True)
    parser.add_argument("-c", "--config", required=True)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    given = parser.parse_args()
    config = load(given.config, given.overrides)
    made = crossval(config, given.task, given.folds)
    Path(config.values["job_dir"], "crossval.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
