"""Translation: heart rates read from the signals that a model makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.results.cells import interval, number


def heart_rates(metrics: dict[str, Any]) -> Iterator[str]:
    """Show how heart rates agree with those of the wanted signal, nothing where none were read."""
    report = metrics.get("frames", {})
    if "heart_rate" not in report:
        return
    rates = {"model": report, **{name: one["signals"] for name, one in metrics["baselines"].items()}}
    yield "| heart rate | coverage | mean absolute error, /min | bias, /min |"
    yield "| --- | ---: | ---: | ---: |"
    for method, one in rates.items():
        rate = one["heart_rate"]
        error, bias = (interval(rate[name], 1) for name in ("mean_absolute_error", "bias"))
        yield f"| {method} | {number(rate['coverage'])} | {error} | {bias} |"
    yield ""
