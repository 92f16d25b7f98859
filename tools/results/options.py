"""The page of what options of training and of layers bring, see `tools.variants` and `tools.overlaps`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tools.overlaps import section

WORDS = (
    "The same short training of a configuration of the zoo, one thing changed at a time, with several seeds. Macro F1 "
    "is that of the frames of validation patients, who also chose the best epoch. *Difference* is the mean over the "
    "seeds of what the change brought with the same seed. *Seen?* says whether all seeds agree on its sign: where they "
    "do not, the option's effect is smaller than what the seed does, and even if they do, three seeds agree by chance "
    "one time in four. *int8* is after quantising. What helps so short a training need not help a long one. Written by "
    "`python -m tools.variants` and `python -m tools.results`."
)
HEADER = ("changed", "macro F1", "difference", "of each seed", "seen?", "int8", "difference in int8")


def options_page(stored: dict[str, Any], overlaps: dict[str, Any]) -> str:
    """Describe what was measured."""
    lines = ["# Options of training and of layers", "", WORDS]
    for name, one in stored.items():
        base = next(iter(one["variants"].values()))
        lines += ["", f"## {name}", "", _training(one, base), ""]
        lines += [f"| {' | '.join(HEADER)} |", "| --- | ---: | ---: | --- | --- | ---: | ---: |"]
        lines += [_row(variant, runs, base) for variant, runs in one["variants"].items()]
    lines += ["", *section(overlaps)]
    return "\n".join(lines) + "\n"


def _training(one: dict[str, Any], runs: dict[str, Any]) -> str:
    values = [run["f1"] for run in runs.values()]
    spread = f" As it is, seeds differ by up to {max(values) - min(values):.4f}." if len(values) > 1 else ""
    made_short = ", ".join(f"`{change}`" for change in one["short"])
    return f"{one['task'].capitalize()}, made short by {made_short}. Seeds: {', '.join(runs)}.{spread}"


def _row(variant: str, runs: dict[str, Any], base: dict[str, Any]) -> str:
    def gains(form: str) -> list[float]:
        return [run[form] - base[seed][form] for seed, run in runs.items()]

    def mean(form: str) -> str:
        return f"{np.mean([run[form] for run in runs.values()]):.4f}"

    if runs is base:
        return f"| {variant} | {mean('f1')} | | | | {mean('int8')} | |"
    each = gains("f1")
    signs = {bool(gain > 0) for gain in each}
    seen = "seeds disagree" if len(signs) > 1 else "better" if signs == {True} else "worse"
    cells = [
        mean("f1"), f"{np.mean(each):+.4f}", ", ".join(f"{gain:+.4f}" for gain in each), seen,
        mean("int8"), f"{np.mean(gains('int8')):+.4f}",
    ]  # fmt: skip
    return f"| {variant} | {' | '.join(cells)} |"
