"""How scores are written, in tables on the console and on pages alike."""

from __future__ import annotations

import math
from collections.abc import Mapping

UNKNOWN = "–"
"""What stands where a number is undefined or not known."""

Score = Mapping[str, float | None]
"""``{"value", "low", "high"}``, as ``heartkit.metrics`` reports them; None where undefined."""


def plain(value: float | None) -> str:
    """Write a number in 0..1 that has no interval, e.g. ``0.912``; NaN, as None, is undefined."""
    return UNKNOWN if value is None or math.isnan(value) else f"{value:.3f}"


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


def seconds(value: float) -> str:
    """Write a duration, e.g. ``10.0 s``, ``30 min 5 s`` or ``24 h 0 min``."""
    if value < 120:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 7200:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
