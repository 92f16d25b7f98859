"""The scores of an evaluation as tables of words, for the console and for pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from heartkit.reports import words

Report = Mapping[str, Any]
"""A report of ``heartkit.metrics``, or what ``metrics.json`` holds of it."""

MODEL = "this model"
"""What the model is called beside its baselines."""
SCORES = {"f1": "F1", "se": "Se", "ppv": "PPV", "sp": "Sp", "iou": "IoU"}
"""The scores of a class that are shown, and what they are called."""


class Table(NamedTuple):
    """A table of words."""

    title: str
    columns: list[str]
    rows: list[list[str]]


def parts(metrics: Report) -> dict[str, Report]:
    """Return the classification reports that there are, by what was scored; the one that counts most comes first."""
    recordings = metrics.get("recordings") or {}
    found = {"whole recordings": recordings.get("samples"), "frames": metrics.get("frames")}
    return {name: report for name, report in found.items() if report and report.get("classes")}


def boundaries(metrics: Report) -> Report:
    """Return the delineation report; empty where there is none."""
    found = (metrics.get("recordings") or {}).get("boundaries") or {}
    return found if found.get("waves") else {}


def baselines(metrics: Report, part: str) -> dict[str, Report]:
    """Return the baselines' reports, ``"samples"`` or ``"boundaries"``, of those that have one."""
    every = metrics.get("baselines") or {}
    return {name: report[part] for name, report in every.items() if report.get(part)}


def methods(model: Report | None, metrics: Report, part: str) -> dict[str, Report]:
    """Return a report of the model and, behind it, that `part` of each baseline; empty without the model's."""
    return {MODEL: model, **baselines(metrics, part)} if model else {}


def class_table(title: str, report: Report, others: Mapping[str, Report], brief: bool = False) -> Table:
    """Return scores per class and their macro average.

    Parameters
    ----------
    title : str
        What was scored.
    report : Report
        A classification report.
    others : mapping of str to Report
        Baselines, whose F1 stands beside.
    brief : bool
        Leave out what is of less interest, so that the table fits a narrow console.
    """
    # Of frames with one class each specificity is asked for; intersection over union is for samples.
    more = ("se", "ppv") if brief else ("se", "ppv", "sp") if report.get("probabilities") else ("se", "ppv", "iou")
    columns = [
        "class",
        *([] if brief else ["annotated"]),
        "F1\n(95\u00a0%)",
        *(_stacked("F1", name) for name in others),
    ]
    columns += [SCORES[score] if brief else f"{SCORES[score]}\n(95\u00a0%)" for score in more]
    lines = [
        (name, "", one, [other["classes"].get(name, {}) for other in others.values()])
        for name, one in report["classes"].items()
    ]
    total = sum(one["support"] for one in report["classes"].values())
    rows = []
    for name, prefix, one, beside in [*lines, ("macro average", "macro_", report, list(others.values()))]:
        count = [] if brief else [f"{one.get('support', total):,}"]
        row = [name, *count, words.score_with_interval(one.get(f"{prefix}f1"))]
        row += [words.score(other.get(f"{prefix}f1")) for other in beside]
        rows.append([*row, *(_cell(one.get(prefix + score), brief) for score in more)])
    return Table(title, columns, rows)


def boundary_table(report: Report, others: Mapping[str, Report], brief: bool = False) -> Table:
    """Return scores of onset, peak and offset of each wave, with those of baselines beside.

    Parameters
    ----------
    report : Report
        A delineation report.
    others : mapping of str to Report
        Baselines.
    brief : bool
        Leave out what is of less interest, so that the table fits a narrow console.
    """
    columns = [
        "boundary",
        *([] if brief else ["annotated"]),
        "F1\n(95\u00a0%)",
        *(_stacked("F1", name) for name in others),
    ]
    columns += ["error, ms", *(_stacked("ms" if brief else "error, ms", name) for name in others)]
    columns += [] if brief else ["Se\n(95\u00a0%)", "PPV\n(95\u00a0%)"]
    rows = []
    for wave, points in report["waves"].items():
        for point, one in points.items():
            beside = [other["waves"].get(wave, {}).get(point, {}) for other in others.values()]
            row = [f"{wave} {point}", *([] if brief else [f"{one['reference']:,}"])]
            row += [words.score_with_interval(one["f1"]), *(words.score(other.get("f1")) for other in beside)]
            row += [words.error(each.get("error_mean"), each.get("error_sd")) for each in (one, *beside)]
            row += [] if brief else [words.score_with_interval(one[score]) for score in ("se", "ppv")]
            rows.append(row)
    return Table("Wave boundaries: F1, and error (found minus annotated, mean ± sd)", columns, rows)


def probability_table(report: Report, what: str = "frames") -> Table | None:
    """Return the scores of a classification report's probabilities, None where it has none.

    Parameters
    ----------
    report : Report
        A classification report, of which ``probabilities`` holds ``auroc`` and ``brier`` of each class,
        ``macro_auroc`` and ``calibration_error``; NaN or None where undefined.
    what : str
        What was scored.
    """
    scores = report.get("probabilities")
    if not scores:
        return None
    rows = [
        [name, words.plain(scores["auroc"].get(name)), words.plain(brier)] for name, brier in scores["brier"].items()
    ]
    rows.append(["macro average", words.plain(scores["macro_auroc"]), ""])
    error = words.plain(scores["calibration_error"])
    return Table(f"Probabilities, {what}; calibration error {error}", ["class", "AUROC", "Brier score"], rows)


def class_tables(metrics: Report) -> list[Table]:
    """Return what the console shows of classes and waves.

    Parameters
    ----------
    metrics : mapping
        What ``metrics.json`` holds; parts may be missing.

    Returns
    -------
    list of Table
        (title, columns, rows): classes of what counts most, their probabilities, then boundaries; baselines beside.
    """
    tables = []
    for name, report in list(parts(metrics).items())[:1]:
        tables.append(class_table(f"Classes, {name}", report, baselines(metrics, "samples"), brief=True))
        if probabilities := probability_table(report, name):
            tables.append(probabilities)
    if report := boundaries(metrics):
        tables.append(boundary_table(report, baselines(metrics, "boundaries"), brief=True))
    return tables


def _stacked(what: str, name: str) -> str:
    """Put a heading's words under each other, so that it is no wider than its column; a page reads it as spaces."""
    return f"{what}, {name}".replace(" ", "\n")


def _cell(score: words.Score | None, brief: bool) -> str:
    return words.score(score) if brief else words.score_with_interval(score)
