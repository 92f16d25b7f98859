"""What became of a model when it was converted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.results.cells import signed

CONVERTED = (
    {"auroc": "macro AUROC", "f1": "macro F1", "acc": "accuracy"},
    {"f1": "macro F1", "acc": "accuracy"},
    {"agreement": "agreement", "loss": "contrastive loss"},
    {"cosine": "cosine similarity", "loss": "mean squared error"},
)
"""Which scores of a converted model are shown: the first columns that there are."""
COSTS = ("auroc", "f1", "cosine", "agreement", "loss")
"""In which score cards say what converting cost: the first that there is."""


def before_and_after(facts: Mapping[str, Any]) -> tuple[str, float, float]:
    """Return in which score a card says what converting cost, and what the float and the converted model have of it."""
    scores = facts["converted"]
    before, after = scores["float model"], scores.get("TFLite-Micro", scores["LiteRT"])
    name = next(name for name in COSTS if name in before)
    return name, before[name], after[name]


def converted(exported: dict[str, Any]) -> Iterator[str]:
    """Show what a model is after converting, and what it scores in each interpreter."""
    checked = exported["verification"]
    on = exported["verified_on"]
    yield from ("## Converted", "")
    yield (
        f"{exported['format']}: {exported['bytes']:,} bytes, arena {checked['arena_bytes']:,} bytes (host). "
        f"On {checked['frames']:,} frames TFLite-Micro and LiteRT's reference kernels differ by at most "
        f"{checked['largest']:g} units."
    )
    yield ""
    scores = next(
        columns for columns in CONVERTED if all(score in exported["scores"]["float model"] for score in columns)
    )
    heading = " | ".join(scores.values())
    yield f"| interpreter ({on['frames']:,} frames of {on['patients']} {on['split']} patients) | {heading} |"
    yield "| --- |" + " ---: |" * len(scores)
    for name, one in exported["scores"].items():
        yield f"| {name} | {' | '.join(f'{one[score]:.4f}' for score in scores)} |"
    yield f"| lost, paired | {' | '.join(signed(exported['lost'][score]) for score in scores)} |"
    yield ""
