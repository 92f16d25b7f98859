"""Interactive charts in a page: plotly figures as plain data, drawn in the page's own light or dark colours."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.reports.page import Html, figure

INK, SOFT, LINE, PAPER = "var(--ink)", "var(--soft)", "var(--line)", "var(--paper)"
"""Colours that follow the page between light and dark."""

Trace = dict[str, Any]
_AXIS = {
    "gridcolor": LINE, "linecolor": SOFT, "zeroline": False, "showline": True, "ticks": "outside", "tickcolor": SOFT,
    "exponentformat": "power",
}  # fmt: skip
_KINDS = {"f": "f4", "i": "i4", "u": "u1"}


def packed(values: NDArray[Any]) -> dict[str, str]:
    """Return numbers as plotly reads them from base64: exact, and a fraction of their size as text.

    Parameters
    ----------
    values : (n,) array
        Written as float32, int32, or uint8, after its kind. NaN is a gap in a line.
    """
    kind = _KINDS[values.dtype.kind]
    data = np.ascontiguousarray(values, np.dtype(kind).newbyteorder("<"))
    return {"dtype": kind, "bdata": base64.b64encode(data.tobytes()).decode("ascii")}


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return an axis of the house style; `title` names quantity and unit."""
    return {**_AXIS, "title": {"text": escape(title)}, **more}


def layout(height: int, **more: Any) -> dict[str, Any]:
    """Return a layout of the house style, `height` in pixels."""
    return {
        "height": height,
        "margin": {"l": 75, "r": 15, "t": 60, "b": 50},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "color": INK},
        "hoverlabel": {"bgcolor": PAPER, "font": {"color": INK}},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": SOFT, "activecolor": INK},
        "uirevision": "kept",  # so that a change between light and dark keeps the zoom
        **more,
    }


def chart(traces: Sequence[Trace], arranged: Mapping[str, Any], alt: str, caption: str) -> Html:
    """Return a figure that holds an interactive chart; the page needs `script` once.

    Parameters
    ----------
    traces, arranged : sequence and mapping
        Data and layout of a plotly figure, of plain values.
    alt : str
        What the chart shows, for those who cannot see it.
    caption : str
        Stands below it.
    """
    # "<" would let a name from a data file end the script element.
    data = json.dumps({"data": traces, "layout": arranged}, allow_nan=False).replace("<", "\\u003c")
    place = (
        f'<div class="chart" role="img" aria-label="{escape(alt)}" style="min-height:{arranged["height"]}px">'
        f'<script type="application/json">{data}</script></div>'
        "<noscript><p>This chart needs JavaScript.</p></noscript>"
    )
    return figure(Html(place), caption)


def script() -> Html:
    """Return what draws the charts: plotly itself, some 5 MB, and the page's own few lines."""
    from plotly.offline import get_plotlyjs

    own = resources.files("heartkit.reports").joinpath("charts.js").read_text("utf-8")
    return Html(f"<script>{get_plotlyjs()}</script>\n<script>\n{own}</script>\n")
