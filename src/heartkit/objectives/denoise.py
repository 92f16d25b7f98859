"""Denoise: the scores of a noisy signal made clean, beside those of filters."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.stored import StoredFrames
from heartkit.metrics.signals import frame_scores, scores_report
from heartkit.objectives.base import Scoring
from heartkit.objectives.reconstruct import Reconstruct, rows
from heartkit.signal.filters import design, zero_phase

SCORES = ("snr", "rmse", "mae", "prd", "correlation", "cosine")
"""What is scored of each frame; see `heartkit.metrics.signals`."""
LOWCUTS, HIGHCUTS = (0.5, 0.67, 1.0, 1.5), (5.0, 8.0, 15.0, 25.0, 40.0)
"""Hz: corners of the band-pass filters that a network has to beat."""
ORDER = 3


class Denoise(Reconstruct):
    """Objective of tasks that make a noisy signal clean.

    Scores are in the units that preprocesses leave, with what was measured on the noisy frame: SNR, PRD, correlation
    and cosine do not depend on the unit; after `znorm` RMSE and MAE count in standard deviations of the noisy frame.
    """

    name = "denoise"

    def score(self, held: StoredFrames, outputs: NDArray[np.float32], scoring: Scoring) -> dict[str, Any]:
        """Score frames, with intervals over patients.

        Parameters
        ----------
        held : StoredFrames
            Noisy frames, and the clean ones as answers; (n, frame_size, 1) each.
        outputs : (n, frame_size, 1) array of float32
            What a model made of the noisy ones.
        scoring : Scoring
            Sampling rate, randomness, and frames of the validation patients to choose the filter on.

        Returns
        -------
        dict
            ``frames``: as `scores_report` describes it, the input's scores beside; ``baselines``: ``signals`` of the
            band-pass filter that does best on the validation patients.
        """
        clean, noisy, output = rows(held.answers, held.frames, outputs)
        before = frame_scores(clean, noisy)

        def report(signal: NDArray[np.float32]) -> dict[str, Any]:
            return scores_report(frame_scores(clean, signal), before, held.patients, scoring.rng, scores=SCORES)

        chosen = best_band(scoring.validation()[0], scoring.rate)
        name = f"band-pass filter {chosen[0]:g}-{chosen[1]:g} Hz"
        filtered = band_passed(noisy, chosen, scoring.rate)
        return {"frames": report(output), "baselines": {name: {"signals": report(filtered)}}}


def best_band(held: StoredFrames, rate: float) -> tuple[float, float]:
    """Return the corners in Hz, of `LOWCUTS` and `HIGHCUTS`, that bring noisy frames nearest to the clean ones.

    Nearest in the mean SNR over frames; corners from half the sampling rate on are left aside.
    """
    clean, noisy = rows(held.answers, held.frames)
    bands = [band for band in product(LOWCUTS, HIGHCUTS) if band[1] < rate / 2]
    gains = [np.nanmean(frame_scores(clean, band_passed(noisy, band, rate))["snr"]) for band in bands]
    return bands[int(np.argmax(gains))]


def band_passed(frames: NDArray[np.float32], band: tuple[float, float], rate: float) -> NDArray[np.float32]:
    """Return frames (n, samples) through a Butterworth filter forward and backward, which shifts no wave."""
    return zero_phase(design(*band, ORDER, rate), frames)
