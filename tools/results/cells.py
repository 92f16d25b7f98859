"""How numbers are written in the cells of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Score = Mapping[str, float | None]
"""``value``, and ``low`` and ``high``, the ends of its interval; None where undefined."""

FEW, SOME = 5, 20
"""Patients below which an interval says next to nothing, and below which it is somewhat too narrow."""


def interval(score: Score, digits: int = 3) -> str:
    """Write a score with its interval, where it has one."""
    if score["value"] is None:
        return "–"
    ends = "" if score["low"] is None else f" [{score['low']:.{digits}f}, {score['high']:.{digits}f}]"
    return f"{score['value']:.{digits}f}{ends}"


def signed(score: Score) -> str:
    """Write a difference with its interval, where it has one."""
    ends = "" if score["low"] is None else f" [{score['low']:+.4f}, {score['high']:+.4f}]"
    return f"{score['value']:+.4f}{ends}"


def number(score: Score, digits: int = 3) -> str:
    """Write a score without its interval."""
    return "–" if score["value"] is None else f"{score['value']:.{digits}f}"


def known(value: float | None) -> str:
    """Write a number that may be undefined."""
    return "–" if value is None else f"{value:.3f}"


def plain(value: Any) -> str:
    """Write what was measured, in four digits where it is a number."""
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def flat(values: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what nested mappings hold, each value with its keys joined."""
    if isinstance(values, dict):
        for key, value in values.items():
            yield from flat(value, f"{prefix} {key}".strip())
    else:
        yield prefix, values


def few_patients(count: int) -> str:
    """Say what an interval over so many patients is worth; nothing where there are enough."""
    if count < FEW:
        return f"{patients(count)}: an interval over so few says next to nothing"
    return f"{patients(count)}: intervals over so few are somewhat too narrow" if count < SOME else ""


def patients(count: int, kind: str = "") -> str:
    """Write a number of patients."""
    return f"{count:,} {kind}patient{'' if count == 1 else 's'}"
