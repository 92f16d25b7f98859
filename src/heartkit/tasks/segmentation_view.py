"""What a segmentation model finds in a whole recording: waves, R peaks, rate and its variability."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from heartkit.frames.windows import window_starts
from heartkit.objectives.waves import decode_waves
from heartkit.records.vocabulary import Wave
from heartkit.reports.segmentation import SegmentationDemo, write_demo
from heartkit.signal.hrv import hrv, rr_intervals
from heartkit.signal.peaks import r_peaks
from heartkit.tasks.base import Demonstration
from heartkit.tasks.shown import lead_facts, timed


def show(demonstration: Demonstration, report: Path, picture: Path) -> list[str]:
    """Segment one lead and write what was found.

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
    """
    record, lead, answer = demonstration.record, demonstration.lead, demonstration.answer
    signal, rate = np.asarray(record.signals[lead]), record.sampling_rate
    first = signal[: answer.frame_size]
    probabilities, seconds = timed(lambda: answer.probabilities(first), lambda: answer.probabilities(signal))
    frames = len(window_starts(len(signal), answer.frame_size, answer.frame_size // 2))
    waves = decode_waves(probabilities, signal, rate, answer.kinds, lead)
    qrs = waves.of_kind(Wave.QRS)
    peaks = r_peaks(signal, rate, qrs.onset, qrs.offset)
    rr = rr_intervals(peaks) if len(peaks) > 1 else None
    measures = hrv(rr) if rr is not None else None
    write_demo(
        SegmentationDemo(
            **lead_facts(demonstration, seconds, frames),
            probabilities=probabilities,
            waves=waves,
            reference=record.waves.on_lead(lead),
            r_peaks=peaks,
            rr=rr,
            hrv=measures,
            class_kinds=answer.kinds,
        ),
        report,
        picture,
    )
    counts = ", ".join(f"{len(waves.of_kind(kind))} {kind.name}" for kind in answer.kinds.values())
    beat = f"{measures.rate_mean:.0f} beats per minute" if measures and measures.rate_mean else "no heart rate"
    return [f"{record.duration:.1f} s of lead {record.leads[lead]}: {counts or 'no delineated classes'}; {beat}."]
