"""The demo of rhythms: a picture, and a page to look around in."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import numpy as np

from heartkit.records.record import Spans
from heartkit.records.vocabulary import Rhythm
from heartkit.reports import page
from heartkit.reports.charts import Trace, packed
from heartkit.reports.kinds import RHYTHM_WORDS, chart_colour, kind_name
from heartkit.reports.lead_chart import bars, lead_chart, shown_samples
from heartkit.reports.lead_page import write_lead_page
from heartkit.reports.page import Html
from heartkit.reports.rhythm_demo import RhythmDemo, class_rows, comparison_rows, key_numbers
from heartkit.reports.rhythm_picture import draw_picture

__all__ = ["RhythmDemo", "write_demo"]

_VIEW = 30.0  # seconds that the trace shows at first: some beats more than to measure waves


def write_demo(demo: RhythmDemo, report: Path, picture: Path) -> None:
    """Write the page and the picture of a demo.

    Parameters
    ----------
    demo : RhythmDemo
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
    write_lead_page(report, demo, "rhythm of", "classified", _sections(demo))


def _sections(demo: RhythmDemo) -> Iterator[Html]:
    yield page.section("In short", page.numbers(key_numbers(demo)))
    yield page.section("Trace", _trace(demo))
    columns = ["class", "part of the recording", "time", "runs", "mean probability"]
    said = "Each frame speaks for the stretch around its middle; its most probable class counts."
    yield page.section("Classes", page.paragraph(said), page.table(columns, class_rows(demo)))
    yield page.section("Beside the annotation", *_comparison(demo))


def _comparison(demo: RhythmDemo) -> Iterator[Html]:
    rows = comparison_rows(demo)
    if not rows:
        yield page.paragraph("No rhythm is annotated in this recording.")
        return
    caption = "Which part of each annotated rhythm is in each class"
    yield page.table(["annotated", "time", *demo.class_names], rows, caption)


def _trace(demo: RhythmDemo) -> Html:
    stop = shown_samples(demo) / demo.sampling_rate
    annotated = demo.reference.until(stop)
    traces = [*_runs(demo, stop, len(annotated) > 0), *_annotated(demo, annotated), *_probabilities(demo, stop)]
    alt = f"Trace of lead {demo.lead} over time, its classes below it and their probabilities."
    return lead_chart(demo, traces, ["annotated", "found"] if len(annotated) else ["found"], alt, _VIEW)


def _runs(demo: RhythmDemo, stop: float, compared: bool) -> Iterator[Trace]:
    """Return the runs of each class as bars."""
    runs = [run for run in demo.runs() if run[1] < stop]
    for number in sorted({number for number, _, _ in runs}):
        edges = np.array([(start, min(end, stop)) for one, start, end in runs if one == number])
        name = demo.class_names[number]
        yield {
            **bars(f"{name}, found", chart_colour(number), edges[:, 0], edges[:, 1], int(compared)),
            "legendgroup": escape(name),
        }


def _annotated(demo: RhythmDemo, annotated: Spans) -> Iterator[Trace]:
    """Return annotated rhythms as bars, in the colour of the class that has their name."""
    for kind in np.unique(annotated.kind):
        chosen = annotated.kind == kind
        number = demo.reference_class(int(kind))
        name = f"{kind_name(int(kind), Rhythm, RHYTHM_WORDS)}, annotated"
        group = demo.class_names[number] if number >= 0 else name
        bar = bars(name, chart_colour(number), annotated.start[chosen], annotated.stop[chosen], 0)
        yield {**bar, "legendgroup": escape(group), "showlegend": number < 0}


def _probabilities(demo: RhythmDemo, stop: float) -> Iterator[Trace]:
    """Return each class's probability as steps, in percent."""
    edges = np.append(demo.edges[demo.edges < stop], stop)
    for at, name in enumerate(demo.class_names):
        values = 100 * demo.probabilities[: len(edges) - 1, at]
        yield {
            "type": "scatter", "mode": "lines", "yaxis": "y3", "name": escape(name), "legendgroup": escape(name),
            "x": packed(edges), "y": packed(np.append(values, values[-1:])),
            "line": {"color": chart_colour(at), "width": 1.5, "shape": "hv"},
            "hovertemplate": f"{escape(name)} %{{y:.0f}} %<extra></extra>",
        }  # fmt: skip
