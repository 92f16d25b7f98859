"""The interactive trace of one lead: the signal over bars over probabilities, and a slider over the whole."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.reports import words
from heartkit.reports.charts import INK, PAPER, SOFT, Trace, axis, chart, layout, packed
from heartkit.reports.lead_demo import LeadDemo
from heartkit.reports.page import Html

LONGEST = 600_000
"""Samples that a page shows at most; 40 minutes at 250 Hz make it some 15 MB."""

FIRST_VIEW = 10.0
"""Seconds that a trace shows at first."""

_WEBGL_FROM = 20_000  # samples: below, ordinary lines are fast enough and print better
_OVERVIEW = 2000  # points pairs, lowest and highest, of the slider's small trace
_ROWS_HEIGHT, _ROW_HEIGHT = 0.08, 0.036  # of the chart: all rows of bars at least, and each of them
OUT_OF_SIGHT = {"rangemode": "fixed", "range": [9e9, 1e10]}
"""An axis of a slider on which nothing is seen."""


def shown_samples(demo: LeadDemo) -> int:
    """Return how many samples a page shows."""
    return min(len(demo.signal), LONGEST)


def lead_chart(
    demo: LeadDemo, traces: Sequence[Trace], rows: Sequence[str], alt: str, view: float = FIRST_VIEW
) -> Html:
    """Return the chart of a lead: pan and zoom, and a slider over the whole.

    Parameters
    ----------
    demo : LeadDemo
        Of more than `LONGEST` samples the first ones are shown, and the caption says so.
    traces : sequence of Trace
        What is drawn besides the signal: over it, in the rows below it (``yaxis="y2"``), and the probabilities in
        percent (``yaxis="y3"``).
    rows : sequence of str
        Names of the rows, from below.
    alt : str
        What the chart shows, for those who cannot see it.
    view : float
        Seconds that are seen at first.
    """
    shown = shown_samples(demo)
    stop = shown / demo.sampling_rate
    caption = "Drag to zoom, double-click to see all, click on the legend to hide; the slider below moves the view."
    if shown < len(demo.signal):
        caption += f" Shown are the first {words.seconds(stop)} of {words.seconds(demo.duration)}."
    return chart([_signal(demo), *traces, overview(demo)], _layout(demo, rows, stop, view), alt, caption)


def line(colour: str, width: float, samples: int) -> Trace:
    """Return a line that is drawn fast where it has many samples, with gaps where values are NaN."""
    kind = "scattergl" if samples > _WEBGL_FROM else "scatter"
    return {"type": kind, "mode": "lines", "line": {"color": colour, "width": width}, "connectgaps": False}


def bars(name: str, colour: str, start: NDArray[np.float64], stop: NDArray[np.float64], level: int) -> Trace:
    """Return spans (s) as bars in one of the rows below the signal, without a legend of their own."""
    time = np.stack([start, stop, np.full(len(start), np.nan)], axis=1).ravel()
    return {
        "type": "scatter", "mode": "lines", "yaxis": "y2", "name": escape(name), "showlegend": False,
        "x": packed(time), "y": packed(np.full(len(time), float(level))), "line": {"color": colour, "width": 10},
        "hovertemplate": f"{escape(name)}: %{{x:.3f}} s<extra></extra>",
    }  # fmt: skip


def hover(demo: LeadDemo) -> str:
    """Return what is shown beside the pointer on the signal."""
    return f"%{{x:.3f}} s, %{{y:.3f}} {escape(demo.unit)}"


def signal_at(demo: LeadDemo, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the signal at some times (s), between samples and across missing ones by straight lines."""
    known = np.flatnonzero(np.isfinite(demo.signal))
    return np.interp(times * demo.sampling_rate, known, demo.signal[known]) if len(known) else np.zeros(len(times))


def _layout(demo: LeadDemo, rows: Sequence[str], stop: float, view: float) -> dict[str, Any]:
    slider = {
        "visible": True, "range": [0, stop], "thickness": 0.09, "bordercolor": SOFT, "borderwidth": 1, "bgcolor": PAPER,
        "yaxis": OUT_OF_SIGHT, "yaxis2": OUT_OF_SIGHT, "yaxis3": OUT_OF_SIGHT, "yaxis4": {"rangemode": "auto"},
    }  # fmt: skip
    top = 0.25 + max(_ROWS_HEIGHT, _ROW_HEIGHT * len(rows))  # many rows take some of the signal's room
    return layout(
        660,
        xaxis=axis("time (s)", range=[0, min(view, stop)], anchor="y3", rangeslider=slider),
        yaxis=axis(demo.amplitude, domain=[top + 0.03, 1]),
        yaxis2=axis("", domain=[0.25, top], tickvals=list(range(len(rows))), ticktext=list(rows), showgrid=False,
                    range=[-0.6, len(rows) - 0.4], fixedrange=True),
        yaxis3=axis("probability (%)", domain=[0, 0.21], range=[-4, 104], fixedrange=True),
        # The slider's own trace: in the chart itself this axis shows nothing.
        yaxis4={"overlaying": "y", "range": [9e9, 1e10], "visible": False, "fixedrange": True},
        dragmode="zoom",
    )  # fmt: skip


def _signal(demo: LeadDemo) -> Trace:
    shown = shown_samples(demo)
    return {
        **line(INK, 1.0, shown), "name": escape(demo.lead), "y": packed(demo.signal[:shown]), "x0": 0,
        "dx": 1 / demo.sampling_rate, "hovertemplate": hover(demo),
    }  # fmt: skip


def overview(demo: LeadDemo, number: int = 4) -> Trace:
    """Return lowest and highest value of each short stretch: the trace as it looks from afar, in few points.

    Parameters
    ----------
    demo : LeadDemo
        Whose signal.
    number : int
        Of the axis that is for the slider alone.
    """
    shown = shown_samples(demo)
    step = max(1, -(-shown // _OVERVIEW))
    padded = np.pad(demo.signal[:shown], (0, -shown % step), constant_values=np.nan).reshape(-1, step)
    known = np.isfinite(padded)
    low, high = np.where(known, padded, np.inf).min(1), np.where(known, padded, -np.inf).max(1)
    values = np.where(known.any(1, keepdims=True), np.stack([low, high], axis=1), np.nan).ravel()
    time = np.repeat(np.arange(len(padded)) * step / demo.sampling_rate, 2)
    return {
        "type": "scatter", "mode": "lines", "yaxis": f"y{number}", "x": packed(time), "y": packed(values),
        "hoverinfo": "skip", "showlegend": False, "line": {"color": SOFT, "width": 1},
    }  # fmt: skip
