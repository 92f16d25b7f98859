"""Where what was measured is stored, and how it is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ZOO, PAGES, BENCHMARKS = ROOT / "zoo", ROOT / "docs" / "results", ROOT / "benchmarks" / "results.json"
QUANTISATION, OPTIONS, OVERLAPS = (
    BENCHMARKS.with_name(name) for name in ("quantisation.json", "variants.json", "overlaps.json")
)


def read(path: Path) -> dict[str, Any]:
    """Return what a JSON file holds."""
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values


def of_recordings(metrics: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return method -> scores of whole recordings, the model first; nothing where those were not scored."""
    return {"model": metrics["recordings"], **metrics["baselines"]} if metrics.get("recordings") else {}


def read_if_there(folder: Path, name: str) -> dict[str, Any]:
    """Return what a file of a model's folder holds; nothing where there is no such file."""
    return read(folder / name) if (folder / name).exists() else {}
