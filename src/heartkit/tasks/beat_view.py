"""Which kinds of beats a model finds in a recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from heartkit.baselines.delineator import delineate
from heartkit.frames.beat_frames import real_beats
from heartkit.frames.windows import require_length
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
    require_length(len(signal), answer.frame_size)
    beats, annotated = _beats(record, signal)
    whole = answer.whole(signal, beats.time)
    probabilities = np.full((len(beats), len(demonstration.class_names)), np.nan, np.float32)
    seconds = 0.0
    if whole.any():
        some = np.flatnonzero(whole)[:1]
        one = Beats(beats.time[some], beats.kind[some])
        probabilities, seconds = timed(
            lambda: answer.probabilities(signal, one), lambda: answer.probabilities(signal, beats)
        )
    demo = BeatDemo(
        **lead_facts(demonstration, seconds, int(whole.sum())),
        times=beats.time,
        classes=np.where(whole, np.nan_to_num(probabilities).argmax(axis=1), NO_CLASS),
        probabilities=probabilities,
        reference=beats if annotated else None,
        rr=_intervals(beats),
    )
    write_demo(demo, report, picture)
    counts = ", ".join(f"{count} {name}" for name, count in zip(demo.class_names, demo.counts, strict=True))
    rate = f"{demo.rate:.0f} beats per minute" if demo.rate is not None else "no heart rate"
    return [f"{record.duration:.1f} s of lead {demo.lead}: {counts}; {rate}."]


def _beats(record: Record, signal: NDArray[np.float32]) -> tuple[Beats, bool]:
    """Return the beats in time, and whether they are annotated; those that are found are of no known kind."""
    if len(record.beats):
        order = np.argsort(record.beats.time, kind="stable")
        return Beats(record.beats.time[order], record.beats.kind[order]), True
    times = delineate(signal, record.sampling_rate)["QRS"][:, 1]
    return Beats(times, np.full(len(times), Beat.UNCLASSIFIED, np.int8)), False


def _intervals(beats: Beats) -> RRIntervals | None:
    """Return the intervals between beats; what is annotated as noise is none."""
    real = real_beats(beats)
    return rr_intervals(real) if len(real) > 1 else None
