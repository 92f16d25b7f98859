"""Export: convert a trained model to LiteRT and C, and prove that it still does what it did."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit import console, files
from heartkit.artifact.convert import as_converted, convert, needs_calibration
from heartkit.artifact.emit import c_header, check_identifier
from heartkit.artifact.inspect import inspect
from heartkit.artifact.layers import layer_errors
from heartkit.artifact.target import target_of
from heartkit.artifact.verify import Verification, verify
from heartkit.errors import ConfigError
from heartkit.frames.seen import Seen, copy_seen
from heartkit.frames.stored import StoredFrames
from heartkit.job import Job
from heartkit.models.architecture import with_probabilities
from heartkit.models.fake_quant import ranges
from heartkit.models.files import load_model
from heartkit.models.fold import fold
from heartkit.modes.converted import FAKE, FLOAT, answers_of, lost, require_equal, require_scores, scores_of
from heartkit.modes.data import TaskData
from heartkit.modes.evaluate import open_task_model
from heartkit.params import HKExportParams, QuantizationParams
from heartkit.reports.layers import write_layer_errors
from heartkit.tasks.base import Task

log = logging.getLogger(__name__)

CALIBRATION_FRAMES = 2000
"""Training frames on which the ranges of activations are calibrated."""
SCORED_FRAMES = 4000
"""Held-out frames, at most, on which scores are compared: both interpreters are as slow as they are exact, 1.9 ms per
frame of a network of 1.2 million MACs."""
EXACT_FRAMES = 1000
"""Of those, at most, so many on which TFLite-Micro and LiteRT's reference kernels are compared number by number."""
DEBUG_FRAMES = 64
"""Frames on which the error of each layer is measured."""
WATCHED = {"acc": "accuracy", "f1": "macro F1", "auroc": "macro AUROC", "cosine": "cosine similarity"}
"""What scores are called in a table, where their name says too little."""


def export(params: HKExportParams, task: Task) -> dict[str, Any]:
    """Convert and verify a model.

    The model is calibrated on training frames only. It is verified on the test patients, or on the validation
    patients where there are none of the test: its numbers and its scores on TFLite-Micro against those of LiteRT's
    reference kernels (on up to `EXACT_FRAMES` and `SCORED_FRAMES` frames, evenly taken from all), and its scores on
    both against the float model's.

    Parameters
    ----------
    params : HKExportParams
        Which model, and to what.
    task : Task
        What for.

    Returns
    -------
    dict
        What ``export.json`` holds: files, size, operators, MACs, arena, scores of each interpreter.

    Raises
    ------
    ExportError
        If the model cannot be converted, or TFLite-Micro is needed and not installed.
    VerificationError
        If it answers differently on TFLite-Micro, or loses more of its score than is allowed; no model is written.
    """
    console.set_verbosity(params.verbose)
    with Job.open(params.job_dir, "export", params.resolved(), params.seed) as job:
        check_identifier(params.tflm_var_name)
        metric = params.test_metric or task.objective.main
        task.objective.require_watched(metric, "test_metric")
        model_file = params.model_file or job.model
        if model_file.suffix != ".keras":
            raise ConfigError(f"model_file is {str(model_file)!r}; export converts a .keras model.")
        open_task_model(model_file, params, task, "pc")
        data = TaskData(params, task, job.seed, seen=Seen.by(model_file))
        split, held = _held_frames(params, data)
        float_model = fold(load_model(model_file))
        model = _with_activation(float_model, params, task)
        debug = params.quantization.debug and target_of(params.quantization).integer
        calibration = calibration_frames(data) if debug or needs_calibration(model, params.quantization) else None
        with console.progress("Converting and verifying", None, params.verbose > 0):
            flat = convert(model, params.quantization, calibration)
            compared = as_converted(model, params.quantization)
            expected = compared.predict(held.frames, batch_size=params.batch_size, verbose=0)
            some = _evenly(len(held.frames), EXACT_FRAMES)
            verification = verify(flat, held.frames[some], expected[some], params.tflm)
            name = FAKE if ranges(compared) else FLOAT
            answers = answers_of(held, {name: expected}, flat, verification)
            scores = scores_of(task.objective, held, answers)
        report = _report(params, flat, verification, split, held) | {
            "scores": scores, "lost": lost(task.objective, held, answers),
        }  # fmt: skip
        _print(report, metric)
        if debug and calibration is not None:
            exact = convert(model, QuantizationParams(conversion=params.quantization.conversion))
            some = _evenly(len(calibration), DEBUG_FRAMES)
            write_layer_errors(job.folder, layer_errors(flat, exact, calibration[some]))
        require_equal(scores)
        require_scores(params, scores, metric)
        _write(job, params, flat, report)
        copy_seen(model_file, job.tflite)
        return report


def _with_activation(model: Any, params: HKExportParams, task: Task) -> Any:
    """Put what makes probabilities behind the logits, where a configuration asks for it and the task has such."""
    if params.use_logits or task.objective.activation is None:
        return model
    return with_probabilities(model, task.objective.activation)


def _held_frames(params: HKExportParams, data: TaskData) -> tuple[str, StoredFrames]:
    """Return the frames to verify on: of the test patients, else of the validation patients."""
    has_test = any(one.records("test") for one in data.prepared) or _exists(params.test_file)
    split = "test" if has_test else "val"
    if not has_test:
        console.say("There are no test patients here; the export is verified on the validation patients.")
    held = data.frames(split, params.test_samples_per_patient, params.test_size, params.test_file)
    some = _evenly(len(held.frames), SCORED_FRAMES)
    return split, StoredFrames(held.frames[some], held.answers[some], held.patients[some])


def _exists(path: Path | None) -> bool:
    return path is not None and path.exists()


def calibration_frames(data: TaskData) -> NDArray[np.float32]:
    """Return frames of the training patients, of each as many."""
    patients = sum(len(one.groups["train"]) for one in data.prepared)
    per_patient = -(-CALIBRATION_FRAMES // max(patients, 1))
    return data.frames("train", per_patient, CALIBRATION_FRAMES, None).frames


def _evenly(count: int, wanted: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, count - 1, min(count, wanted)).astype(np.int64))


def _report(
    params: HKExportParams,
    flat: bytes,
    verification: Verification,
    split: str,
    held: StoredFrames,
) -> dict[str, Any]:
    found, target = inspect(flat), target_of(params.quantization)
    return {
        "format": target.format.value,
        "io_type": target.io_type,
        "bytes": len(flat),
        "weight_bytes": found.weight_bytes,
        "macs": found.macs,
        "operators": {name: found.operator_names.count(name) for name in dict.fromkeys(found.operator_names)},
        "input": _tensor(found.input),
        "output": _tensor(found.output),
        "verified_on": {"split": split, "frames": len(held.frames), "patients": len(np.unique(held.patients))},
        "verification": asdict(verification),
    }


def _tensor(info: Any) -> dict[str, Any]:
    return {"shape": list(info.shape), "dtype": info.dtype, "scale": info.scale, "zero_point": info.zero_point}


def _write(job: Job, params: HKExportParams, flat: bytes, report: dict[str, Any]) -> None:
    """Write the model, the C header and the report."""
    header = params.tflm_file or job.header
    files.write_bytes(job.tflite, flat)
    files.write_text(header, c_header(flat, params.tflm_var_name, report["verification"]["arena_bytes"] or 0))
    files.write_json(job.folder / "export.json", report)
    console.say(f"Model: {job.tflite}\nC header: {header}")


def _print(report: dict[str, Any], metric: str) -> None:
    verification = report["verification"]
    arena = verification["arena_bytes"]
    console.table(
        ("interpreter", *(WATCHED.get(metric, metric) for metric in next(iter(report["scores"].values())))),
        [(name, *(f"{score:.4f}" for score in scores.values())) for name, scores in report["scores"].items()],
        f"{report['format']} on {report['verified_on']['frames']:,} frames of "
        f"{report['verified_on']['patients']} {report['verified_on']['split']} patients",
    )
    gone = report["lost"][metric]
    ends = "" if gone["low"] is None else f" ({gone['low']:+.4f} to {gone['high']:+.4f}, 95 % over patients)"
    console.say(f"Converting cost {gone['value']:+.4f} of {WATCHED.get(metric, metric)}{ends}.")
    if verification["tflm"]:
        console.say(
            f"TFLite-Micro agrees with LiteRT's reference kernels within {verification['largest']:g} "
            f"(allowed {verification['limit']:g}, in units of {verification['unit']})."
        )
    console.say(
        f"{report['bytes']:,} bytes, {report['macs']:,} MACs, arena {f'{arena:,} bytes' if arena else 'not measured'}, "
        f"operators: {', '.join(f'{count} {name}' for name, count in report['operators'].items())}."
    )
