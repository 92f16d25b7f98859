"""What a segmentation model finds in a whole recording: waves, R peaks or pulses, rate and its variability."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.windows import window_starts
from heartkit.objectives.waves import beat_wave, decode_waves
from heartkit.records.leads import signal_kind
from heartkit.records.record import Waves
from heartkit.records.vocabulary import Wave
from heartkit.reports.beat_words import PULSES, R_PEAKS
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
    frames = len(window_starts(len(signal), answer.frame_size, answer.hop))
    waves = decode_waves(probabilities, signal, rate, answer.kinds, lead)
    said = PULSES if signal_kind(record.leads[lead]) == "ppg" else R_PEAKS
    beats = beat_times(signal, rate, waves)
    rr = rr_intervals(beats) if len(beats) > 1 else None
    measures = hrv(rr) if rr is not None else None
    write_demo(
        SegmentationDemo(
            **lead_facts(demonstration, seconds, frames),
            probabilities=probabilities,
            waves=waves,
            reference=record.waves.on_lead(lead),
            beats=beats,
            rr=rr,
            hrv=measures,
            class_kinds=answer.kinds,
            said=said,
        ),
        report,
        picture,
    )
    counts = ", ".join(f"{len(waves.of_kind(kind))} {kind.name}" for kind in answer.kinds.values())
    rated = f"{said.rate.lower()} {measures.rate_mean:.0f} per minute" if measures and measures.rate_mean else ""
    return [
        f"{record.duration:.1f} s of lead {record.leads[lead]}: {counts or 'no delineated classes'}; "
        f"{rated or f'no {said.rate.lower()}'}."
    ]


def beat_times(signal: NDArray[np.float32], rate: float, waves: Waves) -> NDArray[np.float64]:
    """Return when the heart beats (s): at the R peaks of QRS complexes, else at the peaks of pulses.

    Parameters
    ----------
    signal : (samples,) array of float32
        One lead.
    rate : float
        Hz.
    waves : Waves
        Found in it.
    """
    kind = beat_wave(np.unique(waves.kind).tolist())
    if kind is None:
        return np.empty(0)
    found = waves.of_kind(kind)
    return r_peaks(signal, rate, found.onset, found.offset) if kind == Wave.QRS else found.peak
