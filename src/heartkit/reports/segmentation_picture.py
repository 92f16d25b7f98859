"""The picture of a segmentation demo: traces in rows with coloured waves, class probabilities, intervals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from heartkit.records.record import Waves
from heartkit.records.vocabulary import Wave
from heartkit.reports.lead_picture import (
    DARK,
    draw_signal,
    even_rows,
    key_words,
    limits,
    probability_axes,
    sample_range,
    tachogram_axes,
    title,
)
from heartkit.reports.segmentation_demo import SegmentationDemo, class_colours, key_numbers
from heartkit.reports.style import GREY, WAVE_COLOURS, figure, save

_HEIGHTS = (2.0, 0.45)  # inches, of a trace and of its strip of probabilities


def draw_picture(path: Path, demo: SegmentationDemo) -> None:
    """Draw ``demo.png``.

    Parameters
    ----------
    path : Path
        PNG to write.
    demo : SegmentationDemo
        What to show; of a long recording the first minute or so.
    """
    starts, length = even_rows(demo.duration)
    with figure(12, 1.3 + len(starts) * sum(_HEIGHTS) + 2.4) as made:
        grid = made.add_gridspec(2 * len(starts) + 1, 3, height_ratios=[*_HEIGHTS * len(starts), 1.9])
        end = starts[-1] + length
        within = limits(demo, end)
        for row, start in enumerate(starts):
            trace = made.add_subplot(grid[2 * row, :])
            strip = made.add_subplot(grid[2 * row + 1, :], sharex=trace)
            _trace(trace, demo, start, start + length, within)
            if row == 0:
                trace.set_title(title(demo, end), loc="left")
            _strip(strip, demo, start, start + length)
            strip.set_xlim(start, start + length)
        strip.set_xlabel("time (s)")
        _tachogram(made.add_subplot(grid[-1, :2]), demo)
        key_words(made.add_subplot(grid[-1, 2]), {**key_numbers(demo), "Model": demo.model, "Backend": demo.backend})
        _legend(made, demo)
        save(made, path)


def _trace(axes: Axes, demo: SegmentationDemo, start: float, stop: float, within: tuple[float, float]) -> None:
    """Draw the signal, its waves as shaded spans, beats above, annotated waves as bars below."""
    draw_signal(axes, demo, start, stop, within)
    low, high = within
    for kind in demo.kinds:
        for onset, offset in _spans(demo.waves, kind, start, stop):
            axes.axvspan(onset, offset, color=WAVE_COLOURS[kind.name], alpha=0.3, linewidth=0)
        for onset, offset in _spans(demo.reference, kind, start, stop):
            bar = [low + 0.04 * (high - low)] * 2
            axes.plot([onset, offset], bar, color=WAVE_COLOURS[kind.name], linewidth=4, solid_capstyle="butt")
    beats = demo.beats[(demo.beats >= start) & (demo.beats < stop)]
    axes.plot(beats, np.full(len(beats), high - 0.05 * (high - low)), "v", color=DARK, markersize=5)
    axes.tick_params(labelbottom=False)


def _spans(waves: Waves, kind: Wave, start: float, stop: float) -> NDArray[np.float64]:
    """Return onset and offset of the waves of one kind that reach into a row."""
    inside = (waves.kind == kind) & (waves.offset > start) & (waves.onset < stop)
    return np.stack([waves.onset[inside], waves.offset[inside]], axis=1).clip(start, stop)


def _strip(axes: Axes, demo: SegmentationDemo, start: float, stop: float) -> None:
    """Draw the classes' probabilities on top of each other."""
    first, last = sample_range(demo, start, stop)
    share = np.nan_to_num(demo.probabilities[first : last + 1])
    time = np.arange(first, first + len(share)) / demo.sampling_rate
    if len(share):
        axes.stackplot(time, share.T, colors=class_colours(demo.class_names, demo.class_kinds), linewidth=0)
    probability_axes(axes)


def _tachogram(axes: Axes, demo: SegmentationDemo) -> None:
    milliseconds = tachogram_axes(axes, demo.rr, demo.said)
    if demo.rr is None or not len(milliseconds):
        return
    axes.plot(demo.rr.time, milliseconds, color=GREY, linewidth=0.8)
    size = 2.5 if len(milliseconds) > 200 else 5
    for chosen, marker, label in ((demo.rr.kept, "o", "normal"), (~demo.rr.kept, "x", "left out of variability")):
        if chosen.any():
            axes.plot(demo.rr.time[chosen], milliseconds[chosen], marker, color=DARK, markersize=size, label=label)
    if not demo.rr.kept.all():
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)


def _legend(made: Figure, demo: SegmentationDemo) -> None:
    handles: list[Patch | Line2D] = [
        Patch(color=colour, label=name)
        for name, colour in zip(demo.class_names, class_colours(demo.class_names, demo.class_kinds), strict=True)
    ]
    if len(demo.beats):
        handles.append(Line2D([], [], color=DARK, marker="v", linestyle="", label=demo.said.mark))
    if len(demo.reference):
        handles.append(Line2D([], [], color=GREY, linewidth=4, label="annotated (bar below the trace)"))
    made.legend(handles=handles, loc="outside upper center", ncols=len(handles))
