"""What objectives share whose answers are class labels, of samples or of frames."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import ModelError
from heartkit.frames.sources import Prepared
from heartkit.metrics.classification import classification_report, classification_scores, confusion_by_group
from heartkit.objectives.labels import LEFT_OUT, to_classes
from heartkit.objectives.losses import Loss, balanced_weights, crossentropy, masked_crossentropy
from heartkit.objectives.probabilities import to_probabilities


class Labelled(ABC):
    """Objective of tasks that choose one class, for each frame or for each of its samples.

    The model answers with logits, (num_classes,) for what is to be named; targets are classes, -1 where nothing is
    known.
    """

    name: ClassVar[str]
    head: ClassVar[str]

    @abstractmethod
    def output_shape(self, frame_size: int, num_classes: int) -> tuple[int, ...]:
        """Return the shape of a model's answer to one frame."""

    @abstractmethod
    def answer(self, preprocess: Any, predict: Any, frame_size: int, rate: float, class_map: Mapping[int, int]) -> Any:
        """Return a model as a method that answers for whole leads."""

    @abstractmethod
    def score_recordings(
        self,
        prepared: Sequence[Prepared],
        split: str,
        answer: Any,
        class_map: Mapping[int, int],
        names: Sequence[str],
        rng: np.random.Generator,
    ) -> dict[str, Any]:
        """Score whole recordings, where that says more than frames do: ``recordings`` and ``baselines``."""

    def classes(self, targets: NDArray[Any], class_map: Mapping[int, int]) -> NDArray[np.int8]:
        """Map targets in the task's vocabulary to the configuration's classes."""
        return to_classes(targets, class_map)

    def class_weights(self, mode: str, classes: NDArray[Any], num_classes: int) -> NDArray[np.float32]:
        """Weigh the classes evenly (``"fixed"``) or inversely to how often they occur (``"balanced"``)."""
        return balanced_weights(classes, num_classes) if mode == "balanced" else np.ones(num_classes, np.float32)

    def loss(self, class_weights: NDArray[np.float32], label_smoothing: float) -> Loss:
        """Return the loss for Keras."""
        return masked_crossentropy(class_weights, label_smoothing)

    def watch(self, classes: NDArray[Any], outputs: NDArray[np.float32]) -> dict[str, float]:
        """Return what training and export watch: cross-entropy, accuracy and macro F1, the latter two 0..1."""
        confusion = confusions(classes, outputs, np.zeros(len(classes), np.int64))[0]
        scores = classification_scores(confusion)
        loss = crossentropy(to_probabilities(outputs), classes)
        return {"loss": loss, "acc": float(scores["accuracy"]), "f1": float(scores["macro_f1"])}

    def score(
        self,
        classes: NDArray[Any],
        outputs: NDArray[np.float32],
        patients: NDArray[np.int64],
        names: Sequence[str],
        rng: np.random.Generator,
        threshold: float | None = None,
    ) -> dict[str, Any]:
        """Score frames, with intervals over patients.

        Parameters
        ----------
        classes : (n,) or (n, frame_size) array of int
            The truth.
        outputs : (n, num_classes) or (n, frame_size, num_classes) array of float32
            What a model answered.
        patients : (n,) array of int
            Whose frame each is.
        names : sequence of str
            Names of the classes.
        rng : numpy.random.Generator
            Draws the resamples of the intervals.
        threshold : float, optional
            Leave out what has no class as probable as this.

        Returns
        -------
        dict
            As `classification_report` describes it, and ``coverage``: the share that was scored, or None without a
            threshold.
        """
        coverage = None
        if threshold is not None:
            sure = to_probabilities(outputs).max(axis=-1) >= threshold
            known = classes != LEFT_OUT
            coverage = float((sure & known).sum() / max(known.sum(), 1))
            classes = np.where(sure, classes, LEFT_OUT)
        report = classification_report(confusions(classes, outputs, patients), names, rng)
        return report | {"coverage": coverage}

    def require_output(self, shape: tuple[int, ...], frame_size: int, num_classes: int, path: Path) -> None:
        """Raise `ModelError` unless a model's answers have the shape that they should have."""
        expected = self.output_shape(frame_size, num_classes)
        if tuple(shape) != expected:
            raise ModelError(
                f"The model {str(path)!r} answers with shape {tuple(shape)!r}; with frame_size {frame_size} and "
                f"num_classes {num_classes} it should be {expected!r}. Correct num_classes and class_map, or choose "
                f"the model that was trained with them."
            )


def confusions(classes: NDArray[Any], outputs: NDArray[np.float32], patients: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the confusion matrix of each patient, (patients, classes, classes)."""
    _, group = np.unique(patients, return_inverse=True)
    owner = group.reshape(-1, *(1,) * (classes.ndim - 1))
    return confusion_by_group(classes, outputs.argmax(axis=-1), owner, int(group.max()) + 1, outputs.shape[-1])
