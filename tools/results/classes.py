"""Classes of frames or samples: their scores, and the probabilities'."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.results.cells import interval
from tools.results.stored import of_recordings

ITEMS = {"beat": "beat by beat", "rhythm": "window by window"}
"""What of whole recordings is scored, by task; elsewhere samples are."""


def frames(metrics: dict[str, Any]) -> Iterator[str]:
    """Show scores of frames by class, nothing where they have none."""
    report = metrics.get("frames", {})
    if "classes" not in report:
        return
    # Baselines answer for whole recordings where those are scored, see `recordings`.
    others = {} if "recordings" in metrics else {name: one["samples"] for name, one in metrics["baselines"].items()}
    yield from ("## Frames", "", *_scores({"model": report, **others}), "")
    if "probabilities" in report:
        yield from (*_probabilities(report["probabilities"]), "")


def recordings(metrics: dict[str, Any]) -> Iterator[str]:
    """Show scores of whole recordings by class, nothing where they have none."""
    if "samples" not in metrics.get("recordings", {}):
        return
    yield from (f"## Whole recordings, {ITEMS.get(metrics['task'], 'sample by sample')}", "")
    yield from (*_scores({name: one["samples"] for name, one in of_recordings(metrics).items()}), "")


def _scores(reports: dict[str, dict[str, Any]]) -> Iterator[str]:
    names = list(next(iter(reports.values()))["classes"])
    yield f"| method | macro F1 | {' | '.join(f'F1 {name}' for name in names)} | accuracy |"
    yield "| --- |" + " ---: |" * (len(names) + 2)
    for method, report in reports.items():
        cells = [report["macro_f1"], *(report["classes"][name]["f1"] for name in names), report["accuracy"]]
        yield f"| {method} | {' | '.join(map(interval, cells))} |"


def _probabilities(scores: dict[str, Any]) -> Iterator[str]:
    names = list(scores["auroc"])
    yield f"| probabilities | macro | {' | '.join(names)} |"
    yield "| --- |" + " ---: |" * (len(names) + 1)
    areas = " | ".join(f"{scores['auroc'][name]:.3f}" for name in names)
    yield f"| AUROC | {scores['macro_auroc']:.3f} | {areas} |"
    yield ""
    yield f"Expected calibration error {scores['calibration_error']:.3f}."
