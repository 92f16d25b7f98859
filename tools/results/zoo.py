"""The page of the whole zoo, a line for each configuration."""

from __future__ import annotations

from typing import Any

from tools.results.cells import FEW, interval
from tools.results.converted import before_and_after
from tools.results.operators import operators_table
from tools.results.stored import ZOO, read


def zoo_page() -> str:
    """Show every configuration of the zoo in a line: what it costs, what it scores, and on what."""
    lines = [
        "# The zoo",
        "",
        "Every name is a configuration that ships (`heartkit zoo`). Scores are those of patients that were not trained "
        "on, of the split that the last column names, with 95 % intervals over patients; what they are of differs from "
        "task to task. Parameters are those of the folded network; the arena is TFLite-Micro's on the PC. "
        f"Intervals over fewer than {FEW} patients say next to nothing. Written by "
        "`python -m tools.cards` and `python -m tools.results`.",
        "",
        "| name | task | parameters | MACs | arena, bytes | score | converted | data |",
        "| --- | --- | ---: | ---: | ---: | --- | --- | --- |",
    ]
    for folder in sorted(file.parent for file in ZOO.glob("*/config.json")):
        if not (folder / "card.json").exists():
            lines.append(f"| {folder.name} | | | | | not trained here | | |")
            continue
        facts = read(folder / "card.json")
        score = f"{facts['score']['name']} {interval(facts['score'])}"
        lines.append(
            f"| [{folder.name}]({folder.name}.md) | {facts['task']} | {facts['parameters']:,} | {facts['macs']:,} | "
            f"{facts['arena_bytes']:,} | {score} | {_kept(facts)} | {facts['data']} |"
        )
    lines += ["", *operators_table(sorted(file.parent for file in ZOO.glob("*/model.tflite")))]
    return "\n".join(lines) + "\n"


def _kept(facts: dict[str, Any]) -> str:
    """Say what converting cost, in the score of frames that exports watch."""
    name, before, after = before_and_after(facts)
    return f"{facts['format']}: {name} {before:.3f} → {after:.3f}"
