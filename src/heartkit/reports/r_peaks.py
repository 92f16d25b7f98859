"""What an evaluation shows of R peaks scored as ANSI/AAMI EC57 asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from heartkit.reports import page, words
from heartkit.reports.ec57 import STATISTICS
from heartkit.reports.evaluation_tables import MODEL, Report, Table, methods
from heartkit.reports.page import Html

_SAID = (
    "Beat by beat as ANSI/AAMI EC57 asks: an R peak that was found and an annotated beat are a pair if at most "
    "150 ms apart, one to one; the first five minutes of each recording are left out, and so is ventricular flutter or "
    "fibrillation. Se: the share of annotated beats that were found. +P: positive predictivity, the share of what was "
    "found that is a beat. Gross counts every beat alike, average every recording. One ECG lead of each recording is "
    "looked at: II or MLII where it has one that is used, else its first."
)
_SCORES = {"qrs_se": "Se", "qrs_ppv": "+P"}


def r_peak_reports(metrics: Report) -> dict[str, Report]:
    """Return the reports of the model and of the baselines, by name; empty where no beats were scored."""
    return methods((metrics.get("recordings") or {}).get("r_peaks"), metrics, "r_peaks")


def r_peak_tables(metrics: Report, brief: bool = False) -> list[Table]:
    """Return gross and average statistics, a row for each method, where R peaks were scored.

    Parameters
    ----------
    metrics : mapping
        What ``metrics.json`` holds.
    brief : bool
        Leave the intervals out, so that the table fits a narrow console.
    """
    write = words.score if brief else words.score_with_interval
    columns = ["method", *(f"{kind}\n{name}" for kind in STATISTICS for name in _SCORES.values())]
    rows = [
        [name, *(write(report[kind][score]) for kind in STATISTICS for score in _SCORES)]
        for name, report in r_peak_reports(metrics).items()
    ]
    return [Table("R peaks after EC57: 150 ms, first five minutes left out", columns, rows)] if rows else []


def r_peak_section(metrics: Report) -> Iterator[Html]:
    """Return the section of a page, where R peaks were scored."""
    reports = r_peak_reports(metrics)
    for _, columns, rows in r_peak_tables(metrics):
        patients = reports[MODEL]["patients"]
        intervals = f" Intervals are 95 %, by bootstrap over {patients:,} patients." if patients > 1 else ""
        yield page.section(
            "R peaks, whole recordings",
            page.paragraph(_SAID + intervals),
            page.table(columns, rows, "Gross and average statistics"),
            page.table(*_each_recording(reports), "Each recording"),
        )


def _each_recording(reports: Mapping[str, Report]) -> tuple[list[str], list[list[str]]]:
    """Return columns and a row for each recording: counts and scores of the model, scores of the others."""
    model, *others = reports.values()
    columns = ["recording", "lead", "beats", "missed", "extra", "Se", "+P"]
    columns += [f"{score}, {name}" for name in list(reports)[1:] for score in _SCORES.values()]
    rows = []
    for record, one in model["records"].items():
        *classes, extra = one["counts"]
        beats, missed = sum(map(sum, classes)), sum(row[-1] for row in classes)
        row = [record, model["leads"][record], f"{beats:,}", f"{missed:,}", f"{sum(extra):,}"]
        every = (one, *(other["records"][record] for other in others))
        rows.append(row + [words.plain(each[score]) for each in every for score in _SCORES])
    return columns, rows
