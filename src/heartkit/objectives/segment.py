"""One class per sample: which samples are P wave, QRS complex, T wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit import console
from heartkit.frames.prepared import Prepared
from heartkit.frames.stored import StoredFrames
from heartkit.frames.windows import OVERLAP
from heartkit.objectives.base import Scoring
from heartkit.objectives.labelled import Labelled
from heartkit.objectives.labels import LEFT_OUT
from heartkit.objectives.r_peaks import Finder, scorable, score_r_peaks
from heartkit.objectives.recordings import (
    Answer,
    Batch,
    DelineatorAnswer,
    MajorityAnswer,
    ModelAnswer,
    annotated_recordings,
    score_recordings,
)
from heartkit.objectives.waves import wave_classes
from heartkit.records.vocabulary import Wave


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

    def score(self, held: StoredFrames, outputs: NDArray[np.float32], scoring: Scoring) -> dict[str, Any]:
        """Score frames as `Labelled.score` does; nothing where no sample is of a class, as in stretches of noise."""
        return super().score(held, outputs, scoring) if (held.answers != LEFT_OUT).any() else {}

    def score_recordings(self, prepared: Sequence[Prepared], answer: ModelAnswer, scoring: Scoring) -> dict[str, Any]:
        """Score every annotated sample and wave of a split's recordings, and R peaks where beats are annotated.

        Returns
        -------
        dict
            ``recordings`` as `score_recordings` describes it, and ``r_peaks`` as `score_r_peaks` does, where classes
            tell QRS complexes apart; ``baselines``: name -> the same of methods that were never trained. Empty where
            nothing is annotated.
        """
        classical = DelineatorAnswer(prepared[0].store.rate, scoring.class_map)
        waves = sum(1 for _ in annotated_recordings(prepared, scoring))
        beats = list(scorable(prepared, scoring.split)) if Wave.QRS in wave_classes(scoring.class_map).values() else []
        with console.progress("Scoring whole recordings", 3 * waves + 2 * len(beats)) as advance:

            def scored(method: Answer, find: Finder | None = None) -> dict[str, Any]:
                report = score_recordings(prepared, method, scoring, advance)
                return report | ({"r_peaks": score_r_peaks(beats, find, scoring, advance)} if beats and find else {})

            model = scored(answer, lambda signal: answer(signal, 0)[1].of_kind(Wave.QRS).peak)
            baselines = {classical.name: scored(classical, classical.r_peaks)}
            if "samples" in model:
                support = [one["support"] for one in model["samples"]["classes"].values()]
                baselines["majority class"] = scored(MajorityAnswer(int(np.argmax(support))))
                baselines["majority class"].pop("boundaries", None)  # it has none
        return {"recordings": model, "baselines": baselines} if model else {}

    def answer(
        self,
        preprocess: Batch,
        predict: Batch,
        frame_size: int,
        rate: float,
        class_map: Mapping[int, int],
        overlap: float = OVERLAP,
    ) -> ModelAnswer:
        """Return a model as a method that answers for whole leads."""
        return ModelAnswer(preprocess, predict, frame_size, rate, wave_classes(class_map), overlap=overlap)
