"""Embeddings: frames of one patient near each other, frames of different patients apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.stored import StoredFrames
from heartkit.objectives.base import Objective, Scoring
from heartkit.objectives.classify import FrameAnswer
from heartkit.objectives.losses import Loss, contrast, contrastive
from heartkit.params import HKTrainParams

WATCHED_AT_ONCE = 1024
"""Validation frames that are compared with each other, at most: the loss grows with their number."""
WATCHED_TEMPERATURE = 0.1


class Contrast(Objective):
    """Objective of tasks that learn an embedding (num_classes,) without labels; answers are numbers of patients."""

    name = "contrast"
    head = "frame"
    watched = ("loss", "agreement")
    main = "agreement"
    labels = True

    def output_shape(self, frame_size: int, num_classes: int) -> tuple[int, ...]:
        """Return (num_classes,)."""
        return (num_classes,)

    def loss(self, params: HKTrainParams, answers: NDArray[Any]) -> Loss:
        """Return the contrastive loss at the configuration's temperature."""
        return contrastive(params.temperature)

    def watch(self, answers: NDArray[Any], outputs: NDArray[np.float32]) -> dict[str, float]:
        """Return the contrastive loss, and the share of frames whose nearest neighbour is of the same patient.

        Both are taken among up to `WATCHED_AT_ONCE` frames, two of each patient as far as that goes.
        """
        chosen = _two_of_each(answers)[:WATCHED_AT_ONCE]
        patients = answers[chosen]
        units = outputs[chosen] / np.maximum(np.linalg.norm(outputs[chosen], axis=1, keepdims=True), 1e-12)
        alike = units @ units.T
        loss = contrast(alike / WATCHED_TEMPERATURE, patients)
        np.fill_diagonal(alike, -np.inf)
        return {"loss": loss, "agreement": float((patients[alike.argmax(axis=1)] == patients).mean())}

    def answer(
        self, preprocess: Any, predict: Any, frame_size: int, rate: float, class_map: Mapping[int, int]
    ) -> FrameAnswer:
        """Return a model as a method that answers along whole leads."""
        return FrameAnswer(preprocess, predict, frame_size, rate, lambda outputs: outputs)

    def score(self, held: StoredFrames, outputs: NDArray[np.float32], scoring: Scoring) -> dict[str, Any]:
        """Score frames."""
        return {"frames": self.watch(held.answers, outputs)}


def _two_of_each(patients: NDArray[Any]) -> NDArray[np.int64]:
    """Return rows so that the first two frames of every patient come first, patient by patient."""
    order = np.argsort(patients, kind="stable")
    _, first, counts = np.unique(patients[order], return_index=True, return_counts=True)
    turn = (np.arange(len(order)) - first.repeat(counts)) // 2
    return order[np.argsort(turn, kind="stable")]
