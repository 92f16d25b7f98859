"""What options of training and of layers bring: the same short training with one of them changed at a time.

``python -m tools.variants ludb-folder job-folder [seed ...]`` trains each variant with each seed and adds what it
scores on the validation patients to ``benchmarks/variants.json``; a variant that stands there is not run again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

import heartkit as hk

ROOT = Path(__file__).parents[1]
STORED = ROOT / "benchmarks" / "variants.json"
CONFIG = ROOT / "configs" / "seg-4-tcn-sm.json"
SHORT = [
    "epochs=12", "steps_per_epoch=40", "batch_size=128", "val_samples_per_patient=30", "verbose=0",
]  # fmt: skip
WORDS = (
    "The same short training (12 epochs of 40 batches of 128) of `configs/seg-4-tcn-sm.json` on LUDB and synthetic "
    "ECG, one thing changed at a time. Macro F1 is that of the frames of LUDB's validation patients, of the best "
    "epoch, which the same patients chose. What helps so short a training need not help a long one, and differences "
    "within what seeds make of one configuration say nothing. Written by `python -m tools.variants` and "
    "`python -m tools.results`."
)
VARIANTS: dict[str, list[str]] = {
    "as it is": [],
    "warm-up over 50 steps": ["warmup_steps=50"],
    "gradient norm clipped at 1": ["clip_norm=1"],
    "averaged weights, decay 0.99": ["ema_decay=0.99"],
    "focal loss, gamma 1": ["focal_gamma=1"],
    "label smoothing 0.05": ["label_smoothing=0.05"],
    "mixup 0.2": ["mixup=0.2"],
    "teacher (seg-4-tcn-lg)": [f"teacher={ROOT / 'zoo' / 'seg-4-tcn-lg' / 'model.keras'}"],
    "squeeze-excite with sigmoid, not hard sigmoid": [
        f"architecture.params.blocks.{block}.se_activation=sigmoid" for block in (1, 2, 3)
    ],
    "without squeeze-excite": [f"architecture.params.blocks.{block}.se_ratio=0" for block in (1, 2, 3)],
}


def main(ludb: str, folder: str, seeds: list[int]) -> None:
    """Run what is not stored yet."""
    for name, changes in VARIANTS.items():
        for seed in seeds:
            stored: dict[str, dict[str, Any]] = json.loads(STORED.read_text()) if STORED.exists() else {}
            if str(seed) in stored.get(name, {}):
                continue
            job = Path(folder) / f"{name.replace(' ', '-')}-{seed}"
            fixed = [f"datasets.0.path={ludb}", f"job_dir={job}", f"seed={seed}"]
            config = hk.load(CONFIG, [*SHORT, *fixed, *changes])
            task = hk.TaskFactory.get("segmentation")
            result = task.train(config.params(hk.HKTrainParams, task.name))
            best = result.history[result.best_epoch - 1]
            scores = {"f1": best["val_f1"], "loss": best["val_loss"], "epoch": result.best_epoch}
            stored.setdefault(name, {})[str(seed)] = {key: round(float(value), 5) for key, value in scores.items()}
            STORED.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


def page(stored: dict[str, dict[str, Any]]) -> str:
    """Describe what was measured."""
    seeds = sorted({seed for runs in stored.values() for seed in runs})
    lines = [
        "# Options of training and of layers",
        "",
        WORDS + f" Seeds: {', '.join(seeds)}.",
        "",
        "| changed | macro F1 | difference | seeds |",
        "| --- | ---: | ---: | --- |",
    ]
    base = {seed: run["f1"] for seed, run in stored["as it is"].items()}
    for name, runs in stored.items():
        values = [run["f1"] for run in runs.values()]
        gains = [run["f1"] - base[seed] for seed, run in runs.items() if seed in base]
        difference = f"{np.mean(gains):+.4f}" if name != "as it is" else ""
        each = ", ".join(f"{value:.4f}" for value in values)
        lines.append(f"| {name} | {np.mean(values):.4f} | {difference} | {each} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], [int(seed) for seed in sys.argv[3:]] or [1])
