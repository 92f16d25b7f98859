"""What an evaluation shows of beats that were named, scored as ANSI/AAMI EC57 asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from heartkit.reports import page, words
from heartkit.reports.evaluation_tables import MODEL, Report, Table, methods
from heartkit.reports.page import Html

TABLES = {"veb": "VEB", "sveb": "SVEB"}
"""Ectopic beats, and what EC57 calls them."""

SCORES = {"se": "Se", "ppv": "+P", "fpr": "FPR", "accuracy": "accuracy"}
STATISTICS = ("gross", "average")

_SAID = (
    "Beat by beat as ANSI/AAMI EC57 asks: every annotated beat is named where the annotator put it, but for the first "
    "five minutes of each recording, and for ventricular flutter and fibrillation. VEB: ventricular ectopic beats, "
    "SVEB: supraventricular ones. Se: the share of them that were named so. +P: positive predictivity, the share of "
    "what was named so that is. FPR: the share of other beats that were named so. A fusion beat or one that nobody "
    "could class may be called ventricular, and the latter supraventricular, without penalty; a beat that was not "
    "named counts as Q. Gross counts every beat alike, average every recording that defines a score."
)


def ec57_reports(metrics: Report) -> dict[str, Report]:
    """Return the reports of the model and of the baselines, by name; empty where no beats were scored."""
    return methods((metrics.get("recordings") or {}).get("ec57"), metrics, "ec57")


def ec57_tables(metrics: Report, brief: bool = False) -> list[Table]:
    """Return gross and average statistics of each kind of ectopic beats, two rows for each method.

    Parameters
    ----------
    metrics : mapping
        What ``metrics.json`` holds.
    brief : bool
        Leave the intervals out, so that the table fits a narrow console.
    """
    write = words.score if brief else words.score_with_interval
    rows = [
        [name, title, kind, *(write(report[kind][f"{table}_{score}"]) for score in SCORES)]
        for table, title in TABLES.items()
        for name, report in ec57_reports(metrics).items()
        for kind in STATISTICS
        if f"{table}_se" in report.get(kind, {})
    ]
    columns = ["method", "beats", "statistic", *SCORES.values()]
    return [Table("Ectopic beats after EC57, first five minutes left out", columns, rows)] if rows else []


def ec57_section(metrics: Report) -> Iterator[Html]:
    """Return the section of a page, where beats were scored."""
    reports = ec57_reports(metrics)
    if not reports:
        return
    model = reports[MODEL]
    content = [page.paragraph(_SAID), *(page.paragraph(one) for one in ec57_notes(model))]
    for title, columns, rows in ec57_tables(metrics):
        content.append(page.table(columns, rows, f"{title}; 95 % intervals over {model['patients']:,} patients"))
    if "matrix" in model:
        content.append(page.table(*_matrix(model["matrix"]), "Annotated beats (rows) and what they were named"))
        content.append(page.table(*_each_recording(model), "Each recording"))
    yield page.section("Beats after EC57, whole recordings", *content)


def ec57_notes(report: Report) -> list[str]:
    """Return what a reader must know beside the numbers: tables that cannot be filled, and recordings scored whole."""
    missing = [f"There is no table of {TABLES[table]}: {why}." for table, why in report["missing"].items()]
    short = report["short"]
    several = f"{short:,} recordings are" if short > 1 else "One recording is"
    return [*missing, *([f"{several} no longer than five minutes, and scored from the beginning."] if short else [])]


def _matrix(matrix: Mapping[str, list[str]]) -> tuple[list[str], list[list[str]]]:
    rows = [
        [name, *(f"{count:,}" for count in counts)]
        for name, counts in zip(matrix["rows"], matrix["counts"], strict=True)
    ]
    return ["annotated", *matrix["columns"]], rows


def _each_recording(report: Report) -> tuple[list[str], list[list[str]]]:
    """Return columns and a row for each recording: its beats and what EC57 scores."""
    tables = [table for table in TABLES if f"{table}_se" in report["gross"]]
    columns = ["recording", "beats"]
    rows = [[record, f"{sum(map(sum, one['counts'])):,}"] for record, one in report["records"].items()]
    for table in tables:
        at = report["matrix"]["rows"].index(TABLES[table][0])
        columns += [f"{TABLES[table]}\nannotated", *(f"{TABLES[table]}\n{SCORES[score]}" for score in SCORES)]
        for row, one in zip(rows, report["records"].values(), strict=True):
            row += [f"{sum(one['counts'][at]):,}", *(words.plain(one[f"{table}_{score}"]) for score in SCORES)]
    return columns, rows
