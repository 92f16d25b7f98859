"""What objectives share whose answers are class labels, of samples or of frames."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import DataError
from heartkit.frames.stored import StoredFrames
from heartkit.metrics.classification import classification_report, classification_scores, confusion_by_group
from heartkit.objectives.base import Objective, Scoring
from heartkit.objectives.labels import LEFT_OUT, to_classes
from heartkit.objectives.losses import Loss, balanced_weights, crossentropy, imitate_classes, masked_crossentropy
from heartkit.objectives.probabilities import to_probabilities
from heartkit.params import HKTrainParams


class Labelled(Objective):
    """Objective of tasks that choose one class, for each frame or for each of its samples.

    The model answers with logits, (num_classes,) for what is to be named; answers are classes, -1 where nothing is
    known.
    """

    watched = ("loss", "acc", "f1")
    main = "acc"
    labels = True
    fewest = 2
    activation = "softmax"

    def answers(self, targets: NDArray[Any], class_map: Mapping[int, int]) -> NDArray[np.int8]:
        """Map targets in the task's vocabulary to the configuration's classes."""
        return to_classes(targets, class_map)

    def class_counts(self, answers: NDArray[Any], num_classes: int) -> NDArray[np.int64]:
        """Return how many frames are of each class, or have a sample that is."""
        known = answers.reshape(len(answers), int(np.prod(answers.shape[1:])))
        return np.array([(known == one).any(axis=1).sum() for one in range(num_classes)], np.int64)

    def require_answers(self, answers: NDArray[Any], num_classes: int, file: Path) -> None:
        """Raise `DataError` if stored answers are of a class that there is not."""
        if (highest := int(answers.max(initial=0))) >= num_classes:
            raise DataError(
                f"The stored frames in {file} hold class {highest}, but num_classes = {num_classes}. "
                "Correct num_classes, or delete the file to make it anew."
            )

    def loss(self, params: HKTrainParams, answers: NDArray[Any]) -> Loss:
        """Return the cross-entropy, classes weighed evenly (``"fixed"``) or inversely to how often they occur."""
        balanced = params.class_weights == "balanced"
        weights = balanced_weights(answers, params.num_classes) if balanced else np.ones(params.num_classes, np.float32)
        return masked_crossentropy(weights, params.label_smoothing, params.focal_gamma)

    def soft(self, answers: NDArray[Any], num_classes: int) -> NDArray[np.float32]:
        """Return (..., num_classes): 1 for the class, nothing but 0 where it is unknown."""
        rows = np.vstack([np.eye(num_classes, dtype=np.float32), np.zeros((1, num_classes), np.float32)])
        return np.asarray(rows[answers])  # -1 is the last row

    def imitate(self, temperature: float) -> Loss:
        """Return the cross-entropy against the teacher's probabilities."""
        return imitate_classes(temperature)

    def watch(self, answers: NDArray[Any], outputs: NDArray[np.float32]) -> dict[str, float]:
        """Return cross-entropy, accuracy and macro F1, the latter two 0..1."""
        confusion = confusions(answers, outputs, np.zeros(len(answers), np.int64))[0]
        scores = classification_scores(confusion)
        loss = crossentropy(to_probabilities(outputs), answers)
        return {"loss": loss, "acc": float(scores["accuracy"]), "f1": float(scores["macro_f1"])}

    def score(self, held: StoredFrames, outputs: NDArray[np.float32], scoring: Scoring) -> dict[str, Any]:
        """Score frames, with intervals over patients.

        Parameters
        ----------
        held : StoredFrames
            The frames; answers (n,) or (n, frame_size) of int.
        outputs : (n, num_classes) or (n, frame_size, num_classes) array of float32
            What a model answered.
        scoring : Scoring
            Names of the classes, threshold, randomness.

        Returns
        -------
        dict
            ``frames``: as `classification_report` describes it, and ``coverage``: the share that was scored, or None
            without a threshold.
        """
        classes, coverage = sure_classes(held.answers, outputs, scoring.threshold), None
        if scoring.threshold is not None:
            known = int((held.answers != LEFT_OUT).sum())
            coverage = float((classes != LEFT_OUT).sum() / max(known, 1))
        report = classification_report(confusions(classes, outputs, held.patients), scoring.names, scoring.rng)
        return {"frames": report | {"coverage": coverage}}


def sure_classes(classes: NDArray[Any], outputs: NDArray[np.float32], threshold: float | None) -> NDArray[Any]:
    """Return classes (...), `LEFT_OUT` where outputs (..., num_classes) give none a probability of `threshold`."""
    if threshold is None:
        return classes
    return np.where(to_probabilities(outputs).max(axis=-1) >= threshold, classes, LEFT_OUT)


def confusions(classes: NDArray[Any], outputs: NDArray[np.float32], patients: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the confusion matrix of each patient, (patients, classes, classes)."""
    _, group = np.unique(patients, return_inverse=True)
    owner = group.reshape(-1, *(1,) * (classes.ndim - 1))
    return confusion_by_group(classes, outputs.argmax(axis=-1), owner, int(group.max()) + 1, outputs.shape[-1])
