"""What a demo of rhythms shows: how probable each class is along a recording, and what was annotated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.records.record import Spans
from heartkit.records.vocabulary import Rhythm
from heartkit.reports import words
from heartkit.reports.kinds import RHYTHM_WORDS, class_of, kind_name
from heartkit.reports.lead_demo import LeadDemo, speed


@dataclass(frozen=True, kw_only=True)
class RhythmDemo(LeadDemo):
    """One lead of a recording and the rhythms that a model found in it.

    Parameters
    ----------
    edges : (stretches + 1,) array of float
        Seconds; where one stretch ends and the next begins.
    probabilities : (stretches, classes) array of float32
        Of each stretch, 0..1, summing to one.
    reference : Spans
        Annotated rhythms; empty where the recording has none.
    """

    edges: NDArray[np.float64]
    probabilities: NDArray[np.float32]
    reference: Spans

    @property
    def chosen(self) -> NDArray[np.intp]:
        """The most probable class of each stretch."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @property
    def seconds(self) -> NDArray[np.float64]:
        """How long the recording is in each class, (classes,)."""
        return np.bincount(self.chosen, np.diff(self.edges), len(self.class_names)).astype(np.float64)

    @property
    def shares(self) -> NDArray[np.float64]:
        """Which part of the recording is in each class, (classes,), 0..1."""
        return np.asarray(self.seconds / (self.edges[-1] - self.edges[0]))

    def runs(self) -> list[tuple[int, float, float]]:
        """Return what follows one another: class, start and stop in seconds."""
        chosen = self.chosen
        first = np.flatnonzero(np.diff(chosen, prepend=-1))
        stops = np.append(self.edges[first[1:]], self.edges[-1])
        return [(int(chosen[at]), float(self.edges[at]), float(stop)) for at, stop in zip(first, stops, strict=True)]

    def reference_class(self, kind: int) -> int:
        """Return the class that is named after an annotated rhythm, -1 where none is."""
        return class_of(kind, self.class_names, Rhythm, RHYTHM_WORDS)


def key_numbers(demo: RhythmDemo) -> dict[str, str]:
    """Return the few numbers that say most: the part of the recording in each class that occurs."""
    order = np.argsort(-demo.shares, kind="stable")
    found = {demo.class_names[at]: f"{100 * demo.shares[at]:.0f} %" for at in order if demo.shares[at] > 0}
    return found | speed(demo)


def class_rows(demo: RhythmDemo) -> list[list[str]]:
    """Return, per class, its name, its part of the recording, how long, in how many runs, its mean probability."""
    runs = np.bincount([number for number, _, _ in demo.runs()], minlength=len(demo.class_names))
    mean = np.average(demo.probabilities, axis=0, weights=np.diff(demo.edges))
    return [
        [name, f"{100 * demo.shares[at]:.1f} %", words.seconds(demo.seconds[at]), f"{runs[at]:,}", f"{mean[at]:.3f}"]
        for at, name in enumerate(demo.class_names)
    ]


def comparison_rows(demo: RhythmDemo) -> list[list[str]]:
    """Return, per annotated rhythm, its name, how long it lasts, and which part of that is in each class."""
    rows = []
    for kind in np.unique(demo.reference.kind):
        chosen = demo.reference.kind == kind
        seconds = _overlap(demo, demo.reference.start[chosen], demo.reference.stop[chosen])
        total = float((demo.reference.stop - demo.reference.start)[chosen].sum())
        shares = [f"{100 * one / total:.1f} %" if total else words.UNKNOWN for one in seconds]
        rows.append([kind_name(int(kind), Rhythm, RHYTHM_WORDS), words.seconds(total), *shares])
    return rows


def _overlap(demo: RhythmDemo, start: NDArray[np.float64], stop: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many seconds of some spans are in each class."""
    total = np.zeros(len(demo.class_names))
    for number, begin, end in demo.runs():
        total[number] += np.clip(np.minimum(stop, end) - np.maximum(start, begin), 0, None).sum()
    return total
