"""One class per sample: which samples are P wave, QRS complex, T wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit import console
from heartkit.errors import ModelError
from heartkit.frames.sources import Prepared
from heartkit.metrics.classification import classification_report, classification_scores, confusion_by_group
from heartkit.objectives.labels import LEFT_OUT, to_classes
from heartkit.objectives.losses import Loss, balanced_weights, crossentropy, masked_crossentropy
from heartkit.objectives.recordings import (
    Answer,
    Batch,
    DelineatorAnswer,
    MajorityAnswer,
    ModelAnswer,
    score_recordings,
    split_recordings,
    to_probabilities,
)
from heartkit.objectives.waves import wave_classes


class Segment:
    """Objective of tasks that name every sample of a frame.

    The model answers with logits (frame_size, num_classes); targets are classes (frame_size,), -1 where nothing is
    known.
    """

    name = "segment"
    head = "sample"
    headline = "macro_f1"

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
        confusion = self._confusions(classes, outputs, np.zeros(len(classes), np.int64))[0]
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
        """Score frames sample by sample, with intervals over patients.

        Parameters
        ----------
        classes : (n, frame_size) array of int
            The truth.
        outputs : (n, frame_size, num_classes) array of float32
            What a model answered.
        patients : (n,) array of int
            Whose frame each is.
        names : sequence of str
            Names of the classes.
        rng : numpy.random.Generator
            Draws the resamples of the intervals.
        threshold : float, optional
            Leave out samples whose most probable class is less probable than this.

        Returns
        -------
        dict
            As `classification_report` describes it, and ``coverage``: the share of samples that were scored, or None
            without a threshold.
        """
        coverage = None
        if threshold is not None:
            sure = to_probabilities(outputs).max(axis=-1) >= threshold
            known = classes != LEFT_OUT
            coverage = float((sure & known).sum() / max(known.sum(), 1))
            classes = np.where(sure, classes, LEFT_OUT)
        report = classification_report(self._confusions(classes, outputs, patients), names, rng)
        return report | {"coverage": coverage}

    def score_recordings(
        self,
        prepared: Sequence[Prepared],
        split: str,
        answer: ModelAnswer,
        class_map: Mapping[int, int],
        names: Sequence[str],
        rng: np.random.Generator,
    ) -> dict[str, Any]:
        """Score every annotated sample and wave of a split's recordings, and a classical delineator on the same.

        Returns
        -------
        dict
            ``recordings`` as `score_recordings` describes it; ``baselines``: name -> the same of methods that were
            never trained.
        """
        count = sum(1 for _ in split_recordings(prepared, split))
        rate = prepared[0].store.rate
        with console.progress("Scoring whole recordings", 3 * count) as advance:

            def scored(method: Answer) -> dict[str, Any]:
                return score_recordings(prepared, split, method, class_map, names, rng, advance)

            model = scored(answer)
            support = [one["support"] for one in model["samples"]["classes"].values()]
            baselines = {
                "NeuroKit2 delineator": scored(DelineatorAnswer(rate, class_map)),
                "majority class": scored(MajorityAnswer(int(np.argmax(support)))),
            }
            baselines["majority class"].pop("boundaries", None)  # it has none
        return {"recordings": model, "baselines": baselines}

    def answer(
        self, preprocess: Batch, predict: Batch, frame_size: int, rate: float, class_map: Mapping[int, int]
    ) -> ModelAnswer:
        """Return a model as a method that answers for whole leads."""
        return ModelAnswer(preprocess, predict, frame_size, rate, wave_classes(class_map))

    def require_output(self, shape: tuple[int, ...], frame_size: int, num_classes: int, path: Path) -> None:
        """Raise `ModelError` unless a model's answer has one number per sample and class."""
        if tuple(shape) != (frame_size, num_classes):
            raise ModelError(
                f"The model {str(path)!r} answers with shape {tuple(shape)!r}; with frame_size {frame_size} and "
                f"num_classes {num_classes} it should be {(frame_size, num_classes)!r}. Correct num_classes and "
                f"class_map, or choose the model that was trained with them."
            )

    def _confusions(
        self, classes: NDArray[Any], outputs: NDArray[np.float32], patients: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        _, group = np.unique(patients, return_inverse=True)
        answers = outputs.argmax(axis=-1)
        return confusion_by_group(classes, answers, group[:, None], int(group.max()) + 1, outputs.shape[-1])
