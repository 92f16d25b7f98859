"""One class per sample: which samples are P wave, QRS complex, T wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from heartkit import console
from heartkit.frames.sources import Prepared
from heartkit.objectives.base import Scoring
from heartkit.objectives.labelled import Labelled
from heartkit.objectives.recordings import (
    Answer,
    Batch,
    DelineatorAnswer,
    MajorityAnswer,
    ModelAnswer,
    score_recordings,
    split_recordings,
)
from heartkit.objectives.waves import wave_classes


class Segment(Labelled):
    """Objective of tasks that name every sample of a frame.

    The model answers with logits (frame_size, num_classes); targets are classes (frame_size,), -1 where nothing is
    known.
    """

    name = "segment"
    head = "sample"

    def output_shape(self, frame_size: int, num_classes: int) -> tuple[int, ...]:
        """Return (frame_size, num_classes)."""
        return frame_size, num_classes

    def score_recordings(self, prepared: Sequence[Prepared], answer: ModelAnswer, scoring: Scoring) -> dict[str, Any]:
        """Score every annotated sample and wave of a split's recordings, and a classical delineator on the same.

        Returns
        -------
        dict
            ``recordings`` as `score_recordings` describes it; ``baselines``: name -> the same of methods that were
            never trained.
        """
        count = sum(1 for _ in split_recordings(prepared, scoring.split))
        rate = prepared[0].store.rate
        with console.progress("Scoring whole recordings", 3 * count) as advance:

            def scored(method: Answer) -> dict[str, Any]:
                return score_recordings(prepared, method, scoring, advance)

            model = scored(answer)
            support = [one["support"] for one in model["samples"]["classes"].values()]
            baselines = {
                "NeuroKit2 delineator": scored(DelineatorAnswer(rate, scoring.class_map)),
                "majority class": scored(MajorityAnswer(int(np.argmax(support)))),
            }
            baselines["majority class"].pop("boundaries", None)  # it has none
        return {"recordings": model, "baselines": baselines}

    def answer(
        self, preprocess: Batch, predict: Batch, frame_size: int, rate: float, class_map: Mapping[int, int]
    ) -> ModelAnswer:
        """Return a model as a method that answers for whole leads."""
        return ModelAnswer(preprocess, predict, frame_size, rate, wave_classes(class_map))
