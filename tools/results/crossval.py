"""Scores over all patients, each unseen in turn, see `tools.crossval`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tools.results.cells import known
from tools.results.ec57 import ec57_table


def crossval(found: dict[str, Any]) -> Iterator[str]:
    """Yield what the configuration scores when each patient in turn is unseen, nothing where that was not done."""
    if not found:
        return
    folds = ", ".join(f"{one:.3f}" for one in found["folds"])
    score = "Correlation" if "signals" in found else "Macro F1 of frames"
    yield "## Cross-validated over patients"
    yield ""
    yield (
        f"The same configuration in {len(found['folds'])} folds over {found['patients']} patients: each is scored by a "
        f"model that neither trained nor chose its epoch on it. {score}, fold by fold: {folds}."
    )
    yield ""
    yield from (_signals if "signals" in found else _classes)(found)
    yield ""


def _signals(found: dict[str, Any]) -> Iterator[str]:
    yield f"| mean over {found['frames']:,} frames | RMSE | MAE | correlation | heart-rate error, /min |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for method, one in found["signals"].items():
        cells = [known(one[name]) for name in ("rmse", "mae", "correlation", "heart_rate_error")]
        yield f"| {method} | {' | '.join(cells)} |"


def _classes(found: dict[str, Any]) -> Iterator[str]:
    names = list(found["frames"]["classes"])
    yield f"| all patients together | macro F1 | {' | '.join(f'F1 {name}' for name in names)} |"
    yield "| --- | ---: |" + " ---: |" * len(names)
    rows = {"model, frames": found["frames"]}
    methods = {"model": found, **found["baselines"]}
    rows |= {f"{name}, whole recordings": one["samples"] for name, one in methods.items() if "samples" in one}
    for name, one in rows.items():
        yield f"| {name} | {one['macro_f1']:.3f} | {' | '.join(known(one['classes'][c]['f1']) for c in names)} |"
    if "ec57" in found:
        yield ""
        yield from ec57_table({name: one["ec57"] for name, one in methods.items() if "ec57" in one})
