"""Which rhythms a model finds along a recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.windows import window_starts
from heartkit.reports.rhythm import RhythmDemo, write_demo
from heartkit.tasks.base import Demonstration
from heartkit.tasks.shown import lead_facts, timed


def show(demonstration: Demonstration, report: Path, picture: Path) -> list[str]:
    """Classify one lead along the recording and write what was found.

    Parameters
    ----------
    demonstration : Demonstration
        The recording and the model.
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
    (starts, probabilities), seconds = timed(
        lambda: answer.probabilities(signal, first), lambda: answer.along(signal, answer.hop)
    )
    demo = RhythmDemo(
        **lead_facts(demonstration, seconds, len(starts)),
        edges=stretches(starts, answer.frame_size, len(signal)) / record.sampling_rate,
        probabilities=probabilities,
        reference=record.rhythms,
    )
    write_demo(demo, report, picture)
    order = np.argsort(-demo.shares, kind="stable")
    shares = ", ".join(f"{100 * demo.shares[at]:.0f} % {demo.class_names[at]}" for at in order if demo.shares[at] > 0)
    return [f"{record.duration:.1f} s of lead {demo.lead}: {shares}."]


def stretches(starts: NDArray[np.int64], frame_size: int, samples: int) -> NDArray[np.float64]:
    """Return the edges (frames + 1,) in samples of the stretches that frames speak for.

    Each frame speaks for what is nearer to its middle than to that of any other; the first and last ones reach to the
    ends of the recording.
    """
    middles = starts + frame_size / 2
    return np.concatenate(([0.0], (middles[:-1] + middles[1:]) / 2, [float(samples)]))
