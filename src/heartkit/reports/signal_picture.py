"""What the pictures of demos share whose answers are signals: the first seconds of each, drawn over time."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from heartkit.reports.lead_demo import LeadDemo

SHOWN = 10.0
"""Seconds."""


def curve(axes: Axes, demo: LeadDemo, signal: NDArray[np.floating], colour: str, name: str, width: float = 1.1) -> None:
    """Draw the first `SHOWN` seconds of a signal at the demo's sampling rate."""
    part = signal[: int(SHOWN * demo.sampling_rate) + 1]
    axes.plot(np.arange(len(part)) / demo.sampling_rate, part, color=colour, linewidth=width, label=name)
