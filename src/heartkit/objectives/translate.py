"""Translate: the scores of a signal made of another one, beside those of a mean template."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.baselines.template import MeanTemplate
from heartkit.errors import ConfigError
from heartkit.frames.stored import StoredFrames
from heartkit.metrics.rates import rate_report
from heartkit.metrics.signals import frame_scores, scores_report
from heartkit.objectives.base import Scoring
from heartkit.objectives.reconstruct import Reconstruct, rows
from heartkit.signal.beats import heart_rates

SCORES = ("mae", "rmse", "correlation", "cosine")
"""What is scored of each frame; see `heartkit.metrics.signals`."""


class Translate(Reconstruct):
    """Objective of tasks that make one signal of another.

    Scores are in the units that preprocesses leave, each signal by itself: after `znorm` in standard deviations of the
    target frame. How large the target is in its own unit cannot be told from the source.
    """

    name = "translate"

    def score(self, held: StoredFrames, outputs: NDArray[np.float32], scoring: Scoring) -> dict[str, Any]:
        """Score frames, with intervals over patients.

        Parameters
        ----------
        held : StoredFrames
            Frames of the source, and those of the target as answers; (n, frame_size, 1) each.
        outputs : (n, frame_size, 1) array of float32
            What a model made of the source.
        scoring : Scoring
            Sampling rate, randomness, and frames of the training patients to fit the template to.

        Returns
        -------
        dict
            ``frames``: as `scores_report` describes it, without an input, and where targets beat ``heart_rate`` as
            `rate_report` describes it; ``baselines``: ``signals`` of the mean template of the training patients, put at
            the source's beats, and of the flat line at the mean of their targets.
        """
        target, source, output = rows(held.answers, held.frames, outputs)
        reference = heart_rates(target, scoring.rate) if scoring.beating else None

        def report(signal: NDArray[np.float32]) -> dict[str, Any]:
            scores = scores_report(frame_scores(target, signal), None, held.patients, scoring.rng, scores=SCORES)
            if reference is None:
                return scores
            measured = heart_rates(signal, scoring.rate)
            return {**scores, "heart_rate": rate_report(reference, measured, held.patients, scoring.rng)}

        if scoring.training is None:
            raise ConfigError("A translation is scored beside the mean template of the training patients: give them.")
        known = scoring.training()[0]
        targets, sources = rows(known.answers, known.frames)
        template = MeanTemplate.fitted(sources, targets, scoring.rate)
        flat = np.full(target.shape, targets.mean(), np.float32)
        made = {"mean template": template.translate(source), "flat line": flat}
        return {"frames": report(output), "baselines": {name: {"signals": report(one)} for name, one in made.items()}}
