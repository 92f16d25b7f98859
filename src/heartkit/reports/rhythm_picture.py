"""The picture of a rhythm demo: the first rows of the trace in their classes, and probabilities over the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from heartkit.reports.kinds import class_colours, picture_colour
from heartkit.reports.lead_picture import key_words, probability_axes, rows_and_footer
from heartkit.reports.rhythm_demo import RhythmDemo, key_numbers
from heartkit.reports.style import GREY, save

_ROWS = 4
_COLUMNS = (2.0, 1.0)  # widths of the probabilities and of the key numbers


def draw_picture(path: Path, demo: RhythmDemo) -> None:
    """Draw ``demo.png``.

    Parameters
    ----------
    path : Path
        PNG to write.
    demo : RhythmDemo
        What to show; of a long recording the trace of the first 40 s, and the probabilities of the whole.
    """

    def mark(axes: Axes, start: float, stop: float, within: tuple[float, float]) -> None:
        for number, begin, end in demo.runs():
            if begin < stop and end > start:
                colour = picture_colour(number)
                axes.axvspan(max(begin, start), min(end, stop), color=colour, alpha=0.18, linewidth=0)
        level = within[0] + 0.04 * (within[1] - within[0])
        _annotated(axes, demo, start, stop, level)

    with rows_and_footer(demo, _ROWS, mark, _COLUMNS) as (made, (share, beside)):
        _shares(share, demo)
        key_words(beside, {**key_numbers(demo), "Model": demo.model, "Backend": demo.backend})
        colours = class_colours(len(demo.class_names))
        handles: list[Patch | Line2D] = [
            Patch(color=colour, label=name) for name, colour in zip(demo.class_names, colours, strict=True)
        ]
        if len(demo.reference):
            handles.append(Line2D([], [], color=GREY, linewidth=4, label="annotated (bar below)"))
        made.legend(handles=handles, loc="outside upper center", ncols=min(len(handles), 6))
        save(made, path)


def _annotated(axes: Axes, demo: RhythmDemo, start: float, stop: float, level: float) -> None:
    """Draw annotated rhythms as bars."""
    spans = zip(demo.reference.kind, demo.reference.start, demo.reference.stop, strict=True)
    for kind, begin, end in spans:
        if begin < stop and end > start:
            colour = picture_colour(demo.reference_class(int(kind)))
            within = [max(begin, start), min(end, stop)]
            axes.plot(within, [level] * 2, color=colour, linewidth=4, solid_capstyle="butt")


def _shares(axes: Axes, demo: RhythmDemo) -> None:
    """Draw the classes' probabilities over the whole recording on top of each other, annotated rhythms below."""
    axes.set_title("Probabilities over the whole recording", fontsize=10, loc="left")
    time = np.repeat(demo.edges, 2)[1:-1]
    axes.stackplot(
        time, np.repeat(demo.probabilities, 2, axis=0).T, colors=class_colours(len(demo.class_names)), linewidth=0
    )
    probability_axes(axes)
    _annotated(axes, demo, 0.0, demo.duration, -0.08)
    axes.set_ylim(-0.15 if len(demo.reference) else 0, 1)
    axes.set_xlim(0, demo.duration)
    axes.set_xlabel("time (s)")
