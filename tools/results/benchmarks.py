"""The page of what ``make bench`` measured."""

from __future__ import annotations

from typing import Any

from tools.results.cells import flat, plain

BENCHMARK_WORDS = (
    "Written by `make bench` and `python -m tools.results`. The machines are shared: compare ratios, not digits."
)


def benchmark_page(results: dict[str, Any]) -> str:
    """Show what was measured, with the machine it was measured on."""
    lines = ["# Benchmarks", "", BENCHMARK_WORDS, "", f"Machine: {results['machine']}; heartkit {results['version']}."]
    for name, values in results["benchmarks"].items():
        lines += ["", f"## {name}", "", "| what | measured | target |", "| --- | ---: | ---: |"]
        targets = results["targets"].get(name, {})
        lines += [f"| {what} | {plain(value)} | {targets.get(what, '')} |" for what, value in flat(values)]
    return "\n".join(lines) + "\n"
