"""Which diagnoses a model finds in a recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from heartkit.frames.windows import window_starts
from heartkit.records.diagnosis_codes import superclasses
from heartkit.reports.diagnostic import DiagnosticDemo, write_demo
from heartkit.reports.diagnostic_demo import HALF
from heartkit.tasks.base import Demonstration
from heartkit.tasks.rhythm_view import stretches
from heartkit.tasks.shown import lead_facts, timed

WARM_UP = 256
"""Frames that the model answers before its time is taken: Keras sets itself up for every new number of frames."""


def show(demonstration: Demonstration, report: Path, picture: Path) -> list[str]:
    """Judge one lead along the recording and write what was found.

    Parameters
    ----------
    demonstration : Demonstration
        The recording, the model, and the thresholds that were kept with it.
    report, picture : Path
        HTML page and PNG to write.

    Returns
    -------
    list of str
        What to say on the console.

    Raises
    ------
    DataError
        If the recording is shorter than a frame.
    """
    record, answer, names = demonstration.record, demonstration.answer, demonstration.class_names
    signal = np.asarray(record.signals[demonstration.lead])
    starts = window_starts(len(signal), answer.frame_size, answer.hop)
    probabilities, seconds = timed(
        lambda: answer.probabilities(signal, starts[:WARM_UP]), lambda: answer.probabilities(signal, starts)
    )
    demo = DiagnosticDemo(
        **lead_facts(demonstration, seconds, len(starts)),
        edges=stretches(starts, answer.frame_size, len(signal)) / record.sampling_rate,
        probabilities=probabilities,
        thresholds=np.array([demonstration.thresholds.get(name, HALF) for name in names]),
        chosen=any(name in demonstration.thresholds for name in names),
        stated=sorted(superclasses(record.diagnoses)),
        annotated=bool(record.diagnoses),
    )
    write_demo(demo, report, picture)
    order = np.argsort(-demo.mean, kind="stable")
    said = ", ".join(f"{names[at]} {100 * demo.mean[at]:.0f} %{' (found)' if demo.found[at] else ''}" for at in order)
    return [f"{record.duration:.1f} s of lead {demo.lead}: {said}."]
