"""The scores of signals in an evaluation: how near to the wanted signal, beside the input and baselines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from heartkit.job import Job
from heartkit.reports import page, words
from heartkit.reports.evaluation_tables import MODEL, Report, Table, baselines
from heartkit.reports.page import Html
from heartkit.reports.style import colour_cycle, figure, save

PLOT = "signals.png"
INPUT = "input as it is"
IMPROVEMENT = "snr_improvement"

SCORES = {
    "snr": ("SNR, dB", 1), IMPROVEMENT: ("improvement, dB", 1), "rmse": ("RMSE", 3), "mae": ("MAE", 3),
    "prd": ("PRD, %", 1), "correlation": ("correlation", 3), "ssd": ("SSD", 2), "mad": ("MAD", 3),
    "prd_deepfilter": ("PRD, %, as DeepFilter", 1), "cosine": ("cosine", 3),
}  # fmt: skip
"""What scores of signals are called, and how many digits they have."""
BRIEF = ("snr", IMPROVEMENT, "rmse", "ssd", "mad", "prd_deepfilter", "correlation", "cosine")
"""Those that the console shows."""
PLOTTED = ("snr", "rmse", "ssd", "mad", "correlation", "cosine")
"""Those that are drawn: the first three that there are."""
LOGARITHMIC = 30
"""A score that is so many times that of another method needs a logarithmic axis."""
RATES = {
    "mean_absolute_error": "mean error, /min", "root_mean_square_error": "RMS error, /min", "bias": "bias, /min",
}  # fmt: skip

_TERMS = {
    "snr": "SNR: signal-to-noise ratio, ten times the logarithm of the clean signal's power, its mean taken off, over "
    "that of the error; improvement: by how much it is above the input's, frame by frame.",
    "prd": "PRD: root of the error's power over the clean signal's, its mean taken off; below 100 % is better than a "
    "flat line at the mean.",
    "rmse": "RMSE: root mean square error, in the units that the preprocesses leave.",
    "mae": "MAE: mean absolute error, in the same units.",
    "correlation": "Correlation: Pearson's.",
    "ssd": "SSD: sum of squared distances, in the lead's unit squared. MAD: largest absolute distance, in the lead's "
    "unit. PRD is what the authors of DeepFilter compute: its denominator is the power of what is scored.",
    "cosine": "Cosine: of the angle between the two frames as vectors, the mean not taken off.",
}
_RATE_TERMS = (
    "Rates are 60 over the median interval between beats of a frame, found in the same way in the wanted signal and in "
    "what is scored. Coverage: in which share of the frames that have a rate one was found in what is scored."
)


def signal_sections(job: Job, metrics: Report) -> Iterator[Html]:
    """Yield the sections on signals of an evaluation's page, and draw their plot; nothing where none were scored."""
    methods = _methods(metrics)
    if not methods:
        return
    report = methods[MODEL]
    said = [text for name, text in _TERMS.items() if name in report["output"]]
    _plot(job.plots / PLOT, methods)
    picture = page.picture(
        job.plots / PLOT,
        "Dot plot of the scores of each method; the numbers are in the table below.",
        "Means over frames with their intervals.",
    )
    tables = [page.table(*_table(methods, part)) for part in ("mean", "median")]
    title = f"Protocol {metrics['protocol']}" if metrics.get("protocol") else "Signals, frames"
    yield page.section(title, page.paragraph(words.intervals(report)), page.paragraph(" ".join(said)), picture, *tables)
    if metrics.get("published"):
        yield page.section("Published", *_published(metrics["published"]))
    if "heart_rate" in report:
        yield page.section("Heart rates, frames", page.paragraph(_RATE_TERMS), page.table(*_rate_table(methods)))


def signal_tables(metrics: Report) -> list[Table]:
    """Return what the console shows of signals: scores without intervals, then heart rates."""
    methods = _methods(metrics)
    if not methods:
        return []
    names = [name for name in _scores(methods) if name in BRIEF]
    rows = [
        [method, *(words.number(_value(one, name, "mean").get("value"), SCORES[name][1]) for name in names)]
        for method, one in methods.items()
    ]
    columns = ["method", *(SCORES[name][0].replace(" ", "\n") for name in names)]
    tables = [Table("Signals, means over frames", columns, rows)]
    if "heart_rate" in methods[MODEL]:
        columns, rows, _ = _rate_table(methods)
        tables.append(Table("Heart rates, frames", [name.replace(" ", "\n") for name in columns], rows))
    return tables


def _methods(metrics: Report) -> dict[str, Report]:
    """Return the reports of the model, of the input if it is scored, and of the baselines, by name."""
    report = metrics.get("frames") or {}
    if not report.get("output"):
        return {}
    given = {INPUT: {**report, "output": report["input"], IMPROVEMENT: None}} if report.get("input") else {}
    return {MODEL: report, **given, **baselines(metrics, "signals")}


def _scores(methods: Mapping[str, Report]) -> list[str]:
    report = methods[MODEL]
    known = {*report["output"], *([IMPROVEMENT] if report.get(IMPROVEMENT) and "snr" in report["output"] else [])}
    return [name for name in SCORES if name in known]


def _value(report: Report, name: str, part: str) -> Mapping[str, Any]:
    """Return ``{"value", "low", "high"}`` of a score; empty where it is not known."""
    one = report.get(name) if name == IMPROVEMENT else report["output"].get(name)
    return (one or {}).get(part) or {}


def _table(methods: Mapping[str, Report], part: str) -> tuple[list[str], list[list[str]], str]:
    names = _scores(methods)
    columns = ["method", *(f"{SCORES[name][0]}\n(95\u00a0%)" for name in names)]
    rows = [
        [method, *(words.number_with_interval(_value(one, name, part), SCORES[name][1]) for name in names)]
        for method, one in methods.items()
    ]
    return columns, rows, f"{part.capitalize()}s over frames"


def _rate_table(methods: Mapping[str, Report]) -> tuple[list[str], list[list[str]], str]:
    columns = ["method", "coverage", *RATES.values()]
    rows = [
        [
            method,
            words.score(one["heart_rate"]["coverage"]),
            *(words.number_with_interval(one["heart_rate"][name], 1) for name in RATES),
        ]
        for method, one in methods.items()
        if one.get("heart_rate")
    ]
    return columns, rows, "Against the wanted signal's rate"


def _published(published: Mapping[str, Mapping[str, Sequence[float]]]) -> Iterator[Html]:
    names = list(next(iter(published.values())))
    rows = [
        [method, *(f"{scores[name][0]:.3f} ± {scores[name][1]:.3f}" for name in names)]
        for method, scores in published.items()
    ]
    yield page.paragraph(
        "What others report, mean ± standard deviation over the frames of the protocol's own test records. They can "
        "be compared with scores on the test split; on another split they say what order of magnitude to expect."
    )
    yield page.table(["method", *(SCORES[name][0] for name in names)], rows)


def _plot(path: Path, methods: Mapping[str, Report]) -> None:
    """Draw the first scores of each method as dots with intervals, one panel for each score."""
    names = [name for name in PLOTTED if name in methods[MODEL]["output"]][:3]
    labels = list(methods)
    with figure(10, 1.5 + 0.4 * len(labels)) as made:
        panels = np.atleast_1d(made.subplots(1, len(names), sharey=True))
        for axes, name in zip(panels, names, strict=True):
            for place, (method, one) in enumerate(methods.items()):
                score = _value(one, name, "mean")
                if (value := score.get("value")) is None:
                    continue
                low, high = (value if score.get(end) is None else score[end] for end in ("low", "high"))
                colour = colour_cycle()[place % len(colour_cycle())]
                axes.errorbar(
                    [value], [place], xerr=[[max(value - low, 0)], [max(high - value, 0)]], fmt="o", color=colour,
                    markerfacecolor=colour if method == MODEL else "white", capsize=2.5, linewidth=1.4,
                )  # fmt: skip
            known = [value for one in methods.values() if (value := _value(one, name, "mean").get("value")) is not None]
            if known and min(known) > 0 and max(known) > LOGARITHMIC * min(known):
                axes.set_xscale("log")
                axes.xaxis.set_major_formatter("{x:g}")
                axes.xaxis.set_minor_formatter("")
            axes.set_xlabel(SCORES[name][0])
            axes.set_yticks(range(len(labels)), labels)
            axes.set_ylim(len(labels) - 0.5, -0.5)
        save(made, path)
