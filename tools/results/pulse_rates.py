"""Pulse rates on real recordings, see `tools.pulse_rate`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.results.cells import interval


def pulse_rates(compared: dict[str, Any]) -> Iterator[str]:
    """Show how pulse rates on real recordings agree with that of their ECG, nothing where they were not compared."""
    if not compared:
        return
    yield from ("## Pulse rate on real recordings", "")
    yield (
        f"On {compared['recordings']} recordings of {compared['dataset']}, of which the model saw none. Nobody marked "
        f"systole or diastole there, so boundaries cannot be scored; the rate of the pulses can, against that of the R "
        f"peaks which NeuroKit2 finds in the ECG of the same {compared['seconds']:g} s. Coverage is the share of those "
        f"stretches with a rate in the ECG that have one in the PPG; errors are in beats per minute over these. "
        f"Made by `python -m tools.pulse_rate`."
    )
    yield from ("", "| method | stretches | coverage | mean absolute error | root mean square error | bias |")
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for method, one in compared["methods"].items():
        errors = [one[name] for name in ("mean_absolute_error", "root_mean_square_error", "bias")]
        cells = [interval(one["coverage"]), *(interval(error, 2) for error in errors)]
        yield f"| {method} | {one['reference']:,} | {' | '.join(cells)} |"
    yield ""
