"""One class per frame: which rhythm, which kind of beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.stored import StoredFrames
from heartkit.frames.windows import OVERLAP, Predict, window_starts
from heartkit.metrics.classification import classification_report
from heartkit.metrics.probabilities import auroc, brier_score, calibration_error
from heartkit.objectives.base import Scoring
from heartkit.objectives.labelled import Labelled, confusions, sure_classes
from heartkit.objectives.labels import LEFT_OUT
from heartkit.objectives.probabilities import to_probabilities
from heartkit.objectives.whole_leads import WholeLeads


@dataclass(frozen=True)
class FrameAnswer(WholeLeads):
    """A model that names frames, for whole leads.

    Parameters
    ----------
    decode : callable
        From what the model answers to what is wanted of it, by default probabilities of classes.
    """

    decode: Predict = to_probabilities

    def probabilities(
        self, signal: NDArray[np.float32], starts: NDArray[np.int64], beside: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Return the probabilities (frames, classes) of the frames of a lead (samples,) that begin at `starts`.

        `beside`, (frames, channels), is what the model is given beside the signal, the same along a frame.
        """
        return self.of(signal[starts[:, None] + np.arange(self.frame_size)][:, :, None].astype(np.float32), beside)

    def of(self, frames: NDArray[np.float32], beside: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """Return the probabilities (frames, classes) of frames (n, frame_size, channels) in physical units."""
        frames = self.preprocess(frames)
        if beside is not None:
            along = np.broadcast_to(beside[:, None], (len(frames), self.frame_size, beside.shape[1]))
            frames = np.concatenate([frames, along], axis=2)
        return self.decode(self.predict(frames))

    def along(self, signal: NDArray[np.float32], hop: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return where frames every `hop` samples begin, and their probabilities."""
        starts = window_starts(len(signal), self.frame_size, hop)
        return starts, self.probabilities(signal, starts)


class Classify(Labelled):
    """Objective of tasks that name a frame: logits (num_classes,), one class."""

    name = "classify"
    head = "frame"

    def output_shape(self, frame_size: int, num_classes: int) -> tuple[int, ...]:
        """Return (num_classes,)."""
        return (num_classes,)

    def answer(
        self,
        preprocess: Predict,
        predict: Predict,
        frame_size: int,
        rate: float,
        class_map: Mapping[int, int],
        overlap: float = OVERLAP,
    ) -> FrameAnswer:
        """Return a model as a method that answers along whole leads."""
        return FrameAnswer(preprocess, predict, frame_size, rate, overlap=overlap)

    def score(self, held: StoredFrames, outputs: NDArray[np.float32], scoring: Scoring) -> dict[str, Any]:
        """Score frames as `Labelled.score` does, and their probabilities.

        Returns
        -------
        dict
            That; in ``frames`` also ``probabilities``: ``auroc`` and ``brier`` of each class against the others and
            the mean ``macro_auroc``, on all frames, and ``calibration_error`` of the most probable class; and
            ``baselines``: the majority class on the frames that are scored.
        """
        report = super().score(held, outputs, scoring)
        known = held.answers != LEFT_OUT
        classes, probabilities = held.answers[known], to_probabilities(outputs)[known]
        report["frames"]["probabilities"] = probability_scores(classes, probabilities, scoring.names)
        most = int(np.bincount(classes, minlength=len(scoring.names)).argmax())
        constant = np.broadcast_to(np.eye(len(scoring.names), dtype=np.float32)[most], outputs.shape)
        scored = confusions(sure_classes(held.answers, outputs, scoring.threshold), constant, held.patients)
        majority = classification_report(scored, scoring.names, scoring.rng)
        return report | {"baselines": {"majority class": {"samples": majority}}}


def probability_scores(
    classes: NDArray[np.int8], probabilities: NDArray[np.float32], names: Sequence[str]
) -> dict[str, Any]:
    """Score the probabilities (n, classes) of what has the given classes (n,); see `Classify.score`."""
    areas = {name: auroc(classes == at, probabilities[:, at]) for at, name in enumerate(names)}
    defined = [area for area in areas.values() if not np.isnan(area)]
    return {
        "auroc": areas,
        "macro_auroc": float(np.mean(defined)) if defined else float("nan"),
        "brier": {name: brier_score(classes == at, probabilities[:, at]) for at, name in enumerate(names)},
        "calibration_error": calibration_error(probabilities.argmax(1) == classes, probabilities.max(1)),
    }
