"""How all figures look: colours that colour-blind readers can tell apart, and one way to make and save a figure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from heartkit import files

# Okabe & Ito 2008: eight colours for all kinds of colour vision; 2:1 or more against white and near-black.
BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, GREY = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#7F7F7F",
)  # fmt: skip
WAVE_COLOURS = {"P": GREEN, "QRS": RED, "T": BLUE, "U": PINK, "NOISE": GREY, "SYSTOLIC": RED, "DIASTOLIC": BLUE}
STYLE: dict[Any, Any] = {
    "figure.dpi": 100, "savefig.dpi": 150, "font.size": 10, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.alpha": 0.25, "legend.frameon": False, "figure.constrained_layout.use": True,
    "text.parse_math": False,  # a "$" in the name of a record is no formula
}  # fmt: skip


@contextmanager
def figure(width: float = 8.0, height: float = 4.5) -> Iterator[Figure]:
    """Give an empty figure of the house style, in inches; it needs no display and no clean-up."""
    with rc_context(STYLE):
        made = Figure(figsize=(width, height))
        FigureCanvasAgg(made)
        yield made


def save(made: Figure, path: Path) -> None:
    """Write a figure as PNG, atomically."""
    with files.replacing(path) as temporary:
        made.savefig(temporary, format="png", facecolor="white")


def colour_cycle() -> list[str]:
    """Return the colours in the order in which series take them."""
    return [BLUE, RED, GREEN, ORANGE, PINK, SKY, GREY]
