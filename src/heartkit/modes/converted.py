"""What a converted model scores beside the one it was made of, and how much less it may."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from heartkit.artifact.verify import Verification
from heartkit.backends.base import Predictor
from heartkit.backends.litert import litert_predictor
from heartkit.backends.tflm import tflm_predictor
from heartkit.errors import VerificationError
from heartkit.frames.stored import StoredFrames
from heartkit.metrics.jackknife import jackknife
from heartkit.objectives.base import Objective
from heartkit.params import HKExportParams

EQUAL_SCORES = 1e-3
"""Scores of the two interpreters that differ by no more than this are equal: a unit of int8 decides few samples."""
FLOAT, FAKE, LITERT, TFLM = "float model", "fake-quantised model", "LiteRT", "TFLite-Micro"
"""What is scored: the float model (or what quantisation-aware training left, with its rounding), and the converted one
on LiteRT's reference kernels and on TFLite-Micro."""

Answers = Mapping[str, NDArray[np.float32]]
Scores = Mapping[str, Mapping[str, float]]


def answers_of(held: StoredFrames, expected: Answers, flat: bytes, verification: Verification) -> Answers:
    """Return what each answers on the same frames: the model as it was trained, then each interpreter."""
    runners: dict[str, Predictor] = {LITERT: litert_predictor(flat, reference=True)}
    if verification.tflm:
        runners[TFLM] = tflm_predictor(flat)
    return {**expected, **{name: runner.predict(held.frames) for name, runner in runners.items()}}


def scores_of(objective: Objective, held: StoredFrames, answers: Answers) -> dict[str, dict[str, float]]:
    """Score each."""
    return {name: objective.watch(held.answers, outputs) for name, outputs in answers.items()}


def lost(objective: Objective, held: StoredFrames, answers: Answers) -> dict[str, dict[str, float | None]]:
    """Return how much of each score converting cost: what the first of `answers` scores minus what the last does.

    Returns
    -------
    dict
        By score ``value``, and ``low`` and ``high``, the ends of a 95 % interval over patients that pairs the two, see
        `heartkit.metrics.jackknife`; of ``loss``, of which less is better, the sign is turned.
    """
    before, *_, after = answers.values()
    signs = {name: -1 if name == "loss" else 1 for name in objective.watched}

    def differences(some: NDArray[np.intp]) -> list[float]:
        exact, found = (objective.watch(held.answers[some], outputs[some]) for outputs in (before, after))
        return [sign * (exact[name] - found[name]) for name, sign in signs.items()]

    estimate = jackknife(held.patients, differences)
    return {name: estimate.json(at) for at, name in enumerate(signs)}


def require_equal(scores: Scores) -> None:
    """Raise `VerificationError` if TFLite-Micro scores differently than LiteRT's reference kernels."""
    for name, score in scores.get(TFLM, {}).items():
        expected = scores[LITERT][name]
        if not abs(score - expected) <= EQUAL_SCORES * max(1.0, abs(expected)):
            raise VerificationError(
                f"On TensorFlow Lite Micro {name} is {score:.4f}, in LiteRT {expected:.4f}. No model was written. Do "
                "not use it on a device; try another quantization.format or conversion."
            )


def require_scores(params: HKExportParams, scores: Scores, metric: str) -> None:
    """Raise `VerificationError` if an interpreter loses more of the float model's score than may be lost.

    ``test_metric_threshold`` is what `metric` may lose. Without one, ``val_acc_threshold`` is the share of the score
    that must be kept.
    """
    trained = FAKE if FAKE in scores else FLOAT
    before = scores[trained][metric]
    if params.test_metric_threshold is not None:
        limit = params.test_metric_threshold
    elif params.val_acc_threshold is not None:
        limit = abs(before) * (1 - params.val_acc_threshold)
    else:
        return
    for name, one in scores.items():
        less = one[metric] - before if metric == "loss" else before - one[metric]
        if not less <= limit:  # also where a score is NaN
            raise VerificationError(
                f"On {name} {metric} is {one[metric]:.4f}, the {trained}'s is {before:.4f}: more than the "
                f"{limit:.4f} that may be lost. No model was written. Try `--set quantization.format=INT16X8`, or find "
                f"the layer that hurts with `--set quantization.debug=true`."
            )
