"""The demo of translation: a picture, and a page to look around in."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from heartkit.reports import page
from heartkit.reports.charts import Trace, axis, chart, layout, packed
from heartkit.reports.lead_page import write_lead_page
from heartkit.reports.page import Html
from heartkit.reports.signal_chart import Curve, signal_rows
from heartkit.reports.translate_demo import (
    NORMALISED,
    OUTPUT,
    SOURCE,
    TARGET,
    TranslateDemo,
    key_numbers,
    score_rows,
)
from heartkit.reports.translate_picture import draw_picture

__all__ = ["TranslateDemo", "write_demo"]

_MARKS = {"source": (SOURCE, "diamond"), "target": (TARGET, "circle"), "output": (OUTPUT, "x")}


def write_demo(demo: TranslateDemo, report: Path, picture: Path) -> None:
    """Write the page and the picture of a demo.

    Parameters
    ----------
    demo : TranslateDemo
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
    write_lead_page(report, demo, f"{demo.target_lead} from", "translated", _sections(demo))


def _sections(demo: TranslateDemo) -> Iterator[Html]:
    yield page.section("In short", page.numbers(key_numbers(demo)))
    said = (
        f"{demo.target_lead} and output in standard deviations of the frame: how large the target is cannot be told "
        "from the source."
    )
    if demo.moved:
        said += (
            f" Pulses were moved by {demo.moved:.2f} s, this recording's usual delay, to stand at their heart beats: "
            "how long it is cannot be told from the source either."
        )
    yield page.section("Signals", page.paragraph(said), _signals(demo))
    stretches = f"stretches of {demo.window / demo.sampling_rate:.2f} s, the model's frame"
    if rates := demo.rates():
        said = f"In {stretches}: 60 over the median interval between beats."
        yield page.section("Heart rates", page.paragraph(said), _rates(demo, rates))
    said = f"Means over {stretches}, against {demo.target_lead}."
    yield page.section("Scores", page.paragraph(said), page.table(["score", "output"], score_rows(demo)))


def _signals(demo: TranslateDemo) -> Html:
    rows = {
        demo.amplitude: [Curve(f"{demo.lead}, source", demo.signal, SOURCE)],
        f"{demo.target_lead}, output ({NORMALISED})": [
            Curve(f"{demo.target_lead}, target", demo.target, TARGET, 2.5), Curve("output", demo.output, OUTPUT, 1.3),
        ],
    }  # fmt: skip
    return signal_rows(demo, rows, f"{demo.lead} over time, and below it {demo.target_lead} and the model's output.")


def _rates(demo: TranslateDemo, of: dict[str, NDArray[np.float64]]) -> Html:
    traces: list[Trace] = [
        {
            "type": "scatter", "mode": "markers", "name": escape(name), "x": packed(demo.middles), "y": packed(rates),
            "marker": {"color": _MARKS[name][0], "symbol": _MARKS[name][1], "size": 7},
            "hovertemplate": f"{escape(name)}: %{{y:.1f}} /min<extra></extra>",
        }
        for name, rates in of.items()
    ]  # fmt: skip
    arranged = layout(340, xaxis=axis("time (s)"), yaxis=axis("heart rate (per minute)"))
    alt = f"Heart rates over time: {', '.join(of)}."
    return chart(traces, arranged, alt, "A stretch with fewer than three beats has no mark.")
