"""Embeddings: frames of one patient near each other, frames of different patients apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.prepared import Prepared
from heartkit.frames.stored import StoredFrames
from heartkit.frames.windows import OVERLAP
from heartkit.objectives.base import Objective, Scoring
from heartkit.objectives.classify import FrameAnswer
from heartkit.objectives.embedding_scores import TEMPERATURE, Embed, compared, embedding_report, probe_reports
from heartkit.objectives.losses import Loss, contrast, contrastive
from heartkit.objectives.probe import band_powers
from heartkit.params import HKTrainParams

UNTRAINED = "untrained network"


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

        Both are taken among up to `COMPARED_AT_ONCE` frames, two of each patient as far as that goes.
        """
        patients, alike = compared(answers, outputs)
        loss = contrast(alike / TEMPERATURE, patients)
        np.fill_diagonal(alike, -np.inf)
        return {"loss": loss, "agreement": float((patients[alike.argmax(axis=1)] == patients).mean())}

    def answer(
        self,
        preprocess: Any,
        predict: Any,
        frame_size: int,
        rate: float,
        class_map: Mapping[int, int],
        overlap: float = OVERLAP,
    ) -> FrameAnswer:
        """Return a model as a method that answers along whole leads: with embeddings, not probabilities."""
        return FrameAnswer(preprocess, predict, frame_size, rate, lambda outputs: outputs, overlap=overlap)

    def score(self, held: StoredFrames, outputs: NDArray[np.float32], scoring: Scoring) -> dict[str, Any]:
        """Score embeddings of pairs of frames.

        Returns
        -------
        dict
            ``embedding``: as `embedding_report` describes it; ``baselines``: the same of ``untrained network`` (where
            the model is a Keras model) and, in `score_recordings`, of ``band powers``.
        """
        made = {"": outputs}
        if (fresh := scoring.untrained()) is not None:
            made[UNTRAINED] = fresh(held.frames)
        reports = {name: embedding_report(held.answers, one, scoring.rng) for name, one in made.items()}
        model = reports.pop("")
        return {"embedding": model, "baselines": {name: {"embedding": one} for name, one in reports.items()}}

    def score_recordings(self, prepared: Sequence[Prepared], answer: FrameAnswer, scoring: Scoring) -> dict[str, Any]:
        """Score linear probes on the labels that the recordings have.

        Returns
        -------
        dict
            ``probes``, and that of ``baselines``: as `probe_reports` describes it.
        """
        methods: dict[str, Embed] = {"": answer.predict, "band powers": lambda frames: band_powers(frames, answer.rate)}
        if (fresh := scoring.untrained()) is not None:
            methods[UNTRAINED] = fresh
        reports = probe_reports(prepared, methods, answer.frame_size, answer.preprocess, scoring)
        model = reports.pop("")
        return {"probes": model, "baselines": {name: {"probes": one} for name, one in reports.items()}}
