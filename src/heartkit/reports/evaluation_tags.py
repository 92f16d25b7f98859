"""What an evaluation says of tags, each of which may hold or not: tables for the console, sections for the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from heartkit.job import Job
from heartkit.reports import page, words
from heartkit.reports.evaluation_plots import plot_areas
from heartkit.reports.evaluation_tables import Report, Table
from heartkit.reports.page import Html

TAG_PLOT = "auroc.png"

TERMS = (
    "AUROC: area under the receiver operating characteristic, the share of pairs of an item with the tag and one "
    "without in which the first has the higher probability; 0.5 is guessing. Average precision: mean PPV over all "
    "thresholds, weighed by the sensitivity that each adds; guessing gives the share of items with the tag. Se, Sp, "
    "PPV, F1: sensitivity, specificity, positive predictive value and the harmonic mean of Se and PPV, at a threshold "
    "that makes F1 highest on other patients."
)


def tag_parts(metrics: Report) -> dict[str, tuple[Report, dict[str, Report]]]:
    """Return the reports of tags that there are, by what was scored, each with its baselines'.

    What counts most comes first.
    """
    every = metrics.get("baselines") or {}
    recordings, frames = metrics.get("recordings") or {}, metrics.get("frames") or {}
    found = {}
    if recordings.get("tags"):
        others = {name: one["recordings"]["tags"] for name, one in every.items() if one.get("recordings")}
        found["whole recordings"] = (recordings["tags"], others)
    if frames.get("tags"):
        found["frames"] = (frames, {name: one["frames"] for name, one in every.items() if one.get("frames")})
    return found


def tag_tables(metrics: Report) -> list[Table]:
    """Return what the console shows of tags."""
    return [
        rank_table(f"Tags, {what}", report, others, brief=True) for what, (report, others) in tag_parts(metrics).items()
    ]


def rank_table(title: str, report: Report, others: Mapping[str, Report], brief: bool = False) -> Table:
    """Return how well the probabilities of each tag rank, and the macro average, with baselines beside.

    Parameters
    ----------
    title : str
        What was scored.
    report : Report
        A report of tags.
    others : mapping of str to Report
        Baselines.
    brief : bool
        For a narrow console: F1 at a threshold beside, and no interval but the first.
    """
    columns = ["tag", "items", "AUROC\n(95\u00a0%)", *(f"AUROC\n{name}".replace(" ", "\n") for name in others)]
    columns += ["average\nprecision", *(["F1"] if brief else [])]
    cell = words.score if brief else words.score_with_interval

    def row(name: str, items: str, one: Report, beside: Sequence[Report], prefix: str = "") -> list[str]:
        areas = [words.score(other.get(f"{prefix}auroc")) for other in beside]
        more = [words.score(one.get(f"{prefix}f1"))] if brief else []
        found = words.score_with_interval(one.get(f"{prefix}auroc"))
        return [name, items, found, *areas, cell(one.get(f"{prefix}average_precision")), *more]

    return Table(title, columns, _rows(report, others, row))


def threshold_table(title: str, report: Report, others: Mapping[str, Report]) -> Table:
    """Return what each tag scores at its threshold, and the macro average, with the F1 of baselines beside."""
    columns = ["tag", "threshold", "F1\n(95\u00a0%)", *(f"F1\n{name}".replace(" ", "\n") for name in others)]
    columns += ["Se\n(95\u00a0%)", "Sp\n(95\u00a0%)", "PPV\n(95\u00a0%)"]

    def row(name: str, items: str, one: Report, beside: Sequence[Report], prefix: str = "") -> list[str]:
        threshold = words.plain(one["threshold"]) if "threshold" in one else ""
        f1 = [words.score(other.get(f"{prefix}f1")) for other in beside]
        more = [words.score_with_interval(one.get(prefix + score)) for score in ("se", "sp", "ppv")]
        return [name, threshold, words.score_with_interval(one.get(f"{prefix}f1")), *f1, *more]

    return Table(title, columns, _rows(report, others, row))


def _rows(report: Report, others: Mapping[str, Report], row: Callable[..., list[str]]) -> list[list[str]]:
    rows = []
    for name, one in report["tags"].items():
        beside = [other["tags"].get(name, {}) for other in others.values()]
        rows.append(row(name, f"{one['support']:,}", one, beside))
    return [*rows, row("macro average", f"of {report['items']:,}", report, list(others.values()), "macro_")]


def tag_sections(job: Job, metrics: Report) -> Iterator[Html]:
    """Return one section per thing that was scored; the first has the picture."""
    for number, (what, (report, others)) in enumerate(tag_parts(metrics).items()):
        content = [page.paragraph(words.intervals(report))]
        if number == 0:
            plot = job.plots / TAG_PLOT
            plot_areas(plot, report, others)
            alt = "Dot plot of the AUROC of each tag; the numbers are in the table below."
            content += [page.paragraph(TERMS), page.picture(plot, alt, "AUROC of each tag with its interval.")]
        for title, columns, rows in (
            rank_table("How probabilities rank", report, others),
            threshold_table(f"At thresholds that were chosen {report.get('thresholds', 'beforehand')}", report, others),
        ):
            content.append(page.table(columns, rows, title))
        yield page.section(f"Tags, {what}", *content)
