"""What the demos of all tasks share: one lead of a recording, and a model that was run over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.reports import words


@dataclass(frozen=True, kw_only=True)
class LeadDemo:
    """One lead of a recording and the model that was run over it.

    Parameters
    ----------
    dataset, record, patient, lead : str
        Where the signal is from.
    unit : str
        Of `signal`, such as ``"mV"``; empty where unknown.
    sampling_rate : float
        Hz.
    signal : (samples,) array of float32
        NaN where a sample is missing.
    class_names : list of str
        Names of the classes.
    model, backend : str
        File name of the model, and what ran it.
    milliseconds_per_frame : float
        How long one frame took.
    frames : int
        How many frames the model was run on.
    """

    dataset: str
    record: str
    patient: str
    lead: str
    unit: str
    sampling_rate: float
    signal: NDArray[np.float32]
    class_names: list[str]
    model: str
    backend: str
    milliseconds_per_frame: float
    frames: int

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.signal) / self.sampling_rate

    @property
    def amplitude(self) -> str:
        """Title of an axis for the signal."""
        return f"{self.lead} ({self.unit})" if self.unit else self.lead


def facts(demo: LeadDemo) -> dict[str, str]:
    """Return what stands under the title of a demo's page."""
    missing = float(np.isnan(demo.signal).mean()) if len(demo.signal) else 0.0
    known = {
        "Dataset": demo.dataset,
        "Record": demo.record,
        "Patient": demo.patient,
        "Lead": demo.lead,
        "Duration": words.seconds(demo.duration),
        "Sampling rate": f"{demo.sampling_rate:g} Hz",
        "Model": demo.model,
        "Backend": demo.backend,
        "Frames": f"{demo.frames:,}",
    }
    return {**known, "Missing samples": f"{100 * missing:.1f} %"} if missing else known


def speed(demo: LeadDemo) -> dict[str, str]:
    """Return how long a frame took, for the key numbers; nothing where none was run."""
    return {"Time per frame": f"{demo.milliseconds_per_frame:.2f} ms"} if demo.frames else {}


def finite_mean(values: NDArray[np.float64]) -> float:
    """Return the mean of what is finite; NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
