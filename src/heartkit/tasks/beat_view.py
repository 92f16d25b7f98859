"""Which kinds of beats a model finds in a recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from heartkit.baselines.delineator import delineate
from heartkit.frames.framing import frames_around
from heartkit.frames.windows import window_starts
from heartkit.records.record import Beats, Record
from heartkit.records.vocabulary import Beat
from heartkit.reports.beat import NO_CLASS, BeatDemo, write_demo
from heartkit.signal.hrv import RRIntervals, rr_intervals
from heartkit.tasks.base import Demonstration
from heartkit.tasks.shown import lead_facts, timed


def show(demonstration: Demonstration, report: Path, picture: Path) -> list[str]:
    """Classify the beats of one lead and write what was found.

    Parameters
    ----------
    demonstration : Demonstration
        The recording and the model. Its beats are those that are annotated, else the R peaks that the classical
        delineator finds.
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
    record, answer = demonstration.record, demonstration.answer
    signal = np.asarray(record.signals[demonstration.lead])
    first = window_starts(len(signal), answer.frame_size, answer.frame_size)[:1]
    times, reference = _beats(record, signal)
    starts, whole = frames_around(times, record.sampling_rate, answer.frame_size, len(signal))
    probabilities = np.full((len(times), len(demonstration.class_names)), np.nan, np.float32)
    seconds = 0.0
    if whole.any():
        probabilities[whole], seconds = timed(
            lambda: answer.probabilities(signal, first), lambda: answer.probabilities(signal, starts[whole])
        )
    demo = BeatDemo(
        **lead_facts(demonstration, seconds, int(whole.sum())),
        times=times,
        classes=np.where(whole, np.nan_to_num(probabilities).argmax(axis=1), NO_CLASS),
        probabilities=probabilities,
        reference=reference,
        rr=_intervals(times, reference),
    )
    write_demo(demo, report, picture)
    counts = ", ".join(f"{count} {name}" for name, count in zip(demo.class_names, demo.counts, strict=True))
    rate = f"{demo.rate:.0f} beats per minute" if demo.rate is not None else "no heart rate"
    return [f"{record.duration:.1f} s of lead {demo.lead}: {counts}; {rate}."]


def _beats(record: Record, signal: NDArray[np.float32]) -> tuple[NDArray[np.float64], Beats | None]:
    """Return the times of the beats, and their annotation where they have one."""
    if len(record.beats):
        order = np.argsort(record.beats.time, kind="stable")
        annotated = Beats(record.beats.time[order], record.beats.kind[order])
        return annotated.time, annotated
    return delineate(signal, record.sampling_rate)["QRS"][:, 1], None


def _intervals(times: NDArray[np.float64], reference: Beats | None) -> RRIntervals | None:
    """Return the intervals between beats; what is annotated as noise is none."""
    real = times if reference is None else times[reference.kind != Beat.NOISE]
    return rr_intervals(real) if len(real) > 1 else None
