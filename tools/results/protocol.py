"""Scores of a published protocol: mean and standard deviation, as papers give them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.results.signals import SIGNAL_SCORES


def protocol(metrics: dict[str, Any]) -> Iterator[str]:
    """Show the scores of a protocol, nothing where there are none."""
    if not metrics:
        return
    report = metrics["frames"]
    methods = {
        "model": report["output"], "input as it is": report["input"],
        **{name: one["signals"]["output"] for name, one in metrics["baselines"].items()},
    }  # fmt: skip
    names = [name for name in SIGNAL_SCORES if name in report["output"]]
    yield from (f"## Protocol {metrics['protocol']}", "")
    yield (
        f"Split `{metrics['split']}`: {report['frames']:,} beats of {report['patients']} records, mean ± standard "
        "deviation, for the model with its 95 % interval over records. *Published* are other records (the 14 of the "
        "test split): they show the order of magnitude, not who is better."
    )
    yield from ("", f"| method | {' | '.join(SIGNAL_SCORES[name][0] for name in names)} |")
    yield "| --- |" + " ---: |" * len(names)
    for method, scores in methods.items():
        cells = [f"{scores[name]['mean']['value']:.3f} ± {scores[name]['sd']:.3f}" for name in names]
        if method == "model":
            ends = [(scores[name]["mean"]["low"], scores[name]["mean"]["high"]) for name in names]
            cells = [f"{cell} [{low:.3f}, {high:.3f}]" for cell, (low, high) in zip(cells, ends, strict=True)]
        yield f"| {method} | {' | '.join(cells)} |"
    for method, published in metrics["published"].items():
        cells = [f"{published[name][0]:.3f} ± {published[name][1]:.3f}" for name in names]
        yield f"| published: {method} | {' | '.join(cells)} |"
    yield ""
