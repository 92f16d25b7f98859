"""Where quantising hurts: the error of each layer as a table and a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from heartkit import files
from heartkit.reports.style import BLUE, GREY, SKY, figure, save

LONGEST = 24
"""Letters of a layer's name that are shown."""


def write_layer_errors(folder: Path, errors: Sequence[Any]) -> None:
    """Write ``layers.csv`` and ``layers.png``.

    Parameters
    ----------
    folder : Path
        Where to.
    errors : sequence of heartkit.artifact.layers.LayerError
        One per operator, in the order in which they run; any dataclass with ``operator``, ``name``,
        ``mean``, ``largest`` and ``own``.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, [part.name for part in fields(errors[0])], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(error) for error in errors)
    files.write_text(folder / "layers.csv", text.getvalue())
    with figure(11, 1.5 + 0.22 * len(errors)) as made:
        means, largest = made.subplots(1, 2, sharey=True, width_ratios=[3, 2])
        rows = range(len(errors))
        # Apart: the largest difference is ten times the mean and would leave nothing of it to see.
        means.barh(rows, [100 * error.mean for error in errors], color=SKY, label="mean")
        own = [100 * error.own for error in errors]
        means.barh(rows, own, height=0.4, color=BLUE, label="of it, rounding of its own output")
        largest.barh(rows, [100 * error.largest for error in errors], color=GREY, label="largest")
        means.set_yticks(rows, [_label(row, error) for row, error in zip(rows, errors, strict=True)], fontsize=7)
        means.margins(y=0.01)
        means.invert_yaxis()
        for axis in (means, largest):
            axis.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
            axis.grid(axis="y", visible=False)
        made.supxlabel("difference from the float model (% of the range of the layer's output)", fontsize=10)
        save(made, folder / "layers.png")


def _label(row: int, error: Any) -> str:
    """Name an operator by its kind and by the layer that it comes from, the first of those fused into it."""
    parts = error.name.split(";")[0].split("/")
    layer = parts[-2] if len(parts) > 2 else ""
    return f"{row} {error.operator} {layer[:LONGEST]}".rstrip()
