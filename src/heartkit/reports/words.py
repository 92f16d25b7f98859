"""How scores are written, in tables on the console and on pages alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

UNKNOWN = "–"
"""What stands where a number is undefined or not known."""

Score = Mapping[str, float | None]
"""``{"value", "low", "high"}``, as ``heartkit.metrics`` reports them; None where undefined."""


def plain(value: float | None) -> str:
    """Write a number in 0..1 that has no interval, e.g. ``0.912``; NaN, as None, is undefined."""
    return UNKNOWN if value is None or math.isnan(value) else f"{value:.3f}"


def number(value: float | None, digits: int, signed: bool = False) -> str:
    """Write a number with so many digits behind the point; NaN, as None, is undefined."""
    if value is None or math.isnan(value):
        return UNKNOWN
    return f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"


def number_with_interval(one: Score | None, digits: int) -> str:
    """Write a number and its interval, e.g. ``-1.2 (-2.0 to 0.3)``; without where there is none."""
    value, low, high = ((one or {}).get(part) for part in ("value", "low", "high"))
    ends = "" if low is None or high is None else f" ({low:.{digits}f} to {high:.{digits}f})"
    return number(value, digits) + (ends if value is not None else "")


def score(one: Score | None) -> str:
    """Write a score in 0..1, e.g. ``0.912``."""
    value = (one or {}).get("value")
    return UNKNOWN if value is None else f"{value:.3f}"


def score_with_interval(one: Score | None) -> str:
    """Write a score in 0..1 and its interval, e.g. ``0.912 (0.901–0.923)``; without where there is none."""
    low, high = ((one or {}).get(end) for end in ("low", "high"))
    return score(one) if low is None or high is None else f"{score(one)} ({low:.3f}–{high:.3f})"


def error(mean: Score | None, sd: Score | None) -> str:
    """Write a mean error and its standard deviation, e.g. ``+1.2 ± 8.3``."""
    centre, spread = ((one or {}).get("value") for one in (mean, sd))
    if centre is None:
        return UNKNOWN
    return f"{centre:+.1f}" if spread is None else f"{centre:+.1f} ± {spread:.1f}"


def intervals(report: Mapping[str, Any]) -> str:
    """Say over how many patients a report's intervals are."""
    patients = report["patients"]
    if patients < 2:
        return "One patient only: there are no intervals, which need at least two."
    narrow = " Below some 20 patients they are somewhat too narrow." if patients < 20 else ""
    return f"Intervals are 95 %, by bootstrap over {patients:,} patients.{narrow}"


def seconds(value: float) -> str:
    """Write a duration, e.g. ``10.0 s``, ``30 min 5 s`` or ``24 h 0 min``."""
    if value < 120:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 7200:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
