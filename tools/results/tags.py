"""Tags of frames and recordings, and embeddings: how they know patients again, and what probes read from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tools.results.cells import interval, number

SHOWN = {"auroc": "AUROC", "average_precision": "average precision", "f1": "F1", "se": "Se", "sp": "Sp", "ppv": "PPV"}
"""Scores of a tag, and what they are called."""


def tags(metrics: Mapping[str, Any]) -> Iterator[str]:
    """Show tags of whole recordings and of frames, nothing where the model finds none."""
    recordings, frames = metrics.get("recordings") or {}, metrics.get("frames") or {}
    if "tags" in recordings:
        others = {name: one["recordings"]["tags"] for name, one in _baselines(metrics) if "recordings" in one}
        yield from _tags("Whole recordings", recordings["tags"], others)
    if "tags" in frames:
        others = {name: one["frames"] for name, one in _baselines(metrics) if "frames" in one}
        yield from _tags("Frames", frames, others)


def embeddings(metrics: Mapping[str, Any]) -> Iterator[str]:
    """Show how an embedding knows patients again and what probes read from it, nothing where there is none."""
    if "embedding" not in metrics:
        return
    methods = {"model": metrics, **dict(_baselines(metrics))}
    yield from ("## Patients known again", "")
    yield "| method | nearest frame is of the same patient | by chance | loss | alignment | uniformity |"
    yield "| --- |" + " ---: |" * 5
    for name, one in methods.items():
        if report := one.get("embedding"):
            values = " | ".join(f"{report[key]:.3f}" for key in ("loss", "alignment", "uniformity"))
            yield f"| {name} | {interval(report['agreement'])} | {number(report['chance'])} | {values} |"
    for kind, probe in metrics["probes"].items():
        names = list(probe["tags"])
        yield from ("", f"## Linear probe, {kind}", "")
        yield f"Frames of the patients scored: {probe['items']:,}. Thresholds play no part in these scores."
        yield from ("", f"| AUROC | macro | {' | '.join(names)} |", "| --- |" + " ---: |" * (len(names) + 1))
        for name, one in methods.items():
            if report := one.get("probes", {}).get(kind):
                cells = [report["macro_auroc"], *(report["tags"][tag]["auroc"] for tag in names)]
                yield f"| {name} | {' | '.join(map(interval, cells))} |"
    yield ""


def _baselines(metrics: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from (metrics.get("baselines") or {}).items()


def _tags(title: str, report: Mapping[str, Any], others: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"## {title}", "")
    yield f"{report['items']:,} of {report['patients']:,} patients. Thresholds were chosen {report['thresholds']}."
    names = list(report["tags"])
    yield from ("", f"| AUROC | macro | {' | '.join(names)} |", "| --- |" + " ---: |" * (len(names) + 1))
    for name, one in {"model": report, **others}.items():
        cells = [one["macro_auroc"], *(one["tags"][tag]["auroc"] for tag in names)]
        yield f"| {name} | {' | '.join(map(interval, cells))} |"
    others = {name: one for name, one in others.items() if one.get("macro_f1")}
    columns = [*SHOWN.values(), *(f"F1 {name}" for name in others)]
    yield from ("", f"| model | with the tag | {' | '.join(columns)} |")
    yield "| --- |" + " ---: |" * (len(columns) + 1)
    for tag in names:
        one, beside = report["tags"][tag], [other["tags"][tag]["f1"] for other in others.values()]
        yield _row(tag, str(one["support"]), [one[score] for score in SHOWN], beside)
    beside = [other["macro_f1"] for other in others.values()]
    yield _row("macro", "", [report[f"macro_{score}"] for score in SHOWN], beside)
    yield ""


def _row(name: str, support: str, scores: list[Any], beside: list[Any]) -> str:
    cells = [(interval if name == "f1" else number)(one) for name, one in zip(SHOWN, scores, strict=True)]
    return f"| {name} | {' | '.join([support, *cells, *map(number, beside)])} |"
