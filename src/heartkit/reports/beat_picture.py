"""The picture of a beat demo: the first rows of the trace with a mark on each beat, templates, RR intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from heartkit.reports.beat_demo import NO_CLASS, BeatDemo, key_numbers
from heartkit.reports.kinds import picture_colour
from heartkit.reports.lead_picture import DARK, key_words, rows_and_footer, tachogram_axes
from heartkit.reports.style import GREY, save

_MARKERS = "o^sD*vp"
_ROWS = 4
_COLUMNS = (1.0, 1.3, 0.9)  # widths of templates, RR intervals and key numbers


def draw_picture(path: Path, demo: BeatDemo) -> None:
    """Draw ``demo.png``.

    Parameters
    ----------
    path : Path
        PNG to write.
    demo : BeatDemo
        What to show; of a long recording the trace of the first 40 s.
    """
    annotated = demo.reference_classes

    def mark(axes: Axes, start: float, stop: float, within: tuple[float, float]) -> None:
        low, high = within
        inside = (demo.times >= start) & (demo.times < stop)
        _marks(axes, demo.times[inside], demo.classes[inside], high - 0.05 * (high - low), 6)
        if len(annotated):
            _marks(axes, demo.times[inside], annotated[inside], low + 0.05 * (high - low), 4)

    with rows_and_footer(demo, _ROWS, mark, _COLUMNS) as (made, (shapes, intervals, beside)):
        _templates(shapes, demo)
        _tachogram(intervals, demo)
        key_words(beside, {**key_numbers(demo), "Model": demo.model, "Backend": demo.backend})
        handles = _handles(demo)
        made.legend(handles=handles, loc="outside upper center", ncols=min(len(handles), 6))
        save(made, path)


def _style(number: int) -> tuple[str, str]:
    """Return colour and marker of a class."""
    return picture_colour(number), _MARKERS[number % len(_MARKERS)] if number >= 0 else "x"


def _marks(axes: Axes, x: NDArray[np.float64], classes: NDArray[np.int64], y: float, size: float) -> None:
    for number in np.unique(classes):
        colour, marker = _style(int(number))
        here = x[classes == number]
        axes.plot(here, np.full(len(here), y), marker, color=colour, markersize=size)


def _templates(axes: Axes, demo: BeatDemo) -> None:
    axes.set_title("Mean beat of each class, ± sd", fontsize=10, loc="left")
    if not demo.templates:
        axes.text(0.5, 0.5, "No classified beats.", ha="center", va="center")
        axes.set_axis_off()
        return
    for one in demo.templates:
        colour, _ = _style(one.number)
        axes.fill_between(one.time, one.mean - one.sd, one.mean + one.sd, color=colour, alpha=0.2, linewidth=0)
        axes.plot(one.time, one.mean, color=colour)
    axes.set_xlabel("time from the beat (s)")
    axes.set_ylabel(demo.amplitude)


def _tachogram(axes: Axes, demo: BeatDemo) -> None:
    milliseconds = tachogram_axes(axes, demo.rr)
    if demo.rr is None or not len(milliseconds):
        return
    axes.plot(demo.rr.time, milliseconds, color=GREY, linewidth=0.8)
    size = 2.5 if len(milliseconds) > 200 else 5
    for number in np.unique(demo.rr_classes):
        colour, marker = _style(int(number))
        chosen = demo.rr_classes == number
        axes.plot(demo.rr.time[chosen], milliseconds[chosen], marker, color=colour, markersize=size)


def _handles(demo: BeatDemo) -> list[Line2D]:
    named = list(enumerate(demo.class_names))
    if (demo.classes < 0).any() or (demo.reference_classes < 0).any():
        named.append((NO_CLASS, "no class"))
    handles = []
    for number, name in named:
        colour, marker = _style(number)
        handles.append(Line2D([], [], color=colour, marker=marker, linestyle="", label=name))
    if demo.reference is not None:
        handles.append(Line2D([], [], color=DARK, marker="o", linestyle="", markersize=4, label="annotated (below)"))
    return handles
