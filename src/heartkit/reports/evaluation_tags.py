"""What an evaluation says of tags, each of which may hold or not: tables for the console, sections for the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
        tag_table(f"Tags, {what}", report, others, brief=True) for what, (report, others) in tag_parts(metrics).items()
    ]


def tag_table(title: str, report: Report, others: Mapping[str, Report], brief: bool = False) -> Table:
    """Return scores per tag and their macro average, with the AUROC of baselines beside.

    Parameters
    ----------
    title : str
        What was scored.
    report : Report
        A report of tags.
    others : mapping of str to Report
        Baselines.
    brief : bool
        Leave out what is of less interest, so that the table fits a narrow console.
    """
    columns = [
        "tag",
        "items",
        "AUROC\n(95\u00a0%)",
        *(f"AUROC\n{name}".replace(" ", "\n") for name in others),
        "average\nprecision",
    ]
    more = ("se", "sp") if brief else ("se", "sp", "ppv")
    columns += ["F1", *({"se": "Se", "sp": "Sp", "ppv": "PPV"}[name] for name in more)]
    columns += [] if brief else ["threshold"]
    rows = []
    for name, one in report["tags"].items():
        beside = [other["tags"].get(name, {}) for other in others.values()]
        threshold = [] if brief else [words.plain(one["threshold"])]
        rows.append([name, f"{one['support']:,}", *_cells(one, beside, "", more, brief), *threshold])
    mean = _cells(report, list(others.values()), "macro_", more, brief)
    rows.append(["macro average", f"of {report['items']:,}", *mean, *([] if brief else [""])])
    return Table(title, columns, rows)


def tag_sections(job: Job, metrics: Report) -> Iterator[Html]:
    """Return one section per thing that was scored; the first has the picture."""
    for number, (what, (report, others)) in enumerate(tag_parts(metrics).items()):
        content = [page.paragraph(words.intervals(report)), page.paragraph(thresholds_words(report))]
        if number == 0:
            plot = job.plots / TAG_PLOT
            plot_areas(plot, report, others)
            alt = "Dot plot of the AUROC of each tag; the numbers are in the table below."
            content += [page.paragraph(TERMS), page.picture(plot, alt, "AUROC of each tag with its interval.")]
        _, columns, rows = tag_table("", report, others)
        yield page.section(f"Tags, {what}", *content, page.table(columns, rows, "Scores of each tag"))


def thresholds_words(report: Report) -> str:
    """Say where thresholds were chosen."""
    return f"Thresholds were chosen {report.get('thresholds', 'beforehand')}."


def _cells(one: Report, beside: list[Report], prefix: str, more: tuple[str, ...], brief: bool) -> list[str]:
    cell = words.score if brief else words.score_with_interval
    return [
        words.score_with_interval(one.get(f"{prefix}auroc")),
        *(words.score(other.get(f"{prefix}auroc")) for other in beside),
        cell(one.get(f"{prefix}average_precision")),
        *(cell(one.get(prefix + name)) for name in ("f1", *more)),
    ]
