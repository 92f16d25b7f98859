"""What a demo of denoising shows: a noisy lead, what a model made of it, and the clean lead where it is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.metrics.signals import frame_scores
from heartkit.reports import words
from heartkit.reports.lead_demo import LeadDemo, finite_mean, speed
from heartkit.reports.style import BLUE, GREY, ORANGE, RED
from heartkit.signal.spectrum import spectrum

NOISY, CLEAN, DENOISED, RESIDUAL = GREY, ORANGE, BLUE, RED
"""Colours."""
SCORED = {"snr": "SNR, dB", "rmse": "RMSE", "prd": "PRD, %", "correlation": "correlation", "cosine": "cosine"}


@dataclass(frozen=True, kw_only=True)
class DenoiseDemo(LeadDemo):
    """One lead and what a model made of it; `signal` is the noisy one.

    Parameters
    ----------
    denoised : (samples,) array of float32
        The model's answer, in the lead's unit.
    clean : (samples,) array of float32, optional
        What noise was added to; None where the recording itself is the noisy signal.
    window : int
        Samples of the stretches that are scored one by one.
    """

    denoised: NDArray[np.float32]
    clean: NDArray[np.float32] | None
    window: int

    @property
    def residual(self) -> NDArray[np.float32]:
        """What is wrong with the answer; without a clean signal what was taken off."""
        return self.denoised - self.clean if self.clean is not None else self.signal - self.denoised

    def scores(self) -> dict[str, tuple[float, float]]:
        """Return name -> score of the noisy and of the denoised signal, means over stretches; empty if not known."""
        if self.clean is None:
            return {}
        clean, noisy, denoised = (self._stretches(each) for each in (self.clean, self.signal, self.denoised))
        before, after = frame_scores(clean, noisy), frame_scores(clean, denoised)
        return {name: (finite_mean(before[name]), finite_mean(after[name])) for name in SCORED}

    def spectra(self) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64], str]]:
        """Return name -> frequencies, power density and colour of each signal."""
        shown = {"noisy": (self.signal, NOISY), "clean": (self.clean, CLEAN), "denoised": (self.denoised, DENOISED)}
        return {
            name: (*spectrum(signal, self.sampling_rate), colour)
            for name, (signal, colour) in shown.items()
            if signal is not None
        }

    def _stretches(self, signal: NDArray[np.float32]) -> NDArray[np.float32]:
        return signal[: len(signal) // self.window * self.window].reshape(-1, self.window)


def key_numbers(demo: DenoiseDemo) -> dict[str, str]:
    """Return the few numbers that say most."""
    scores = demo.scores()
    if not scores:
        share = float(np.std(demo.residual) / (np.std(demo.signal) or 1))
        return {"Taken off, share of the signal's SD": f"{100 * share:.0f} %", **speed(demo)}
    (before, after), (_, cosine) = scores["snr"], scores["cosine"]
    return {
        "SNR, noisy": f"{words.number(before, 1)} dB",
        "SNR, denoised": f"{words.number(after, 1)} dB",
        "Improvement": f"{words.number(after - before, 1, signed=True)} dB",
        "Cosine": words.number(cosine, 3),
        **speed(demo),
    }


def score_rows(demo: DenoiseDemo) -> list[list[str]]:
    """Return, per score, its name, that of the noisy and that of the denoised signal."""
    digits = {"snr": 1, "prd": 1}
    return [
        [SCORED[name], *(words.number(value, digits.get(name, 3)) for value in pair)]
        for name, pair in demo.scores().items()
    ]
