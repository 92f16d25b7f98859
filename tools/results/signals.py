"""Signals that a model makes, beside what went in and what other methods make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.results.cells import interval

SIGNAL_SCORES = {
    "snr": ("SNR, dB", 1), "rmse": ("RMSE", 3), "mae": ("MAE", 3), "prd": ("PRD, %", 1),
    "correlation": ("correlation", 3), "ssd": ("SSD", 2), "mad": ("MAD", 3), "prd_deepfilter": ("PRD, %", 1),
    "cosine": ("cosine", 3),
}  # fmt: skip
"""What scores of signals are called, and how many digits they have."""


def signals(metrics: dict[str, Any]) -> Iterator[str]:
    """Show scores of signals frame by frame, the input's and the baselines' beside; nothing where none are made."""
    report = metrics.get("frames", {})
    if "output" not in report:
        return
    methods = {"model": report["output"]}
    if report["input"]:
        methods["input as it is"] = report["input"]
    methods |= {name: one["signals"]["output"] for name, one in metrics["baselines"].items()}
    names = [name for name in SIGNAL_SCORES if name in report["output"]]
    yield from (f"## {'Beats' if metrics.get('protocol') else 'Frames'}", "")
    yield f"| method, mean over {report['frames']:,} | {' | '.join(SIGNAL_SCORES[name][0] for name in names)} |"
    yield "| --- |" + " ---: |" * len(names)
    for method, scores in methods.items():
        cells = [interval(scores[name]["mean"], SIGNAL_SCORES[name][1]) for name in names]
        yield f"| {method} | {' | '.join(cells)} |"
    yield ""
    if "snr" in report["output"] and report["snr_improvement"]:
        yield f"The model's SNR is {interval(report['snr_improvement']['mean'], 1)} dB above the input's."
        yield ""
