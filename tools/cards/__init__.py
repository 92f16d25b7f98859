"""Model cards of the zoo: what each model is for, with what it was made, what it costs and scores, and its limits.

``python -m tools.cards`` writes ``card.json`` and ``README.md`` into each folder of the zoo that holds a trained model,
from what training, evaluating and exporting left there.
"""

from __future__ import annotations

import json

from tools.cards.facts import card
from tools.cards.page import page
from tools.results.stored import ZOO

__all__ = ["card", "main", "page"]


def main() -> None:
    """Write the cards of all trained models."""
    for folder in sorted(file.parent for file in ZOO.glob("*/model.keras")):
        facts = card(folder)
        (folder / "card.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        (folder / "README.md").write_text(page(folder.name, facts), encoding="utf-8")
