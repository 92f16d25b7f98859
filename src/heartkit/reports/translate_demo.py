"""What a demo of translation shows: the source, the target, what a model made of the source, and heart rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.metrics.signals import frame_scores
from heartkit.records.leads import BEATING, signal_kind
from heartkit.reports import words
from heartkit.reports.lead_demo import LeadDemo, finite_mean, speed
from heartkit.reports.style import BLUE, GREY, ORANGE
from heartkit.signal.beats import heart_rates

SOURCE, TARGET, OUTPUT = GREY, ORANGE, BLUE
"""Colours."""
NORMALISED = "SD of the frame"
"""The unit that target and output are shown in: how large the target is cannot be told from the source."""


@dataclass(frozen=True, kw_only=True)
class TranslateDemo(LeadDemo):
    """Two leads of a recording and what a model made of the first; `signal` and `lead` are the source's.

    Parameters
    ----------
    target_lead : str
        The lead that the model is to give.
    target, output : (samples,) arrays of float32
        It, and what the model gave; both in the units that preprocesses leave.
    window : int
        Samples of the stretches that are scored one by one.
    moved : float
        Seconds by which the later of source and target was moved so that pulses stand at their heart beats; 0 where
        both are as they were recorded.
    """

    target_lead: str
    target: NDArray[np.float32]
    output: NDArray[np.float32]
    window: int
    moved: float = 0.0

    def stretches(self, signal: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return a signal in stretches (n, window), what is left at the end aside."""
        return signal[: len(signal) // self.window * self.window].reshape(-1, self.window)

    def scores(self) -> dict[str, float]:
        """Return MAE, RMSE and correlation, means over stretches."""
        found = frame_scores(self.stretches(self.target), self.stretches(self.output))
        return {name: finite_mean(found[name]) for name in ("mae", "rmse", "correlation")}

    def rates(self) -> dict[str, NDArray[np.float64]]:
        """Return beats per minute in each stretch, NaN where there are too few: of source, target and output.

        Nothing where the target shows no heart beats, and without the source where that shows none.
        """
        signals = {"source": self.signal, "target": self.target, "output": self.output}
        if signal_kind(self.target_lead) not in BEATING:
            return {}
        if signal_kind(self.lead) not in BEATING:
            del signals["source"]
        return {name: heart_rates(self.stretches(one), self.sampling_rate) for name, one in signals.items()}

    @property
    def middles(self) -> NDArray[np.float64]:
        """Seconds at the middle of each stretch."""
        count = len(self.signal) // self.window
        return np.asarray((np.arange(count) + 0.5) * self.window / self.sampling_rate)


def key_numbers(demo: TranslateDemo) -> dict[str, str]:
    """Return the few numbers that say most."""
    rates, scores = demo.rates(), demo.scores()
    beating = {
        f"Heart rate, {demo.target_lead}": _rate(rates["target"]),
        "Heart rate, output": _rate(rates["output"]),
        "Heart-rate error": _error(rates),
    } if rates else {}  # fmt: skip
    return {
        **beating,
        "Correlation": words.number(scores["correlation"], 3),
        **speed(demo),
    }


def score_rows(demo: TranslateDemo) -> list[list[str]]:
    """Return names and values of the scores."""
    scores, rates = demo.scores(), demo.rates()
    rows = [
        ["MAE, SD of the frame", words.number(scores["mae"], 3)],
        ["RMSE, SD of the frame", words.number(scores["rmse"], 3)],
        ["correlation", words.number(scores["correlation"], 3)],
    ]
    if not rates:
        return rows
    both = np.isfinite(rates["target"]) & np.isfinite(rates["output"])
    return [
        *rows,
        ["heart-rate error, per minute", _error(rates)],
        ["stretches with both heart rates", f"{both.sum():,} of {len(both):,}"],
    ]


def _rate(rates: NDArray[np.float64]) -> str:
    known = rates[np.isfinite(rates)]
    return f"{np.median(known):.0f} /min" if len(known) else words.UNKNOWN


def _error(rates: dict[str, NDArray[np.float64]]) -> str:
    """Write the mean absolute difference of the output's rate from the target's."""
    error = np.abs(rates["output"] - rates["target"])
    known = error[np.isfinite(error)]
    return f"{known.mean():.1f} /min" if len(known) else words.UNKNOWN
