"""What the views of all tasks hand to their reports."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from heartkit.tasks.base import Demonstration

Result = TypeVar("Result")


def lead_facts(demonstration: Demonstration, seconds: float, frames: int) -> dict[str, Any]:
    """Return the fields of `heartkit.reports.lead_demo.LeadDemo`.

    Parameters
    ----------
    demonstration : Demonstration
        The recording and the model.
    seconds : float
        How long the model took.
    frames : int
        For how many frames.
    """
    record, lead = demonstration.record, demonstration.lead
    return {
        "dataset": demonstration.dataset,
        "record": record.id,
        "patient": record.patient,
        "lead": record.leads[lead],
        "unit": record.units[lead],
        "sampling_rate": record.sampling_rate,
        "signal": np.asarray(record.signals[lead]),
        "class_names": demonstration.class_names,
        "model": demonstration.model,
        "backend": demonstration.backend,
        "milliseconds_per_frame": 1000 * seconds / max(frames, 1),
        "frames": frames,
    }


def timed(warm_up: Callable[[], Any], run: Callable[[], Result]) -> tuple[Result, float]:
    """Return what `run` gives, and how many seconds it took without loading and set-up, which `warm_up` does."""
    warm_up()
    started = time.perf_counter()
    result = run()
    return result, time.perf_counter() - started
