"""What a demo of wave segmentation shows: a recording, what was found in it, and what was annotated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from heartkit.records.record import Waves
from heartkit.records.vocabulary import Wave
from heartkit.reports import words
from heartkit.reports.beat_words import R_PEAKS, BeatWords
from heartkit.reports.lead_demo import LeadDemo, speed
from heartkit.reports.style import GREY, ORANGE, SKY, WAVE_COLOURS, YELLOW
from heartkit.signal.hrv import Hrv, RRIntervals

NOTHING = "#D0D0D0"
"""Colour of what is no wave."""


@dataclass(frozen=True, kw_only=True)
class SegmentationDemo(LeadDemo):
    """One lead of a recording and what a model found in it.

    Parameters
    ----------
    probabilities : (samples, classes) array of float32
        0..1, summing to one.
    waves : Waves
        Found by the model, all of this lead.
    reference : Waves
        Annotated, all of this lead; empty where the recording has none.
    beats : (n,) array of float
        Seconds, of the R peaks or pulses.
    rr : RRIntervals or None
        None where there are too few of them.
    hrv : Hrv or None
        None where there are too few of them.
    class_kinds : mapping of int to Wave
        Which wave each class stands for, of those that stand for one: it has the wave's colour. Classes that are not
        there are known by their name.
    said : BeatWords
        What beats are called in this signal.
    """

    probabilities: NDArray[np.float32]
    waves: Waves
    reference: Waves
    beats: NDArray[np.float64]
    rr: RRIntervals | None
    hrv: Hrv | None
    class_kinds: Mapping[int, Wave] = field(default_factory=dict)
    said: BeatWords = R_PEAKS

    @property
    def kinds(self) -> list[Wave]:
        """The kinds of wave that are found or annotated, in the vocabulary's order."""
        there = np.union1d(self.waves.kind, self.reference.kind)
        return [Wave(int(kind)) for kind in there if kind != Wave.NONE]


def key_numbers(demo: SegmentationDemo) -> dict[str, str]:
    """Return the few numbers that say most: rate, variability, how many waves of each kind."""
    marks = demo.said.marks
    found = {marks[0].upper() + marks[1:]: f"{len(demo.beats):,}"}
    if demo.hrv is not None:
        known = {
            demo.said.rate: (demo.hrv.rate_mean, "bpm"),
            "SDNN": (demo.hrv.sdnn, "ms"),
            "RMSSD": (demo.hrv.rmssd, "ms"),
        }
        found |= {name: f"{value:.1f} {unit}" for name, (value, unit) in known.items() if value is not None}
    found |= {f"{kind.name} found": f"{len(demo.waves.of_kind(kind)):,}" for kind in demo.kinds}
    return found | speed(demo)


def wave_rows(demo: SegmentationDemo) -> list[list[str]]:
    """Return, per kind of wave, its name, how many were found and annotated, and the median durations in ms."""
    rows = []
    for kind in demo.kinds:
        found, known = demo.waves.of_kind(kind), demo.reference.of_kind(kind)
        counts = [f"{len(found):,}", f"{len(known):,}"]
        rows.append([kind.name, *counts, _median_duration(found), _median_duration(known)])
    return rows


def class_colours(names: Sequence[str], kinds: Mapping[int, Wave]) -> list[str]:
    """Return a colour for each class: its wave's, pale grey for what is no wave, else one that no wave has."""
    spare = iter((ORANGE, SKY, YELLOW))
    known = {"NONE": NOTHING, **WAVE_COLOURS}
    words_for = [kinds[number].name if number in kinds else name.upper() for number, name in enumerate(names)]
    return [known[word] if word in known else next(spare, GREY) for word in words_for]


def _median_duration(waves: Waves) -> str:
    return f"{1000 * float(np.median(waves.offset - waves.onset)):.0f}" if len(waves) else words.UNKNOWN
