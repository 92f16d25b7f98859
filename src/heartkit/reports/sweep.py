"""What a sweep leaves behind: a table, a picture of score against cost, and a page."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from heartkit import files
from heartkit.job import Job
from heartkit.reports import page
from heartkit.reports.page import Html
from heartkit.reports.pareto_plot import plot_pareto
from heartkit.reports.trials import TRAINED, SweepFacts, Trial, best, front, trained
from heartkit.reports.words import UNKNOWN

PLOT = "pareto.png"
_FRONT = (
    "A trial is on the Pareto front if no other has at least its score for no more multiply-accumulates (MACs). Which "
    "of the front is the right one is for the target to decide: what it has time, energy and memory for."
)
_OPTIMISM = (
    "Trials are compared on the validation patients, each with its best epoch there. The best of many is best partly "
    "by chance: its score is optimistic, the more so the more trials there are. What it is worth on patients who "
    "chose nothing says `heartkit evaluate`, once, at the end."
)
_COSTS = (
    "Parameters, MACs and activations are those of the network as it is exported, with its batch normalisation "
    "folded away; activations in int8. The arena is measured only where it has a limit."
)


def write_tables(folder: Path, facts: SweepFacts, trials: Sequence[Trial]) -> None:
    """Write ``trials.csv`` and ``tune.json``."""
    on_front = [one.number for one in front(trials, facts.metric)]
    files.write_text(folder / "trials.csv", _csv(facts, trials, on_front))
    winner = best(trials, facts.metric)
    summary = {
        **asdict(facts),
        "outcomes": dict(Counter(one.outcome for one in trials)),
        "front": on_front,
        "best": None if winner is None else winner.number,
        "trials": trials,
    }
    files.write_json(folder / "tune.json", summary)


def write_sweep(job: Job, facts: SweepFacts, trials: Sequence[Trial]) -> None:
    """Write ``plots/pareto.png`` and the page: ``report.html`` and ``tune.html``."""
    sections = []
    if trained(trials):
        plot_pareto(job.plots / PLOT, facts, trials)
        picture = page.picture(
            job.plots / PLOT,
            f"Score of {len(trained(trials))} trials over their MACs; the numbers are in the tables below.",
            "Up is better, left is cheaper. The line is the best score that is to be had for so many MACs.",
        )
        columns, rows = front_table(facts, trials)
        content = [picture, page.table(columns, rows, "The Pareto front, cheapest first"), page.paragraph(_FRONT)]
        sections.append(page.section("Score against cost", *content, page.paragraph(_OPTIMISM)))
    else:
        sections.append(page.section("Score against cost", page.paragraph("No trial has a score yet.")))
    sections.append(_all(facts, trials))
    page.write_page(job.report, f"Sweep: {facts.task}", _subtitle(facts, trials), _facts(facts), sections)
    job.keep_report()


def front_table(facts: SweepFacts, trials: Sequence[Trial]) -> tuple[list[str], list[list[str]]]:
    """Return columns and rows of the front: score, costs and values."""
    rows = [[str(one.number), *_numbers(one), *_values(facts, one)] for one in front(trials, facts.metric)]
    return ["trial", *_columns(facts), *facts.paths], rows


def _columns(facts: SweepFacts) -> list[str]:
    return [f"val_{facts.metric}", "MACs", "parameters", "activations, bytes", "arena, bytes"]


def _numbers(one: Trial) -> list[str]:
    costs = (one.macs, one.parameters, one.activation_bytes, one.arena_bytes)
    return [
        UNKNOWN if one.score is None else f"{one.score:.4f}",
        *(UNKNOWN if cost is None else f"{cost:,}" for cost in costs),
    ]


def _values(facts: SweepFacts, one: Trial) -> list[str]:
    return [_short(one.values[path]) for path in facts.paths]


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _all(facts: SweepFacts, trials: Sequence[Trial]) -> Html:
    rows = [[str(one.number), _outcome(one), *_numbers(one), _seconds(one), *_values(facts, one)] for one in trials]
    columns = ["trial", "outcome", *_columns(facts), "seconds", *facts.paths]
    return page.section("All trials", page.paragraph(_COSTS), page.table(columns, rows, words=2))


def _seconds(one: Trial) -> str:
    return f"{one.seconds:.0f}" if one.seconds else UNKNOWN


def _outcome(one: Trial) -> str:
    given = ", as configured" if one.as_configured else ""
    return f"{one.outcome}{given}: {one.reason}" if one.reason else one.outcome + given


def _subtitle(facts: SweepFacts, trials: Sequence[Trial]) -> str:
    counts = Counter(one.outcome for one in trials)
    others = [f"{count} {outcome}" for outcome, count in counts.items() if outcome != TRAINED]
    wanted = "" if counts[TRAINED] >= facts.wanted else f" of {facts.wanted}"
    return f"{counts[TRAINED]}{wanted} trials trained{''.join(f', {each}' for each in others)}"


def _facts(facts: SweepFacts) -> dict[str, str]:
    units = {"parameters": "parameters", "macs": "MACs", "arena": "bytes of arena"}
    limits = [f"{limit:,} {units[name]}" for name, limit in facts.limits.items() if limit is not None]
    return {
        "Task": facts.task,
        "Score": f"val_{facts.metric} of the best epoch",
        "Limits": ", ".join(limits) or "none",
        "Searched for": "the Pareto front" if facts.objective == "pareto" else "the best score",
        "Seed": str(facts.seed),
    }


def _csv(facts: SweepFacts, trials: Sequence[Trial], on_front: Sequence[int]) -> str:
    text = io.StringIO()
    names = ["parameters", "macs", "activation_bytes", "arena_bytes", "best_epoch", "epochs", "seconds"]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["trial", "outcome", "front", "as_configured", f"val_{facts.metric}", *names, *facts.paths, "reason"]
    )
    for one in trials:
        numbers = [getattr(one, name) for name in names]
        values = [json.dumps(one.values[path]) for path in facts.paths]
        given = [int(one.number in on_front), int(one.as_configured)]
        writer.writerow([one.number, one.outcome, *given, one.score, *numbers, *values, one.reason])
    return text.getvalue()
