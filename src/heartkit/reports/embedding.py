"""The demo of an embedding: a map of frames as a picture, and a page to look around in."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import numpy as np

from heartkit.reports import page
from heartkit.reports.beat_charts import SYMBOLS
from heartkit.reports.charts import INK, Trace, axis, chart, layout, packed
from heartkit.reports.embedding_demo import MOST_KINDS, EmbeddingDemo, axis_words, key_numbers, neighbour_rows
from heartkit.reports.embedding_picture import draw_picture
from heartkit.reports.kinds import chart_colour
from heartkit.reports.lead_page import write_lead_page
from heartkit.reports.page import Html

__all__ = ["EmbeddingDemo", "write_demo"]


def write_demo(demo: EmbeddingDemo, report: Path, picture: Path) -> None:
    """Write the page and the picture of a demo.

    Parameters
    ----------
    demo : EmbeddingDemo
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
    write_lead_page(report, demo, "embedding of", "embedded", _sections(demo))


def _sections(demo: EmbeddingDemo) -> Iterator[Html]:
    said = (
        f"Each point is a frame; near points are frames that the model finds alike. Colour and shape: "
        f"{demo.coloured_by}. Two components show a part of what the embedding holds; the table compares all of it."
    )
    yield page.section("In short", page.numbers(key_numbers(demo)), page.paragraph(said))
    yield page.section("Map", _map(demo))
    rows = list(neighbour_rows(demo))
    columns = ["recording", demo.coloured_by, "frames", "mean cosine with this one"]
    caption = "The recordings on the map, the most similar to this one first"
    yield page.section("Neighbours", page.table(columns, rows, caption, words=2))


def _map(demo: EmbeddingDemo) -> Html:
    """Return the frames on the first two principal components of their directions."""
    places = demo.principal[0]
    colours = np.array([demo.colour_of(at) for at in range(len(demo.recordings))])[demo.owner]
    traces = []
    for number, name in enumerate(demo.palette):
        which = -1 if number >= MOST_KINDS else number
        chosen = colours == which
        labels = [
            f"{demo.recordings[one]}, {at:.1f} s"
            for one, at in zip(demo.owner[chosen], demo.seconds[chosen], strict=True)
        ]
        symbol = "x-thin-open" if which < 0 else SYMBOLS[which]
        traces.append({
            "type": "scatter", "mode": "markers", "name": escape(name), "x": packed(places[chosen, 0]),
            "y": packed(places[chosen, 1]), "text": [escape(label) for label in labels],
            "hovertemplate": f"{escape(name)}<br>%{{text}}<extra></extra>",
            "marker": {"symbol": symbol, "size": 8, "color": chart_colour(which)},
        })  # fmt: skip
    traces.append(_shown(demo))
    arranged = layout(
        560, xaxis=axis(axis_words(demo, 0)), yaxis=axis(axis_words(demo, 1), scaleanchor="x"), dragmode="pan"
    )
    alt = f"Map of {len(demo.owner)} frames of {len(demo.recordings)} recordings by two principal components."
    return chart(traces, arranged, alt, "Ringed: the frames of this recording. Drag to move, scroll or box to zoom.")


def _shown(demo: EmbeddingDemo) -> Trace:
    mine = demo.principal[0][demo.owner == 0]
    return {
        "type": "scatter", "mode": "markers", "name": "this recording", "x": packed(mine[:, 0]),
        "y": packed(mine[:, 1]),
        "marker": {"symbol": "circle-open", "size": 15, "color": INK, "line": {"width": 2}}, "hoverinfo": "skip",
    }  # fmt: skip
