"""Measure what each number format costs a trained network, on validation patients, in TensorFlow Lite Micro itself.

``python -m tools.quantisation --task segmentation --config configs/seg-4-tcn-sm.json --model FLOAT.keras --qat JOB``
adds its numbers to ``benchmarks/quantisation.json``, from which ``python -m tools.results`` writes the page. JOB is
the job folder of a training with ``quantization.qat`` that started from FLOAT; without it only the other forms are
measured.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import heartkit as hk
from heartkit import console
from heartkit.artifact.arena import smallest_arena
from heartkit.artifact.convert import convert, needs_calibration
from heartkit.backends.tflm import tflm_predictor
from heartkit.factories import ModelFactory, TaskFactory
from heartkit.metrics.bootstrap import bootstrap
from heartkit.metrics.classification import classification_scores
from heartkit.models.files import load_model
from heartkit.models.fold import fold
from heartkit.modes.data import TaskData
from heartkit.modes.export import calibration_frames
from heartkit.objectives.labelled import confusions
from heartkit.params import HKExportParams, HKTrainParams, ModelArchitecture, QuantizationParams

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "quantisation.json"
FRAMES = 4000
"""Validation frames at most: TFLite-Micro's reference kernels are slow."""
MIXED = 0.25
FORMATS: dict[str, dict[str, Any]] = {
    "post-training int8": {"format": "INT8"},
    f"post-training int8, worst {MIXED:.0%} of layers in 16 bits": {"format": "INT8", "mixed": MIXED},
    "int16x8": {"format": "INT16X8"},
}
TRAINED = "quantisation-aware int8"
MEANS = "post-training int8, means in place of average pools"
"""The same weights: squeeze-excite and the head take means with MEAN, whose output has a unit of its own."""


def measure(
    config: hk.Config, task_name: str, model_file: Path, qat_job: Path | None, stored: dict[str, Any]
) -> Iterator[str]:
    """Score a float network and its quantised forms on the same validation frames; yield a form once it is in `stored`.

    `stored` gets ``task``, ``data``, ``parameters``, ``fine_tune`` and ``forms``: per form ``macro_f1`` and ``lost``
    against float (value, low, high; intervals over patients, the latter paired), ``bytes`` and ``arena_bytes``. A form
    that stands there is not measured again.
    """
    task, params = TaskFactory.get(task_name), config.params(HKExportParams, task_name)
    training = config.params(HKTrainParams, task_name)
    data = TaskData(params, task, params.seed or 0)
    held = data.frames("val", training.val_samples_per_patient, None, None)
    some = np.unique(np.linspace(0, len(held.frames) - 1, min(len(held.frames), FRAMES)).astype(np.int64))
    frames, truth, patients = held.frames[some], held.answers[some], held.patients[some]
    network = load_model(model_file)
    float_model = fold(network)
    exact = confusions(truth, float_model.predict(frames, batch_size=256, verbose=0), patients)
    stored["task"], stored["parameters"] = task_name, float_model.count_params()
    datasets = [one.name for one in data.prepared if one.records("val")]
    stored["data"] = {
        "datasets": datasets, "split": "val", "frames": len(frames), "patients": len(np.unique(patients)),
    }  # fmt: skip
    forms = {name: (float_model, QuantizationParams(enabled=True, **values)) for name, values in FORMATS.items()}
    forms[MEANS] = (with_means(network, training.architecture, task.objective.head), QuantizationParams(enabled=True))
    if qat_job is not None:
        stored["fine_tune"] = _fine_tune(qat_job)
        forms[TRAINED] = (load_model(qat_job / "model.keras"), QuantizationParams(enabled=True, qat=True))
    rows = stored.setdefault("forms", {})
    rows["float"] = {"macro_f1": _scores(exact, exact)["macro_f1"]}
    for name, (model, quantization) in forms.items():
        if name in rows:
            continue
        calibration = calibration_frames(data) if needs_calibration(model, quantization) else None
        flat = convert(model, quantization, calibration)
        found = confusions(truth, tflm_predictor(flat).predict(frames), patients)
        rows[name] = _scores(exact, found) | {"bytes": len(flat), "arena_bytes": smallest_arena(flat)}
        yield name


def with_means(network: Any, architecture: ModelArchitecture | None, head: str) -> Any:
    """Return a network with the same weights and answers whose means over time are no average pools, folded."""
    assert architecture is not None
    values = dict(architecture.params) | {"pooling": "mean"}
    values["blocks"] = [{**block, "se_pooling": "mean"} for block in values["blocks"]]
    made = ModelFactory.get(architecture.name).make
    other = made(network.input_shape[1:], values, network.output_shape[-1], head)
    other.set_weights(network.get_weights())
    return fold(other)


def _scores(exact: NDArray[Any], found: NDArray[Any]) -> dict[str, Any]:
    """Return the macro F1 and what it has lost, from confusion matrices per patient."""

    def metrics(both: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
        scores = classification_scores(both)["macro_f1"]
        return {"macro_f1": scores[..., 1], "lost": scores[..., 0] - scores[..., 1]}

    estimates = bootstrap(np.stack([exact, found], axis=1), metrics, np.random.default_rng(0))
    return {name: estimate.json() for name, estimate in estimates.items()}


def _fine_tune(job: Path) -> dict[str, Any]:
    used = json.loads((job / "train.config.json").read_text(encoding="utf-8"))
    keys = ("epochs", "steps_per_epoch", "batch_size", "lr_rate")
    return {key: used[key] for key in keys} | {"epochs_run": len((job / "history.csv").read_text().splitlines()) - 1}


def main() -> None:
    """Measure, and keep the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--task", "--config", "--model"):
        parser.add_argument(name, required=True)
    parser.add_argument("--qat", type=Path)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    parser.add_argument("--forms", type=int, default=len(FORMATS) + 2, help="how many to measure in this run")
    given = parser.parse_args()
    stored = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    one = stored.setdefault(Path(given.config).stem, {})
    config = hk.load(given.config, given.overrides)
    for name in islice(measure(config, given.task, Path(given.model), given.qat, one), given.forms):
        RESULTS.write_text(json.dumps(dict(sorted(stored.items())), indent=1) + "\n", encoding="utf-8")
        console.say(f"{name}: {one['forms'][name]}")


if __name__ == "__main__":
    main()
