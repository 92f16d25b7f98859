"""The scores of an evaluation as pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from heartkit.metrics.delineation import FIDUCIALS
from heartkit.reports.evaluation_tables import MODEL, Report
from heartkit.reports.style import BLUE, colour_cycle, figure, save

_MARKERS = "osD^vP*"
_SHADES = LinearSegmentedColormap.from_list("share", ["white", BLUE])

Floats = NDArray[np.float64]
Row = Mapping[str, Any]
"""Named scores, each ``{"value", "low", "high"}``."""


def plot_confusion(path: Path, report: Report) -> None:
    """Draw a confusion matrix: share of each annotated class, and counts.

    Parameters
    ----------
    path : Path
        PNG to write.
    report : Report
        A classification report.
    """
    names = list(report["classes"])
    counts = np.array(report["confusion"], np.float64)
    total = counts.sum(1, keepdims=True)
    share = np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)
    size = max(4.0, 0.85 * len(names) + 1.6)
    with figure(size + 0.5, size) as made:
        axes = made.subplots()
        axes.imshow(np.nan_to_num(share), cmap=_SHADES, vmin=0, vmax=1)
        axes.grid(visible=False)
        axes.set_xticks(range(len(names)), names, rotation=0 if max(map(len, names)) < 10 else 30)
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel("predicted class")
        axes.set_ylabel("annotated class")
        axes.set_title("Share of each annotated class\n(percent) and count", fontsize=10)
        for (row, column), count in np.ndenumerate(counts):
            part = share[row, column]
            text = f"{'–' if np.isnan(part) else f'{100 * part:.1f} %'}\n{int(count):,}"
            colour = "white" if part > 0.5 else "black"
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=9)
        save(made, path)


def plot_f1(path: Path, report: Report, others: Mapping[str, Report]) -> None:
    """Draw the F1 of each class with its interval, baselines beside.

    Parameters
    ----------
    path : Path
        PNG to write.
    report : Report
        The model's classification report.
    others : mapping of str to Report
        The baselines'.
    """
    names = list(report["classes"])
    series = {
        label: [one["classes"].get(name, {}) for name in names] + [{"f1": one.get("macro_f1")}]
        for label, one in {MODEL: report, **others}.items()
    }
    with figure(7, 1.3 + 0.15 * (len(names) + 1) * (len(series) + 1)) as made:
        axes = made.subplots()
        _scores(axes, series, [*names, "macro average"])
        axes.set_xlabel("F1 (0 to 1), 95 % interval over patients")
        _legend(made, axes, len(series))
        save(made, path)


def plot_boundaries(path: Path, report: Report, others: Mapping[str, Report]) -> None:
    """Draw F1 and error of onset, peak and offset of each wave, baselines beside.

    Parameters
    ----------
    path : Path
        PNG to write.
    report : Report
        The model's delineation report.
    others : mapping of str to Report
        The baselines'.
    """
    rows = [(wave, point) for wave in report["waves"] for point in FIDUCIALS]
    names = [f"{wave} {point}" for wave, point in rows]
    series = {
        label: [one["waves"].get(wave, {}).get(point, {}) for wave, point in rows]
        for label, one in {MODEL: report, **others}.items()
    }
    with figure(9, 1.4 + 0.15 * len(rows) * (len(series) + 1)) as made:
        left, right = made.subplots(1, 2, sharey=True)
        _scores(left, series, names)
        left.set_xlabel("F1 (0 to 1), 95 % interval over patients")
        _errors(right, series)
        right.set_xlabel("error (ms), found minus annotated: mean ± sd")
        for axes in (left, right):
            for edge in range(len(FIDUCIALS), len(rows), len(FIDUCIALS)):
                axes.axhline(edge - 0.5, color="black", linewidth=0.6)
        _legend(made, left, len(series))
        save(made, path)


def plot_areas(path: Path, report: Report, others: Mapping[str, Report]) -> None:
    """Draw the area under the receiver operating characteristic of each tag, baselines beside.

    Parameters
    ----------
    path : Path
        PNG to write.
    report : Report
        The model's report of tags.
    others : mapping of str to Report
        The baselines'.
    """
    names = list(report["tags"])
    series = {
        label: [one["tags"].get(name, {}) for name in names] + [{"auroc": one.get("macro_auroc")}]
        for label, one in {MODEL: report, **others}.items()
    }
    with figure(7, 1.3 + 0.15 * (len(names) + 1) * (len(series) + 1)) as made:
        axes = made.subplots()
        _scores(axes, series, [*names, "macro average"], "auroc")
        axes.set_xlabel("AUROC (0.5 is guessing), 95 % interval over patients")
        _legend(made, axes, len(series))
        save(made, path)


def _scores(axes: Axes, series: Mapping[str, Sequence[Row]], names: Sequence[str], score: str = "f1") -> None:
    """Draw a score as dots with intervals, one row per name; the model's values are also written beside."""
    lowest = 1.0
    for at, (label, rows) in enumerate(series.items()):
        places = _places(len(rows), at, len(series))
        value, low, high = (_column(rows, score, part) for part in ("value", "low", "high"))
        reach = np.stack([value - np.where(np.isnan(low), value, low), np.where(np.isnan(high), value, high) - value])
        _dots(axes, at, label, places, value, reach)
        lowest = float(np.fmin.reduce([*value, *low], initial=lowest))
        if at == 0:
            for place, one in zip(places, value, strict=True):
                _beside(axes, place, "undefined" if np.isnan(one) else f"{one:.3f}")
    axes.set_xlim(max(np.floor(10 * lowest - 0.3) / 10, 0.0) - 0.01, 1.01)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)


def _beside(axes: Axes, place: float, text: str) -> None:
    """Write small text outside the axes' right edge."""
    axes.annotate(
        text, (1, place), (4, 0), xycoords=axes.get_yaxis_transform(), textcoords="offset points", fontsize=8,
        va="center", annotation_clip=False,
    )  # fmt: skip


def _errors(axes: Axes, series: Mapping[str, Sequence[Row]]) -> None:
    """Draw mean errors as dots with a standard deviation to each side."""
    axes.axvline(0, color="black", linewidth=0.8)
    for at, (label, rows) in enumerate(series.items()):
        mean, sd = (_column(rows, name, "value") for name in ("error_mean", "error_sd"))
        _dots(axes, at, label, _places(len(rows), at, len(series)), mean, np.nan_to_num(np.stack([sd, sd])))


def _dots(axes: Axes, at: int, label: str, places: Floats, values: Floats, reach: Floats) -> None:
    """Draw one series, with bars that reach (2, n) to the left and right; series differ in colour and shape."""
    colour = colour_cycle()[at % len(colour_cycle())]
    known = ~np.isnan(values)
    axes.errorbar(
        values[known], places[known], xerr=np.maximum(reach[:, known], 0), fmt=_MARKERS[at % len(_MARKERS)],
        color=colour, label=label, markersize=6 if at == 0 else 5, markerfacecolor=colour if at == 0 else "white",
        capsize=2.5, linewidth=1.4,
    )  # fmt: skip


def _column(rows: Sequence[Row], score: str, part: str) -> Floats:
    """Return one part of one score of each row, NaN where it is undefined."""
    found = [(row.get(score) or {}).get(part) for row in rows]
    return np.array([np.nan if value is None else value for value in found], np.float64)


def _places(rows: int, at: int, count: int) -> Floats:
    """Return where the series number `at` of `count` stands in each row, so that none hides another."""
    return np.arange(rows, dtype=np.float64) + (at - (count - 1) / 2) * 0.6 / count


def _legend(made: Figure, axes: Axes, count: int) -> None:
    if count > 1:
        made.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=min(count, 3))
