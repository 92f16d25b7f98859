"""Where quantising hurts: the error of each layer as a table and a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from heartkit import files
from heartkit.reports.style import BLUE, SKY, figure, save


def write_layer_errors(folder: Path, errors: Sequence[Any]) -> None:
    """Write ``layers.csv`` and ``layers.png``.

    Parameters
    ----------
    folder : Path
        Where to.
    errors : sequence of heartkit.artifact.layers.LayerError
        One per operator, in the order in which they run; any dataclass with ``operator``, ``mean`` and ``largest``.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, [part.name for part in fields(errors[0])], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(error) for error in errors)
    files.write_text(folder / "layers.csv", text.getvalue())
    with figure(9, 1.5 + 0.22 * len(errors)) as made:
        axis = made.subplots()
        rows = range(len(errors))
        axis.barh(rows, [100 * error.largest for error in errors], color=SKY, label="largest")
        axis.barh(rows, [100 * error.mean for error in errors], color=BLUE, label="mean")
        axis.set_yticks(rows, [f"{row} {error.operator}" for row, error in zip(rows, errors, strict=True)], fontsize=7)
        axis.invert_yaxis()
        axis.set_xlabel("difference from the float model (% of the range of the layer's output)")
        axis.legend()
        save(made, folder / "layers.png")
