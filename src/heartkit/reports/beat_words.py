"""What reports call the marks of heartbeats: R peaks in an ECG, pulses in a PPG."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BeatWords:
    """Words for one kind of signal.

    Parameters
    ----------
    mark, marks : str
        What marks a beat, one and several.
    interval, intervals : str
        What lies between two of them, in the middle of a sentence.
    rate : str
        What their number in a minute is called, at the start of a sentence.
    variability : str
        What the variation of the intervals is called, likewise.
    """

    mark: str
    marks: str
    interval: str
    intervals: str
    rate: str
    variability: str


R_PEAKS = BeatWords("R peak", "R peaks", "RR interval", "RR intervals", "Heart rate", "Heart-rate variability")
PULSES = BeatWords("pulse", "pulses", "pulse interval", "pulse intervals", "Pulse rate", "Pulse-rate variability")
