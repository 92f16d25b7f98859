"""Boundaries of waves: how many were found, and how far off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.results.cells import interval, number
from tools.results.stored import of_recordings

BOUNDARY_WORDS = (
    "One-to-one within 150 ms, inside the annotated span of each lead; error is mean and standard deviation of "
    "found minus annotated, in ms."
)
FIDUCIALS = ("onset", "peak", "offset")


def boundaries(metrics: dict[str, Any]) -> Iterator[str]:
    """Show how well boundaries of waves in whole recordings were found, nothing where none were scored."""
    reports = {name: one["boundaries"] for name, one in of_recordings(metrics).items() if "boundaries" in one}
    if reports:
        yield from ("## Wave boundaries", "", BOUNDARY_WORDS, "", *_rows(reports), "")


def _rows(reports: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield "| method | wave | fiducial | Se | PPV | F1 | error (ms) |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: |"
    for method, report in reports.items():
        for wave, points in report["waves"].items():
            for point in (*FIDUCIALS, "all"):
                one = points[point]
                if one["f1"]["value"]:
                    error = f"{number(one['error_mean'], 1)} ± {number(one['error_sd'], 1)}"
                    yield (
                        f"| {method} | {wave} | {point} | {number(one['se'])} | {number(one['ppv'])} | "
                        f"{interval(one['f1'])} | {error} |"
                    )
