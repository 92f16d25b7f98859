"""Run all benchmarks, or those named, and write ``benchmarks/results.json`` and its page in ``docs/results``."""

from __future__ import annotations

import importlib
import json
import platform
import sys
from pathlib import Path
from typing import Any

from tools import results as pages

from heartkit import __version__

BENCHMARKS = {
    "Start-up": "startup",
    "Synthetic ECG": "synthesis",
    "Synthetic PPG": "synthesis_ppg",
    "Transforms": "transforms",
    "Loader": "loader",
    "Training": "training",
    "Preparing LUDB": "prepare",
    "Export and inference": "inference",
}
RESULTS = Path(__file__).with_name("results.json")


def main(names: list[str]) -> None:
    old: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    measured, targets = old.get("benchmarks", {}), old.get("targets", {})
    for title, name in BENCHMARKS.items():
        if not names or name in names:
            print(f"{title} ...", flush=True)
            module = importlib.import_module(f"benchmarks.{name}")
            measured[title] = module.run()
            targets[title] = getattr(module, "TARGETS", {})
            print(json.dumps(measured[title], indent=2), flush=True)
            write(measured, targets)
    pages.main()


def write(measured: dict[str, Any], targets: dict[str, Any]) -> None:
    """Keep what is known so far: a benchmark that fails later takes nothing with it."""
    machine = f"{platform.machine()}, Python {platform.python_version()}, {platform.system()}"
    ordered = {title: measured[title] for title in BENCHMARKS if title in measured}
    result = {"version": __version__, "machine": machine, "targets": targets, "benchmarks": ordered}
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
