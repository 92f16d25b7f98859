"""Ectopic beats as EC57 scores them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from heartkit.reports.ec57 import SCORES, STATISTICS, TABLES
from tools.results.cells import interval, known
from tools.results.stored import of_recordings

EC57_WORDS = (
    "All annotated beats but those of the first five minutes of each recording, and of ventricular flutter. VEB: "
    "ventricular, SVEB: supraventricular ectopic beats. Gross counts every beat alike, average every recording that "
    "defines the score."
)


def ectopic_beats(metrics: dict[str, Any]) -> Iterator[str]:
    """Show ectopic beats of whole recordings, nothing where classes mix what EC57 tells apart."""
    reports = {name: one["ec57"] for name, one in of_recordings(metrics).items() if "gross" in one.get("ec57", {})}
    if reports:
        yield from ("## Ectopic beats after EC57", "", EC57_WORDS, "", *ec57_table(reports), "")
        yield from _records(reports["model"])


def ec57_table(reports: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield gross and average scores of each method, method -> scores as EC57 has them."""
    yield f"| method | beats | statistic | {' | '.join(SCORES.values())} |"
    yield "| --- | --- | --- |" + " ---: |" * len(SCORES)
    for table, title in TABLES.items():
        for method, report in reports.items():
            for kind in STATISTICS:
                cells = [interval(report[kind][f"{table}_{score}"]) for score in SCORES]
                yield f"| {method} | {title} | {kind} | {' | '.join(cells)} |"


def _records(report: dict[str, Any]) -> Iterator[str]:
    """Yield a row for each recording of the model: how many ectopic beats it has, and how many were found."""
    columns = [f"{title} {word}" for title in TABLES.values() for word in ("annotated", "Se", "+P")]
    yield f"| recording | beats | {' | '.join(columns)} |"
    yield "| --- | ---: |" + " ---: |" * len(columns)
    for record, one in report["records"].items():
        cells = []
        for table, title in TABLES.items():
            annotated = sum(one["counts"][report["matrix"]["rows"].index(title[0])])
            cells += [f"{annotated:,}", *(known(one[f"{table}_{score}"]) for score in ("se", "ppv"))]
        yield f"| {record} | {sum(map(sum, one['counts'])):,} | {' | '.join(cells)} |"
    yield ""
