"""R peaks, beat by beat, as EC57 scores them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.results.cells import interval
from tools.results.stored import of_recordings

R_PEAK_WORDS = (
    "As ANSI/AAMI EC57 asks: a pair is at most 150 ms apart, one to one; the first five minutes of each recording "
    "and ventricular flutter and fibrillation are left out. One ECG lead of each recording: II or MLII, else the "
    "first. Gross counts every beat alike, average every recording."
)


def r_peaks(*evaluations: dict[str, Any]) -> Iterator[str]:
    """Show R peaks as EC57 scores them, of each evaluation that has beats to score."""
    found = [one for one in evaluations if "r_peaks" in one.get("recordings", {})]
    if not found:
        return
    yield from ("## R peaks, beat by beat", "", R_PEAK_WORDS, "")
    yield "| recordings | method | Se, gross | +P, gross | Se, average | +P, average |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for one in found:
        for method, scores in of_recordings(one).items():
            if report := scores.get("r_peaks"):
                where = f"{len(report['records'])} of {_origin(report, one['split'])}"
                cells = [report[kind][score] for kind in ("gross", "average") for score in ("qrs_se", "qrs_ppv")]
                yield f"| {where} | {method} | {' | '.join(map(interval, cells))} |"
    yield ""


def _origin(report: dict[str, Any], split: str) -> str:
    return f"{', '.join(sorted({record.split('/')[0] for record in report['records']}))} ({split})"
