"""The picture of a denoising demo: the first seconds of all signals, their spectra, and key numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from heartkit.reports.denoise_demo import CLEAN, DENOISED, NOISY, RESIDUAL, DenoiseDemo, key_numbers
from heartkit.reports.lead_picture import key_words, title
from heartkit.reports.signal_chart import FLOOR
from heartkit.reports.signal_picture import SHOWN, curve
from heartkit.reports.style import figure, save

RANGE = 1e-6
"""Of the highest power density: below nothing is shown."""


def draw_picture(path: Path, demo: DenoiseDemo) -> None:
    """Draw ``demo.png``.

    Parameters
    ----------
    path : Path
        PNG to write.
    demo : DenoiseDemo
        What to show; of the signals the first 10 s.
    """
    stop = min(SHOWN, demo.duration)
    with figure(12, 10) as made:
        grid = made.add_gridspec(4, 1, height_ratios=[2, 2, 1.4, 2.2])
        rows = [made.add_subplot(grid[at, 0]) for at in range(3)]
        rows[0].set_title(title(demo, stop), loc="left")
        curve(rows[0], demo, demo.signal, NOISY, "noisy")
        if demo.clean is not None:
            curve(rows[1], demo, demo.clean, CLEAN, "clean", 2.6)
            curve(rows[2], demo, demo.signal - demo.clean, NOISY, "noise")
        curve(rows[1], demo, demo.denoised, DENOISED, "denoised")
        curve(rows[2], demo, demo.residual, RESIDUAL, "taken off" if demo.clean is None else "residual")
        for axes in rows:
            axes.set_xlim(0, stop)
            axes.set_ylabel(demo.amplitude)
            axes.legend(loc="lower right", bbox_to_anchor=(1, 0.98), ncols=2)
        rows[2].set_xlabel("time (s)")
        footer = grid[3, 0].subgridspec(1, 2, width_ratios=[2, 1])
        _spectra(made.add_subplot(footer[0, 0]), demo)
        key_words(made.add_subplot(footer[0, 1]), {**key_numbers(demo), "Model": demo.model, "Backend": demo.backend})
        save(made, path)


def _spectra(axes: Axes, demo: DenoiseDemo) -> None:
    axes.set_title("Spectra of the whole recording", fontsize=10, loc="left")
    top = FLOOR
    for name, (frequency, density, colour) in demo.spectra().items():
        width = 2.6 if name == "clean" else 1.1
        axes.semilogy(frequency[1:], np.maximum(density[1:], FLOOR), color=colour, linewidth=width, label=name)
        top = max(top, float(density[1:].max()))
    axes.set_ylim(top * RANGE, 3 * top)
    axes.yaxis.set_major_formatter("{x:.0e}")
    axes.set_xlim(0, demo.sampling_rate / 2)
    axes.set_xlabel("frequency (Hz)")
    axes.set_ylabel(f"density ({demo.unit}²/Hz)" if demo.unit else "density (1/Hz)")
    axes.legend()
