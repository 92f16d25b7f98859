"""What an evaluation leaves behind: plots, and a page that shows scores beside baselines."""

from __future__ import annotations

from collections.abc import Iterator

from heartkit.job import Job
from heartkit.reports import page, words
from heartkit.reports.ec57 import ec57_section, ec57_tables
from heartkit.reports.evaluation_embedding import embedding_sections, embedding_tables
from heartkit.reports.evaluation_plots import plot_boundaries, plot_confusion, plot_f1
from heartkit.reports.evaluation_signals import PLOT, signal_sections, signal_tables
from heartkit.reports.evaluation_tables import (
    Report,
    Table,
    baselines,
    boundaries,
    boundary_table,
    class_table,
    class_tables,
    parts,
    probability_table,
)
from heartkit.reports.evaluation_tags import TAG_PLOT, tag_sections, tag_tables
from heartkit.reports.page import Html
from heartkit.reports.r_peaks import r_peak_section, r_peak_tables

__all__ = ["summary_tables", "write_evaluation"]

PLOTS = ("confusion.png", "f1.png", "boundaries.png")

_TERMS = (
    "Se: sensitivity, the share of what is annotated that was found. PPV: positive predictive value, the share of "
    "what was found that is annotated. F1: their harmonic mean. Sp: specificity, the share of what is annotated as "
    "another class that was not taken for this one. IoU: intersection over union. A dash stands where a score is "
    "undefined, as the sensitivity of a class that does not occur; macro averages leave it out."
)

_PROBABILITY_TERMS = (
    "AUROC: area under the receiver operating characteristic, the share of pairs of a frame of the class and one of "
    "another class in which the first has the higher probability of the class; 0.5 is guessing. Brier score: mean "
    "squared difference between probability and truth; 0 is best. Calibration error: how far, on average, the "
    "probability of the most probable class is from the share that is right."
)


def write_evaluation(job: Job, metrics: Report) -> None:
    """Write ``plots/*.png`` and ``report.html`` of an evaluation.

    Parameters
    ----------
    job : Job
        Where to write: `Job.plots` and `Job.report`.
    metrics : mapping
        What ``metrics.json`` holds; all but ``task`` and ``split`` may be missing. Plots of an earlier evaluation
        for which this one has no scores are removed.

    Raises
    ------
    HeartkitError
        If a file cannot be written.
    """
    for name in (*PLOTS, PLOT, TAG_PLOT):
        (job.plots / name).unlink(missing_ok=True)
    sections = [*_classes(job, metrics), *_boundaries(job, metrics), *signal_sections(job, metrics)]
    sections += [*r_peak_section(metrics), *ec57_section(metrics)]
    sections += [*tag_sections(job, metrics), *embedding_sections(metrics)]
    if not sections:
        sections = [page.section("Scores", page.paragraph("There are none: nothing was scored."))]
    title = f"Evaluation: {metrics['task']}"
    page.write_page(job.report, title, _subtitle(metrics), _facts(metrics), [*sections, _data(metrics)])


def summary_tables(metrics: Report) -> list[Table]:
    """Return what the console shows of an evaluation, given what ``metrics.json`` holds; parts may be missing."""
    return [
        *class_tables(metrics),
        *signal_tables(metrics),
        *r_peak_tables(metrics, brief=True),
        *ec57_tables(metrics, brief=True),
        *tag_tables(metrics),
        *embedding_tables(metrics),
    ]


def _subtitle(metrics: Report) -> str:
    model = metrics.get("model_file")
    return f"Scores{f' of {model}' if model else ''} on the {metrics['split']} split"


def _facts(metrics: Report) -> dict[str, str]:
    """Return what stands under the title, of what is known."""
    coverage = (metrics.get("frames") or {}).get("coverage")
    known = {
        "Task": metrics["task"],
        "Split": metrics["split"],
        "Model": metrics.get("model_file"),
        "Backend": metrics.get("backend"),
        "Sampling rate": _with_unit(metrics.get("sampling_rate"), "Hz"),
        "Frame": _with_unit(metrics.get("frame_size"), "samples"),
        "Seed": metrics.get("seed"),
        "Threshold": metrics.get("threshold"),
        "Coverage": None if coverage is None else f"{100 * coverage:.1f} % of the frames are scored",
    }
    return {name: str(value) for name, value in known.items() if value is not None}


def _classes(job: Job, metrics: Report) -> Iterator[Html]:
    """Return one section per thing that was scored; the first has the pictures."""
    for number, (what, report) in enumerate(parts(metrics).items()):
        others = baselines(metrics, "samples") if number == 0 else {}
        content = [page.paragraph(words.intervals(report) + _covered(report))]
        if number == 0:
            content += [page.paragraph(_TERMS), *_class_plots(job, report, others)]
        _, columns, rows = class_table("", report, others)
        yield page.section(f"Classes, {what}", *content, page.table(columns, rows, "Scores of each class"))
        if probabilities := probability_table(report, what):
            title, columns, rows = probabilities
            said = page.paragraph(_PROBABILITY_TERMS)
            yield page.section(f"Probabilities, {what}", said, page.table(columns, rows, title))


def _class_plots(job: Job, report: Report, others: dict[str, Report]) -> list[Html]:
    confusion, f1 = job.plots / PLOTS[0], job.plots / PLOTS[1]
    plot_f1(f1, report, others)
    plot_confusion(confusion, report)
    return [
        page.picture(
            f1, "Dot plot of F1 per class; the numbers are in the table below.", "F1 of each class with its interval."
        ),
        page.picture(
            confusion,
            f"Confusion matrix of the classes {', '.join(report['classes'])}.",
            "Each row is what was annotated and adds up to 100 %; each column is what the model said.",
        ),
    ]


def _boundaries(job: Job, metrics: Report) -> Iterator[Html]:
    report = boundaries(metrics)
    if not report:
        return
    others = baselines(metrics, "boundaries")
    plot_boundaries(job.plots / PLOTS[2], report, others)
    picture = page.picture(
        job.plots / PLOTS[2],
        "Dot plots of F1 and of the error of each wave boundary; the numbers are in the table below.",
        "Onset, peak and offset of each wave, matched one to one. An error below zero is early.",
    )
    _, columns, rows = boundary_table(report, others)
    table = page.table(columns, rows, "Errors are found minus annotated, mean ± standard deviation")
    yield page.section("Wave boundaries, whole recordings", page.paragraph(words.intervals(report)), picture, table)


def _covered(report: Report) -> str:
    """Say which share was scored, where not all was."""
    coverage = report.get("coverage")
    if coverage is None:
        return ""
    return f" Scored are {100 * coverage:.1f} %: what has no class as probable as the threshold is left out."


def _data(metrics: Report) -> Html:
    """Return the section on what was scored."""
    rows = [[_named(one), f"{one['patients']:,}", f"{one['recordings']:,}"] for one in metrics.get("datasets") or []]
    if not rows:
        return page.section("Data", page.paragraph("Which datasets were scored is not recorded."))
    return page.section("Data", page.table(["dataset", "patients", "recordings"], rows))


def _named(dataset: Report) -> str:
    """Return a dataset's name, and what of its labels is weak: scores against those say less."""
    weak = dataset.get("weak_labels")
    return f"{dataset['name']} (weak labels: {', '.join(weak)})" if weak else str(dataset["name"])


def _with_unit(value: float | None, unit: str) -> str | None:
    return None if value is None else f"{value:,} {unit}"
