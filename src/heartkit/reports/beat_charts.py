"""The interactive charts of a beat demo: trace with a mark on each beat, templates, RR intervals."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.records.vocabulary import Beat
from heartkit.reports.beat_demo import BeatDemo, Template
from heartkit.reports.charts import Trace, axis, chart, layout, packed
from heartkit.reports.hrv_charts import TACHOGRAM_HOVER, dot_size, tachogram
from heartkit.reports.kinds import BEAT_WORDS, chart_colour, kind_name
from heartkit.reports.lead_chart import lead_chart, shown_samples, signal_at
from heartkit.reports.page import Html
from heartkit.signal.hrv import RRIntervals

SYMBOLS = ("circle", "triangle-up", "square", "diamond", "star", "triangle-down", "pentagon")
"""Marks of the classes, so that colour is not all that tells them apart."""

_UNCLASSIFIED = "no class"
_HEIGHT = 340


def trace_chart(demo: BeatDemo) -> Html:
    """Return the chart of a recording with a mark on each beat: its class, what is annotated, how sure it is."""
    inside = demo.times <= shown_samples(demo) / demo.sampling_rate
    traces = [*_marks(demo, inside), *_annotated(demo, inside), *_probabilities(demo, inside)]
    rows = ["found"] if demo.reference is None else ["annotated", "found"]
    return lead_chart(demo, traces, rows, f"Trace of lead {demo.lead} over time with {len(demo.times)} beats marked.")


def template_chart(demo: BeatDemo) -> Html:
    """Return the mean waveforms of the classes side by side, with a standard deviation to either side."""
    columns = len(demo.templates)
    traces: list[Trace] = []
    axes: dict[str, Any] = {"yaxis": axis(demo.amplitude)}
    for at, template in enumerate(demo.templates):
        suffix = "" if at == 0 else str(at + 1)
        gap = 0.03 if columns > 1 else 0.0
        axes[f"xaxis{suffix}"] = axis("time from the beat (s)", domain=[at / columns + gap, (at + 1) / columns])
        traces += _template(demo, template, f"x{suffix}")
    alt = f"Mean waveform of the beats of {columns} classes."
    caption = "Mean waveform of each class, one standard deviation to either side; each beat's own mean is taken off."
    return chart(traces, layout(_HEIGHT, **axes), alt, caption)


def rr_chart(demo: BeatDemo, rr: RRIntervals) -> Html:
    """Return the RR intervals of a demo over time, each in the colour of the beat that ends it."""
    milliseconds = 1000 * rr.interval
    dots = [
        {
            **_dots(demo, number, rr.time[chosen], milliseconds[chosen], dot_size(len(milliseconds))),
            "hovertemplate": TACHOGRAM_HOVER,
        }
        for number, chosen in _by_class(demo.rr_classes)
    ]
    return tachogram(rr, dots)


def _by_class(classes: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    for number in np.unique(classes):
        yield int(number), classes == number


def _name(demo: BeatDemo, number: int) -> str:
    return demo.class_names[number] if number >= 0 else _UNCLASSIFIED


def _dots(demo: BeatDemo, number: int, x: NDArray[np.float64], y: NDArray[np.float64], size: int) -> Trace:
    """Return marks in the colour and shape of a class."""
    name = escape(_name(demo, number))
    symbol = SYMBOLS[number % len(SYMBOLS)] if number >= 0 else "x-thin-open"
    return {
        "type": "scatter", "mode": "markers", "name": name, "legendgroup": name, "x": packed(x), "y": packed(y),
        "marker": {"symbol": symbol, "size": size, "color": chart_colour(number)},
    }  # fmt: skip


def _marks(demo: BeatDemo, inside: NDArray[np.bool_]) -> Iterator[Trace]:
    """Return a mark on each beat, and the same in the row of what was found."""
    level = 0.0 if demo.reference is None else 1.0
    for number, chosen in _by_class(demo.classes):
        times = demo.times[chosen & inside]
        hover = {"hovertemplate": f"{escape(_name(demo, number))} at %{{x:.3f}} s<extra></extra>"}
        yield {**_dots(demo, number, times, signal_at(demo, times), 10), **hover}
        row = _dots(demo, number, times, np.full(len(times), level), 9)
        yield {**row, **hover, "yaxis": "y2", "showlegend": False}


def _annotated(demo: BeatDemo, inside: NDArray[np.bool_]) -> Iterator[Trace]:
    """Return the row of annotated kinds, in colour and shape of the class that has their name."""
    if demo.reference is None:
        return
    for kind in np.unique(demo.reference.kind):
        times = demo.times[inside & (demo.reference.kind == kind)]
        number = demo.reference_class(int(kind))
        name = escape(f"{kind_name(int(kind), Beat, BEAT_WORDS)}, annotated")
        yield {
            **_dots(demo, number, times, np.zeros(len(times)), 9), "yaxis": "y2", "showlegend": False, "name": name,
            "hovertemplate": f"{name}: %{{x:.3f}} s<extra></extra>",
        }  # fmt: skip


def _probabilities(demo: BeatDemo, inside: NDArray[np.bool_]) -> Iterator[Trace]:
    """Return how probable each beat's class is, in percent."""
    for number, chosen in _by_class(demo.classes):
        if number >= 0:
            here = chosen & inside
            dots = _dots(demo, number, demo.times[here], 100 * demo.probabilities[here, number], 7)
            hover = f"{escape(_name(demo, number))} %{{y:.0f}} %<extra></extra>"
            yield {**dots, "yaxis": "y3", "showlegend": False, "hovertemplate": hover}


def _template(demo: BeatDemo, template: Template, place: str) -> Iterator[Trace]:
    colour = chart_colour(template.number)
    edges = np.concatenate([template.mean + template.sd, (template.mean - template.sd)[::-1]])
    name = f"{escape(_name(demo, template.number))} ({template.beats:,})"
    shared = {"type": "scatter", "mode": "lines", "xaxis": place, "yaxis": "y", "legendgroup": name, "name": name}
    yield {
        **shared, "x": packed(np.concatenate([template.time, template.time[::-1]])), "y": packed(edges),
        "fill": "toself", "opacity": 0.35, "line": {"width": 0, "color": colour}, "fillcolor": colour,
        "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip
    yield {
        **shared, "x": packed(template.time), "y": packed(template.mean), "line": {"color": colour, "width": 2},
        "hovertemplate": f"%{{x:.3f}} s, %{{y:.3f}} {escape(demo.unit)}<extra></extra>",
    }  # fmt: skip
