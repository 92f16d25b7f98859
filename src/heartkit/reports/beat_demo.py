"""What a demo of beats shows: the class of each beat, the mean waveform of each class, and what was annotated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from heartkit.records.record import Beats
from heartkit.records.vocabulary import Beat
from heartkit.reports import words
from heartkit.reports.kinds import BEAT_WORDS, class_of, kind_name
from heartkit.reports.lead_demo import LeadDemo, speed
from heartkit.signal.hrv import RRIntervals

BEFORE, AFTER = 0.3, 0.5
"""Seconds of a template before and after the beat: from the P wave to the end of the T wave at usual rates."""

NO_CLASS = -1
"""Class of a beat that is too near an end of the recording for a frame around it."""


@dataclass(frozen=True)
class Template:
    """The mean waveform of the beats of a class.

    Parameters
    ----------
    number : int
        The class.
    beats : int
        How many there are, of those that lie wholly in the recording.
    time : (n,) array of float
        Seconds from the beat.
    mean, sd : (n,) arrays of float
        In the signal's unit; each beat's own mean is taken off first, so that baseline wander does not count.
    """

    number: int
    beats: int
    time: NDArray[np.float64]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class BeatDemo(LeadDemo):
    """One lead of a recording and the class that a model gives each of its beats.

    Parameters
    ----------
    times : (beats,) array of float
        Seconds, sorted.
    classes : (beats,) array of int
        `NO_CLASS` for beats that were not classified.
    probabilities : (beats, classes) array of float32
        0..1, summing to one; NaN for beats that were not classified.
    reference : Beats or None
        The same beats as they are annotated; None where they are not, and were found by the classical delineator.
    rr : RRIntervals or None
        None where there are fewer than two beats.
    """

    times: NDArray[np.float64]
    classes: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    reference: Beats | None
    rr: RRIntervals | None

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many beats are in each class."""
        return np.bincount(self.classes[self.classes >= 0], minlength=len(self.class_names))

    @property
    def rr_classes(self) -> NDArray[np.int64]:
        """The class of the beat that ends each RR interval."""
        ends = np.empty(0) if self.rr is None else self.rr.time
        return self.classes[np.searchsorted(self.times, ends)]

    @property
    def rate(self) -> float | None:
        """Mean heart rate in beats per minute over all intervals, ectopic ones included."""
        return 60 / float(self.rr.interval.mean()) if self.rr is not None and len(self.rr.interval) else None

    @property
    def reference_classes(self) -> NDArray[np.int64]:
        """The class named after each beat's annotated kind; empty where none are annotated."""
        kinds = [] if self.reference is None else self.reference.kind.tolist()
        return np.array([self.reference_class(kind) for kind in kinds], np.int64)

    def reference_class(self, kind: int) -> int:
        """Return the class that is named after an annotated kind, -1 where none is."""
        return class_of(kind, self.class_names, Beat, BEAT_WORDS)

    @cached_property
    def templates(self) -> list[Template]:
        """The mean waveform of each class that has beats."""
        before, after = (round(seconds * self.sampling_rate) for seconds in (BEFORE, AFTER))
        middle = np.rint(self.times * self.sampling_rate).astype(np.int64)
        whole = (middle >= before) & (middle + after < len(self.signal))
        offsets = np.arange(-before, after + 1)
        found = []
        for number in range(len(self.class_names)):
            chosen = middle[whole & (self.classes == number)]
            if not len(chosen):
                continue
            waves = self.signal[chosen[:, None] + offsets].astype(np.float64)
            waves -= waves.mean(axis=1, keepdims=True)
            waves = waves[~np.isnan(waves).any(axis=1)]
            if len(waves):
                time = offsets / self.sampling_rate
                found.append(Template(number, len(waves), time, waves.mean(axis=0), waves.std(axis=0)))
        return found


def key_numbers(demo: BeatDemo) -> dict[str, str]:
    """Return the few numbers that say most: beats, heart rate, how many of each class."""
    found = {"Beats": f"{len(demo.times):,}"}
    if demo.rate is not None:
        found["Heart rate"] = f"{demo.rate:.0f} bpm"
    found |= {name: f"{count:,}" for name, count in zip(demo.class_names, demo.counts, strict=True)}
    return found | speed(demo)


def class_rows(demo: BeatDemo) -> list[list[str]]:
    """Return, per class, its name, how many beats, their share, median RR interval before them, mean probability."""
    total = max(int(demo.counts.sum()), 1)
    rows = []
    for at, (name, count) in enumerate(zip(demo.class_names, demo.counts, strict=True)):
        before = demo.rr.interval[demo.rr_classes == at] if demo.rr is not None else np.empty(0)
        sure = demo.probabilities[demo.classes == at, at]
        rows.append([
            name, f"{count:,}", f"{100 * count / total:.1f} %",
            f"{1000 * np.median(before):.0f}" if len(before) else words.UNKNOWN,
            f"{sure.mean():.3f}" if len(sure) else words.UNKNOWN,
        ])  # fmt: skip
    return rows


def comparison_rows(demo: BeatDemo) -> list[list[str]]:
    """Return, per annotated kind, its name, how many beats were classified, and how many are in each class."""
    if demo.reference is None:
        return []
    rows = []
    for kind in np.unique(demo.reference.kind):
        found = demo.classes[(demo.reference.kind == kind) & (demo.classes >= 0)]
        counts = [f"{int((found == at).sum()):,}" for at in range(len(demo.class_names))]
        rows.append([kind_name(int(kind), Beat, BEAT_WORDS), f"{len(found):,}", *counts])
    return rows
