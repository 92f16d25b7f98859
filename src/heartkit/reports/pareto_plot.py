"""Score against cost: the trials of a sweep as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from heartkit.reports.style import BLUE, GREY, RED, SKY, figure, save
from heartkit.reports.trials import OVER, SweepFacts, Trial, best, better, front, trained

SCORE_WORDS = {"loss": "loss (lower is better, upwards)", "acc": "accuracy (0 to 1)", "f1": "macro F1 (0 to 1)"}
_NEAR = (0.045, 0.04)
"""Labels nearer to each other than this part of the axes, across and up, would overlap."""
_FEWEST_TICKS = 3
"""So many numbers an axis needs for its scale to be seen."""


def plot_pareto(path: Path, facts: SweepFacts, trials: Sequence[Trial]) -> None:
    """Draw each trained trial's score over its MACs, the front marked; below, what was over a limit.

    Parameters
    ----------
    path : Path
        PNG to write.
    facts : SweepFacts
        What the sweep was about.
    trials : sequence of Trial
        All trials; at least one has a score.
    """
    over = [one for one in trials if one.outcome == OVER and one.macs]
    with figure(8, 5.5 if over else 5) as made:
        if over:
            axis, below = made.subplots(2, 1, sharex=True, height_ratios=(9, 1))
        else:
            axis = below = made.subplots()
        _trained(axis, facts, trials)
        if over:
            _over(below, over)
        below.set_xlabel("multiply-accumulates (MACs) per frame, logarithmic")
        _ticks(below, [float(one.macs or 1) for one in [*trained(trials), *over]], facts.limits.get("macs"))
        axis.set_ylabel(f"validation {SCORE_WORDS.get(facts.metric, facts.metric)}")
        if better(facts.metric) < 0:
            axis.invert_yaxis()
        _labels(axis, facts, trials)
        axis.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)  # above: below it is anywhere in the way
        save(made, path)


def _trained(axis: Axes, facts: SweepFacts, trials: Sequence[Trial]) -> None:
    chosen, winner = front(trials, facts.metric), best(trials, facts.metric)
    rest = [one for one in trained(trials) if one not in chosen]
    axis.set_xscale("log")
    axis.plot(*_points(chosen), color=BLUE, linewidth=1.2, drawstyle="steps-post", zorder=2)
    axis.plot(*_points(rest), "o", color=SKY, alpha=0.65, markersize=6, markeredgewidth=0, label="other trials")
    axis.plot(*_points(chosen), "o", color=BLUE, markersize=8, label="Pareto front, with the trial's number", zorder=3)
    if winner is not None:
        axis.plot(*_points([winner]), "*", color=RED, markersize=15, label="best score", zorder=4)
    if given := [one for one in trained(trials) if one.as_configured]:
        axis.plot(*_points(given), "D", fillstyle="none", color="black", markersize=12, label="as configured", zorder=5)
    if limit := facts.limits.get("macs"):
        axis.axvline(limit, color=GREY, linewidth=1.2, linestyle="--", label=f"limit: {si(limit)} MACs")


def _over(axis: Axes, over: Sequence[Trial]) -> None:
    axis.plot([float(one.macs or 1) for one in over], [0.0] * len(over), "x", color=GREY, markersize=7)
    axis.set_yticks([0], [f"over a limit,\nnot trained: {len(over)}"])
    axis.set_ylim(-1, 1)
    axis.grid(visible=False, axis="y")


def _points(trials: Sequence[Trial]) -> tuple[list[float], list[float]]:
    return [float(one.macs or 1) for one in trials], [float(one.score or 0) for one in trials]


def _labels(axis: Axes, facts: SweepFacts, trials: Sequence[Trial]) -> None:
    """Write the numbers of the front, the best first, above to the left: there no other trial can be."""
    winner = best(trials, facts.metric)
    chosen = sorted(front(trials, facts.metric), key=lambda one: one != winner)
    to_axes = axis.transData + axis.transAxes.inverted()
    written: list[np.ndarray] = []
    for one, x, y in zip(chosen, *_points(chosen), strict=True):
        at = to_axes.transform((x, y))
        if all(np.any(np.abs(at - other) > _NEAR) for other in written):
            axis.annotate(str(one.number), (x, y), (-6, 5), textcoords="offset points", ha="right", color="black")
            written.append(at)


def _ticks(axis: Axes, macs: Sequence[float], limit: int | None) -> None:
    """Put round numbers on the axis; the usual powers of ten may not even occur in its range."""
    low, high = min(*macs, limit or np.inf, np.inf), max(*macs, limit or 0, 0)
    margin = max((high / low) ** 0.06, 1.05)
    axis.set_xlim(low / margin, high * margin)
    axis.xaxis.set_major_locator(FixedLocator(round_numbers(low / margin, high * margin)))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: si(value)))


def round_numbers(low: float, high: float) -> list[float]:
    """Return round numbers between two costs, `low` and `high`.

    Powers of ten, in a range of few of them also their doubles and fivefolds; where that range has hardly any of those
    either, multiples of 1, 2 or 5 times a power of ten.
    """
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.log10(high) + 1)
    steps = MaxNLocator(nbins=8, steps=[1, 2, 5, 10]).tick_values(low, high)
    for wanted in (powers, np.outer(powers, (1, 2, 5)).ravel(), steps):
        found = [float(one) for one in wanted if low <= one <= high]
        if len(found) >= _FEWEST_TICKS:
            break
    return found


def si(value: float) -> str:
    """Write a large number short: ``950``, ``12 k``, ``1.2 M``."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= 0.9995 * size:  # what would be written as 1000 of the smaller one
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g}"
