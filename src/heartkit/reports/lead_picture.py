"""What the pictures of all demos share: one lead in rows of some ten seconds, and key numbers beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from heartkit.reports import words
from heartkit.reports.beat_words import R_PEAKS, BeatWords
from heartkit.reports.lead_demo import LeadDemo
from heartkit.reports.style import figure
from heartkit.signal.hrv import RRIntervals

ROW = 10.0
"""Seconds of signal in a row, or nearly so."""
MOST_ROWS = 6
DARK = "#333333"
"""Colour of signals and marks."""

Mark = Callable[[Axes, float, float, tuple[float, float]], None]


def even_rows(duration: float, most: int = MOST_ROWS) -> tuple[list[float], float]:
    """Return where rows start and how long they are, in seconds: even rows unless there is too much to show."""
    count = max(1, round(duration / ROW))
    length = max(duration / count, 0.1) if count <= most else ROW
    return [row * length for row in range(min(count, most))], length


def title(demo: LeadDemo, shown: float) -> str:
    """Return the title of a picture that shows the first `shown` seconds."""
    named = f"{demo.dataset} {demo.record}, lead {demo.lead}"
    if shown < demo.duration - 0.1:
        named += f": the first {words.seconds(shown)} of {words.seconds(demo.duration)}"
    return named


def limits(demo: LeadDemo, shown: float) -> tuple[float, float]:
    """Return limits of the amplitude that are the same in all rows, with room for marks above and below."""
    signal = demo.signal[: int(np.ceil(shown * demo.sampling_rate))]
    known = signal[np.isfinite(signal)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    room = 0.18 * (high - low) or 0.5
    return low - room, high + room


def draw_signal(axes: Axes, demo: LeadDemo, start: float, stop: float, limits: tuple[float, float]) -> None:
    """Draw the signal from `start` to `stop` seconds."""
    first, last = sample_range(demo, start, stop)
    part = demo.signal[first : last + 1]
    axes.plot(np.arange(first, first + len(part)) / demo.sampling_rate, part, color=DARK, linewidth=0.9)
    axes.set_xlim(start, stop)
    axes.set_ylim(*limits)
    axes.set_ylabel(demo.amplitude)


def sample_range(demo: LeadDemo, start: float, stop: float) -> tuple[int, int]:
    """Return the first and last sample of a stretch given in seconds."""
    first, last = (int(np.clip(round(at * demo.sampling_rate), 0, len(demo.signal))) for at in (start, stop))
    return first, last


def probability_axes(axes: Axes) -> None:
    """Label axes that hold probabilities on top of each other."""
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 1])
    axes.set_ylabel("prob.")
    axes.grid(visible=False)


def tachogram_axes(axes: Axes, rr: RRIntervals | None, said: BeatWords = R_PEAKS) -> NDArray[np.float64]:
    """Label axes for intervals and return these in ms; empty, and said so, where there are none."""
    axes.set_title(said.intervals[0].upper() + said.intervals[1:], fontsize=10, loc="left")
    if rr is None or not len(rr.interval):
        none = f"No {said.intervals}: fewer than two {said.marks} were found."
        axes.text(0.5, 0.5, none, ha="center", va="center")
        axes.set_axis_off()
        return np.empty(0)
    axes.set_xlabel("time (s)")
    axes.set_ylabel(f"{said.interval} (ms)")
    return 1000 * rr.interval


def key_words(axes: Axes, lines: Mapping[str, str]) -> None:
    """Write names and values under each other."""
    axes.set_axis_off()
    for row, (name, value) in enumerate(lines.items()):
        y = 1.0 - row / max(len(lines), 8)
        axes.text(0.05, y, name, color="#555555", va="top", transform=axes.transAxes)
        axes.text(0.5, y, value, va="top", transform=axes.transAxes)


@contextmanager
def rows_and_footer(
    demo: LeadDemo, most: int, mark: Mark, widths: Sequence[float]
) -> Iterator[tuple[Figure, list[Axes]]]:
    """Give a picture of the first rows of a trace, and empty axes below them.

    Parameters
    ----------
    demo : LeadDemo
        Whose signal to draw.
    most : int
        Rows at most.
    mark : callable
        ``mark(axes, start, stop, limits)`` draws what belongs to a row.
    widths : sequence of float
        Of the axes below the rows.
    """
    starts, length = even_rows(demo.duration, most)
    end = starts[-1] + length
    within = limits(demo, end)
    with figure(12, 1.3 + 2.0 * len(starts) + 2.6) as made:
        grid = made.add_gridspec(len(starts) + 1, 1, height_ratios=[2.0] * len(starts) + [2.2])
        for row, start in enumerate(starts):
            axes = made.add_subplot(grid[row, 0])
            draw_signal(axes, demo, start, start + length, within)
            mark(axes, start, start + length, within)
            if row == 0:
                axes.set_title(title(demo, end), loc="left")
        axes.set_xlabel("time (s)")
        footer = grid[-1, 0].subgridspec(1, len(widths), width_ratios=widths)
        yield made, [made.add_subplot(footer[0, at]) for at in range(len(widths))]
