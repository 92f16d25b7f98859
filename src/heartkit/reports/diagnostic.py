"""The demo of diagnoses: a picture, and a page to look around in."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import numpy as np

from heartkit.reports import page
from heartkit.reports.charts import INK, Trace, axis, chart, layout, packed
from heartkit.reports.diagnostic_demo import (
    DiagnosticDemo,
    class_rows,
    key_numbers,
    stated_words,
    threshold_words,
)
from heartkit.reports.diagnostic_picture import draw_picture
from heartkit.reports.kinds import chart_colour
from heartkit.reports.lead_chart import bars, lead_chart, shown_samples
from heartkit.reports.lead_page import write_lead_page
from heartkit.reports.page import Html

__all__ = ["DiagnosticDemo", "write_demo"]


def write_demo(demo: DiagnosticDemo, report: Path, picture: Path) -> None:
    """Write the page and the picture of a demo.

    Parameters
    ----------
    demo : DiagnosticDemo
        What to show.
    report : Path
        HTML file to write; it loads nothing from anywhere.
    picture : Path
        PNG file to write.

    Raises
    ------
    HeartkitError
        If a file cannot be written.
    """
    draw_picture(picture, demo)
    write_lead_page(report, demo, "diagnoses of", "judged", _sections(demo))


def _sections(demo: DiagnosticDemo) -> Iterator[Html]:
    yield page.section(
        "In short",
        page.numbers(key_numbers(demo)),
        page.paragraph("Mean probability of each class over all frames of this lead; a recording can show several."),
        page.paragraph(f"{stated_words(demo)} {threshold_words(demo)}"),
    )
    columns = ["class", "found", "stated", "mean probability", "lowest–highest frame", "threshold"]
    yield page.section("Classes", _means(demo), page.table(columns, list(class_rows(demo)), words=3))
    yield page.section("Trace", _trace(demo))


def _means(demo: DiagnosticDemo) -> Html:
    """Return mean probabilities as bars, the probabilities of single frames as dots, thresholds as ticks."""
    count = len(demo.class_names)
    rows = np.arange(count, dtype=np.float64)
    frames = 100 * demo.probabilities
    traces: list[Trace] = [
        {
            "type": "bar", "orientation": "h", "name": "mean", "showlegend": False, "x": packed(100 * demo.mean),
            "y": packed(rows), "width": 0.5, "marker": {"color": [chart_colour(at) for at in range(count)]},
            "hovertemplate": "mean %{x:.0f} %<extra></extra>",
        },
        {
            "type": "scatter", "mode": "markers", "name": "single frames", "x": packed(frames.T.ravel()),
            "y": packed(rows.repeat(len(frames))), "hovertemplate": "frame %{x:.0f} %<extra></extra>",
            "marker": {"symbol": "circle-open", "size": 7, "color": INK},
        },
        {
            "type": "scatter", "mode": "markers", "name": "threshold", "x": packed(100 * demo.thresholds),
            "y": packed(rows), "hovertemplate": "threshold %{x:.0f} %<extra></extra>",
            "marker": {"symbol": "line-ns-open", "size": 26, "color": INK, "line": {"width": 3}},
        },
    ]  # fmt: skip
    names = [
        escape(f"{name} (stated)" if is_it else name)
        for name, is_it in zip(demo.class_names, demo.is_stated, strict=True)
    ]
    arranged = layout(
        110 + 46 * count,
        xaxis=axis("probability (%)", range=[-1, 101]),
        yaxis=axis("", tickvals=list(range(count)), ticktext=names, range=[count - 0.4, -0.6], showgrid=False),
        margin={"l": 130, "r": 15, "t": 40, "b": 50},
    )
    alt = f"Bars of the mean probability of {count} classes with their thresholds; the numbers are in the table below."
    caption = "Mean probability (bar), that of each frame (rings), and the threshold (upright line)."
    return chart(traces, arranged, alt, caption)


def _trace(demo: DiagnosticDemo) -> Html:
    stop = shown_samples(demo) / demo.sampling_rate
    traces = [*_found(demo, stop), *_probabilities(demo, stop)]
    alt = f"Trace of lead {demo.lead} over time, the classes found below it and their probabilities."
    return lead_chart(demo, traces, [escape(name) for name in demo.class_names], alt)


def _found(demo: DiagnosticDemo, stop: float) -> Iterator[Trace]:
    """Return the stretches in which each class reaches its threshold as bars, one row for each class."""
    for number, name in enumerate(demo.class_names):
        spans = np.array([(start, min(end, stop)) for start, end in demo.spans(number) if start < stop]).reshape(-1, 2)
        if len(spans):
            yield {
                **bars(f"{name}, found", chart_colour(number), spans[:, 0], spans[:, 1], number),
                "legendgroup": escape(name),
            }


def _probabilities(demo: DiagnosticDemo, stop: float) -> Iterator[Trace]:
    """Return each class's probability as steps, in percent, and its threshold as a dotted line."""
    edges = np.append(demo.edges[demo.edges < stop], stop)
    for at, name in enumerate(demo.class_names):
        values = 100 * demo.probabilities[: len(edges) - 1, at]
        shared = {"type": "scatter", "mode": "lines", "yaxis": "y3", "legendgroup": escape(name)}
        yield {
            **shared, "name": escape(name), "x": packed(edges), "y": packed(np.append(values, values[-1:])),
            "line": {"color": chart_colour(at), "width": 1.5, "shape": "hv"},
            "hovertemplate": f"{escape(name)} %{{y:.0f}} %<extra></extra>",
        }  # fmt: skip
        yield {
            **shared, "name": escape(f"{name}, threshold"), "showlegend": False, "x": packed(edges[[0, -1]]),
            "y": packed(np.full(2, 100 * demo.thresholds[at])), "hoverinfo": "skip",
            "line": {"color": chart_colour(at), "width": 1, "dash": "dot"},
        }  # fmt: skip
