"""The picture of a translation demo: the first seconds of source, target and output, heart rates, key numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from heartkit.reports.lead_picture import key_words, title
from heartkit.reports.signal_picture import SHOWN, curve
from heartkit.reports.style import figure, save
from heartkit.reports.translate_demo import NORMALISED, OUTPUT, SOURCE, TARGET, TranslateDemo, key_numbers


def draw_picture(path: Path, demo: TranslateDemo) -> None:
    """Draw ``demo.png``.

    Parameters
    ----------
    path : Path
        PNG to write.
    demo : TranslateDemo
        What to show; of the signals the first 10 s.
    """
    stop = min(SHOWN, demo.duration)
    with figure(12, 9) as made:
        grid = made.add_gridspec(3, 1, height_ratios=[1.6, 2.4, 2])
        source, both = (made.add_subplot(grid[at, 0]) for at in range(2))
        source.set_title(title(demo, stop), loc="left")
        curve(source, demo, demo.signal, SOURCE, f"{demo.lead}, source")
        source.set_ylabel(demo.amplitude)
        curve(both, demo, demo.target, TARGET, f"{demo.target_lead}, target", 2.6)
        curve(both, demo, demo.output, OUTPUT, "output")
        both.set_ylabel(f"{demo.target_lead} ({NORMALISED})")
        both.set_xlabel("time (s)")
        for axes in (source, both):
            axes.set_xlim(0, stop)
            axes.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=2)
        footer = grid[2, 0].subgridspec(1, 2, width_ratios=[2, 1])
        if rates := demo.rates():
            _rates(made.add_subplot(footer[0, 0]), demo, rates)
        key_words(made.add_subplot(footer[0, 1]), {**key_numbers(demo), "Model": demo.model, "Backend": demo.backend})
        save(made, path)


def _rates(axes: Axes, demo: TranslateDemo, of: dict[str, NDArray[np.float64]]) -> None:
    axes.set_title("Heart rates over the whole recording", fontsize=10, loc="left")
    marks = {"source": (SOURCE, "D"), "target": (TARGET, "o"), "output": (OUTPUT, "x")}
    for name, rates in of.items():
        colour, mark = marks[name]
        axes.plot(demo.middles, rates, mark, color=colour, markersize=5, label=name)
    axes.set_xlim(0, demo.duration)
    axes.set_xlabel("time (s)")
    axes.set_ylabel("heart rate (per minute)")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=3)
