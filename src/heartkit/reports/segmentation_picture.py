"""The picture of a segmentation demo: traces in rows with coloured waves, class probabilities, RR intervals."""

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
from heartkit.reports import words
from heartkit.reports.segmentation_demo import SegmentationDemo, class_colours, key_numbers
from heartkit.reports.style import GREY, WAVE_COLOURS, figure, save

ROW = 10.0
"""Seconds of signal in a row, or nearly so."""
MOST_ROWS = 6
_HEIGHTS = (2.0, 0.45)  # inches, of a trace and of its strip of probabilities
_INK = "#333333"


def draw_picture(path: Path, demo: SegmentationDemo) -> None:
    """Draw ``demo.png``.

    Parameters
    ----------
    path : Path
        PNG to write.
    demo : SegmentationDemo
        What to show; of a long recording the first minute or so.
    """
    starts, length = _rows(demo.duration)
    with figure(12, 1.3 + len(starts) * sum(_HEIGHTS) + 2.4) as made:
        grid = made.add_gridspec(2 * len(starts) + 1, 3, height_ratios=[*_HEIGHTS * len(starts), 1.9])
        limits = _limits(demo.signal[: int(np.ceil((starts[-1] + length) * demo.sampling_rate))])
        for row, start in enumerate(starts):
            trace = made.add_subplot(grid[2 * row, :])
            strip = made.add_subplot(grid[2 * row + 1, :], sharex=trace)
            _trace(trace, demo, start, start + length, limits)
            if row == 0:
                trace.set_title(_title(demo, starts[-1] + length), loc="left")
            _strip(strip, demo, start, start + length)
            strip.set_xlim(start, start + length)
        strip.set_xlabel("time (s)")
        _tachogram(made.add_subplot(grid[-1, :2]), demo)
        _words(made.add_subplot(grid[-1, 2]), demo)
        _legend(made, demo)
        save(made, path)


def _rows(duration: float) -> tuple[list[float], float]:
    """Return where rows start and how long they are, in seconds: even rows unless there is too much to show."""
    count = max(1, round(duration / ROW))
    length = max(duration / count, 0.1) if count <= MOST_ROWS else ROW
    return [row * length for row in range(min(count, MOST_ROWS))], length


def _title(demo: SegmentationDemo, shown: float) -> str:
    title = f"{demo.dataset} {demo.record}, lead {demo.lead}"
    if shown < demo.duration - 0.1:
        title += f": the first {words.seconds(shown)} of {words.seconds(demo.duration)}"
    return title


def _limits(signal: NDArray[np.float32]) -> tuple[float, float]:
    """Return limits of the amplitude that are the same in all rows, with room for marks above and below."""
    known = signal[np.isfinite(signal)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    room = 0.18 * (high - low) or 0.5
    return low - room, high + room


def _trace(axes: Axes, demo: SegmentationDemo, start: float, stop: float, limits: tuple[float, float]) -> None:
    """Draw the signal, its waves as shaded spans, R peaks above, annotated waves as bars below."""
    first, last = (int(np.clip(round(at * demo.sampling_rate), 0, len(demo.signal))) for at in (start, stop))
    time = np.arange(first, last + 1) / demo.sampling_rate
    part = demo.signal[first : last + 1]
    axes.plot(time[: len(part)], part, color=_INK, linewidth=0.9)
    low, high = limits
    for kind in demo.kinds:
        for onset, offset in _spans(demo.waves, kind, start, stop):
            axes.axvspan(onset, offset, color=WAVE_COLOURS[kind.name], alpha=0.3, linewidth=0)
        for onset, offset in _spans(demo.reference, kind, start, stop):
            bar = [low + 0.04 * (high - low)] * 2
            axes.plot([onset, offset], bar, color=WAVE_COLOURS[kind.name], linewidth=4, solid_capstyle="butt")
    peaks = demo.r_peaks[(demo.r_peaks >= start) & (demo.r_peaks < stop)]
    axes.plot(peaks, np.full(len(peaks), high - 0.05 * (high - low)), "v", color=_INK, markersize=5)
    axes.set_ylim(low, high)
    axes.set_ylabel(demo.amplitude)
    axes.tick_params(labelbottom=False)


def _spans(waves: Waves, kind: Wave, start: float, stop: float) -> NDArray[np.float64]:
    """Return onset and offset of the waves of one kind that reach into a row."""
    inside = (waves.kind == kind) & (waves.offset > start) & (waves.onset < stop)
    return np.stack([waves.onset[inside], waves.offset[inside]], axis=1).clip(start, stop)


def _strip(axes: Axes, demo: SegmentationDemo, start: float, stop: float) -> None:
    """Draw the classes' probabilities on top of each other."""
    first, last = (int(np.clip(round(at * demo.sampling_rate), 0, len(demo.signal))) for at in (start, stop))
    share = np.nan_to_num(demo.probabilities[first : last + 1])
    time = np.arange(first, first + len(share)) / demo.sampling_rate
    if len(share):
        axes.stackplot(time, share.T, colors=class_colours(demo.class_names, demo.class_kinds), linewidth=0)
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 1])
    axes.set_ylabel("prob.")
    axes.grid(visible=False)


def _tachogram(axes: Axes, demo: SegmentationDemo) -> None:
    axes.set_title("RR intervals", fontsize=10, loc="left")
    if demo.rr is None or not len(demo.rr.interval):
        axes.text(0.5, 0.5, "No RR intervals: fewer than two R peaks were found.", ha="center", va="center")
        axes.set_axis_off()
        return
    milliseconds = 1000 * demo.rr.interval
    axes.plot(demo.rr.time, milliseconds, color=GREY, linewidth=0.8)
    size = 2.5 if len(milliseconds) > 200 else 5
    for chosen, marker, label in ((demo.rr.kept, "o", "normal"), (~demo.rr.kept, "x", "left out of variability")):
        if chosen.any():
            axes.plot(demo.rr.time[chosen], milliseconds[chosen], marker, color=_INK, markersize=size, label=label)
    if not demo.rr.kept.all():
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    axes.set_xlabel("time (s)")
    axes.set_ylabel("RR interval (ms)")


def _words(axes: Axes, demo: SegmentationDemo) -> None:
    axes.set_axis_off()
    lines = {**key_numbers(demo), "Model": demo.model, "Backend": demo.backend}
    for row, (name, value) in enumerate(lines.items()):
        y = 1.0 - row / max(len(lines), 8)
        axes.text(0.05, y, name, color="#555555", va="top", transform=axes.transAxes)
        axes.text(0.5, y, value, va="top", transform=axes.transAxes)


def _legend(made: Figure, demo: SegmentationDemo) -> None:
    handles: list[Patch | Line2D] = [
        Patch(color=colour, label=name)
        for name, colour in zip(demo.class_names, class_colours(demo.class_names, demo.class_kinds), strict=True)
    ]
    if len(demo.r_peaks):
        handles.append(Line2D([], [], color=_INK, marker="v", linestyle="", label="R peak"))
    if len(demo.reference):
        handles.append(Line2D([], [], color=GREY, linewidth=4, label="annotated (bar below the trace)"))
    made.legend(handles=handles, loc="outside upper center", ncols=len(handles))
