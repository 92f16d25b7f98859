"""The picture of a demo of diagnoses: the first rows of the trace, and each class's probability with its threshold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from heartkit.reports.diagnostic_demo import DiagnosticDemo
from heartkit.reports.kinds import class_colours
from heartkit.reports.lead_demo import speed
from heartkit.reports.lead_picture import DARK, key_words, rows_and_footer
from heartkit.reports.style import save

_ROWS = 3
_COLUMNS = (2.0, 1.0)  # widths of the probabilities and of the key numbers


def draw_picture(path: Path, demo: DiagnosticDemo) -> None:
    """Draw ``demo.png``.

    Parameters
    ----------
    path : Path
        PNG to write.
    demo : DiagnosticDemo
        What to show; of a long recording the trace of the first 30 s, and the probabilities of the whole.
    """

    def mark(axes: Axes, start: float, stop: float, within: tuple[float, float]) -> None:
        """Nothing: tags hold for the recording, not for places in it."""

    with rows_and_footer(demo, _ROWS, mark, _COLUMNS) as (made, (share, beside)):
        _means(share, demo)
        stated = [name for name, is_it in zip(demo.class_names, demo.is_stated, strict=True) if is_it]
        found = [name for name, is_it in zip(demo.class_names, demo.found, strict=True) if is_it]
        said = ", ".join(stated) or "none of these" if demo.annotated else "not known"
        lines = {"Found": ", ".join(found) or "none", "Stated": said, "Frames": f"{demo.frames:,}"}
        key_words(beside, {**lines, **speed(demo), "Model": demo.model, "Backend": demo.backend})
        save(made, path)


def _means(axes: Axes, demo: DiagnosticDemo) -> None:
    """Draw mean probabilities as bars, those of single frames as rings, thresholds as upright lines."""
    count = len(demo.class_names)
    rows = np.arange(count)
    axes.set_title("Probabilities over the whole recording", fontsize=10, loc="left")
    axes.barh(rows, demo.mean, height=0.5, color=class_colours(count), label="mean")
    frames = len(demo.probabilities)
    axes.plot(
        demo.probabilities.T.ravel(), rows.repeat(frames), "o", color=DARK, markersize=4, markerfacecolor="none",
        label="single frames",
    )  # fmt: skip
    axes.vlines(demo.thresholds, rows - 0.38, rows + 0.38, color=DARK, linewidth=2.2, label="threshold")
    names = [
        f"{name} (stated)" if is_it else name for name, is_it in zip(demo.class_names, demo.is_stated, strict=True)
    ]
    axes.set_yticks(rows, names)
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.set_xlabel("probability")
    handles, labels = axes.get_legend_handles_labels()
    keep = [at for at, label in enumerate(labels) if label != "mean"]
    axes.legend(
        [handles[at] for at in keep], [labels[at] for at in keep], loc="lower right", bbox_to_anchor=(1, 1), ncols=2
    )
