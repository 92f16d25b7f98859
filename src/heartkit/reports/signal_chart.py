"""Interactive signals in rows that move together: what goes into a model, what comes out, what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.reports import words
from heartkit.reports.charts import PAPER, SOFT, Trace, axis, chart, layout, packed
from heartkit.reports.lead_chart import FIRST_VIEW, OUT_OF_SIGHT, line, overview, shown_samples
from heartkit.reports.lead_demo import LeadDemo
from heartkit.reports.page import Html

_GAP = 0.05  # between rows, as a share of the chart
_ROW = 190  # pixels

FLOOR = 1e-12
"""Power density that counts as none: a logarithm has no zero."""


@dataclass(frozen=True)
class Curve:
    """A signal in a row.

    Parameters
    ----------
    name : str
        In the legend.
    values : (samples,) array
        NaN is a gap.
    colour : str
        For all kinds of colour vision, see `heartkit.reports.style`.
    width : float
        Pixels.
    """

    name: str
    values: NDArray[np.floating]
    colour: str
    width: float = 1.2


def signal_rows(demo: LeadDemo, rows: Mapping[str, Sequence[Curve]], alt: str) -> Html:
    """Return a chart with a row for each title, the first on top, and a slider over the whole.

    Parameters
    ----------
    demo : LeadDemo
        Whose signals they are; its own is in the slider.
    rows : mapping of str to sequence of Curve
        Title with unit -> what is drawn, one over the other.
    alt : str
        What the chart shows, for those who cannot see it.
    """
    shown = shown_samples(demo)
    stop = shown / demo.sampling_rate
    traces = [
        _trace(curve, number, shown, demo.sampling_rate)
        for number, curves in enumerate(rows.values(), 1)
        for curve in curves
    ]
    caption = "Drag to zoom, double-click to see all, click on the legend to hide; the slider below moves the view."
    if shown < len(demo.signal):
        caption += f" Shown are the first {words.seconds(stop)} of {words.seconds(demo.duration)}."
    return chart([*traces, overview(demo, len(rows) + 1)], _layout(list(rows), stop), alt, caption)


def spectra(curves: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64], str]], unit: str, alt: str) -> Html:
    """Return a chart of power spectral densities.

    Parameters
    ----------
    curves : mapping of str to (frequency, density, colour)
        By name; Hz, and the square of `unit` per Hz.
    unit : str
        Of the signals; empty where unknown.
    alt : str
        What the chart shows.
    """
    traces: list[Trace] = [
        {
            "type": "scatter", "mode": "lines", "name": escape(name), "x": packed(frequency[1:]),
            "y": packed(np.maximum(density[1:], FLOOR)), "line": {"color": colour, "width": 1.6},
            "hovertemplate": f"{escape(name)}: %{{x:.2f}} Hz, %{{y:.2e}}<extra></extra>",
        }
        for name, (frequency, density, colour) in curves.items()
    ]  # fmt: skip
    top = np.log10(max(FLOOR, *(float(density[1:].max()) for _, density, _ in curves.values())))
    title = f"power density ({unit}²/Hz)" if unit else "power density (1/Hz)"
    arranged = layout(
        420,
        xaxis=axis("frequency (Hz)", rangemode="tozero"),
        yaxis=axis(title, type="log", tickformat=".0e", range=[top - 6, top + 0.5]),
    )
    return chart(traces, arranged, alt, "By Welch's method, segments of 4 s.")


def _trace(curve: Curve, number: int, shown: int, rate: float) -> Trace:
    return {
        **line(curve.colour, curve.width, shown), "name": escape(curve.name), "y": packed(curve.values[:shown]),
        "x0": 0, "dx": 1 / rate, "yaxis": "y" if number == 1 else f"y{number}",
        "hovertemplate": f"{escape(curve.name)}: %{{x:.3f}} s, %{{y:.3f}}<extra></extra>",
    }  # fmt: skip


def _layout(titles: Sequence[str], stop: float) -> dict[str, Any]:
    height = (1 + _GAP) / len(titles)
    axes: dict[str, Any] = {}
    for number, title in enumerate(titles, 1):
        top = 1 - (number - 1) * height
        axes["yaxis" if number == 1 else f"yaxis{number}"] = axis(title, domain=[max(0.0, top - height + _GAP), top])
    last = f"y{len(titles)}" if len(titles) > 1 else "y"
    hidden = {f"yaxis{'' if number == 1 else number}": OUT_OF_SIGHT for number in range(1, len(titles) + 1)}
    own = len(titles) + 1
    slider = {
        "visible": True, "range": [0, stop], "thickness": 0.09, "bordercolor": SOFT, "borderwidth": 1, "bgcolor": PAPER,
        **hidden, f"yaxis{own}": {"rangemode": "auto"},
    }  # fmt: skip
    return layout(
        _ROW * len(titles) + 160,
        xaxis=axis("time (s)", range=[0, min(FIRST_VIEW, stop)], anchor=last, rangeslider=slider),
        dragmode="zoom",
        **axes,
        # The slider's own trace: in the chart itself this axis shows nothing.
        **{f"yaxis{own}": {"overlaying": "y", "range": [9e9, 1e10], "visible": False, "fixedrange": True}},
    )
