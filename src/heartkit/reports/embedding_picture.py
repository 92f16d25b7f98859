"""The picture of an embedding's demo: the lead, and the map of frames with this recording's ringed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from heartkit.reports.embedding_demo import MOST_KINDS, EmbeddingDemo, axis_words, key_numbers
from heartkit.reports.kinds import picture_colour
from heartkit.reports.lead_picture import DARK, draw_signal, even_rows, key_words, limits, title
from heartkit.reports.style import figure, save

_MARKERS = "o^sD*vp"


def draw_picture(path: Path, demo: EmbeddingDemo) -> None:
    """Draw ``demo.png``.

    Parameters
    ----------
    path : Path
        PNG to write.
    demo : EmbeddingDemo
        What to show; of a long recording the trace of the first ten seconds or so.
    """
    _, length = even_rows(demo.duration, 1)
    with figure(12, 8.6) as made:
        grid = made.add_gridspec(3, 3, height_ratios=[1.9, 2.6, 2.6])
        trace = made.add_subplot(grid[0, :])
        draw_signal(trace, demo, 0, length, limits(demo, length))
        trace.set_title(title(demo, length), loc="left")
        trace.set_xlabel("time (s)")
        axes = made.add_subplot(grid[1:, :2])
        _map(axes, demo)
        beside = made.add_subplot(grid[1, 2])
        lines = {**key_numbers(demo), "Model": demo.model, "Backend": demo.backend}
        lines = {
            name.replace("Nearest frame is of the same recording", "Finds its own"): v for name, v in lines.items()
        }
        key_words(beside, lines)
        below = made.add_subplot(grid[2, 2])
        below.set_axis_off()
        below.legend(*axes.get_legend_handles_labels(), loc="upper left", title=demo.coloured_by, alignment="left")
        save(made, path)


def _map(axes: Axes, demo: EmbeddingDemo) -> None:
    places = demo.principal[0]
    colours = np.array([demo.colour_of(at) for at in range(len(demo.recordings))])[demo.owner]
    for number, name in enumerate(demo.palette):
        which = -1 if number >= MOST_KINDS else number
        chosen = colours == which
        marker = "x" if which < 0 else _MARKERS[which]
        axes.plot(
            places[chosen, 0], places[chosen, 1], marker, linestyle="", color=picture_colour(which), markersize=5.5,
            label=name, alpha=0.85,
        )  # fmt: skip
    mine = places[demo.owner == 0]
    axes.plot(
        mine[:, 0], mine[:, 1], "o", color=DARK, markersize=11, markerfacecolor="none", markeredgewidth=1.6,
        label="this recording",
    )  # fmt: skip
    axes.set_xlabel(axis_words(demo, 0))
    axes.set_ylabel(axis_words(demo, 1))
    axes.set_title("Frames of several recordings; near ones are alike to the model", fontsize=10, loc="left")
