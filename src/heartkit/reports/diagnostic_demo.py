"""What a demo of diagnoses shows: how probable each tag is along a recording, and what was stated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.records.vocabulary import Diagnosis
from heartkit.reports.kinds import class_of
from heartkit.reports.lead_demo import LeadDemo, speed

DIAGNOSIS_WORDS: dict[int, tuple[str, ...]] = {
    Diagnosis.NORM: ("normal ECG", "normal ecg", "normal"),
    Diagnosis.STTC: ("ST/T change", "st/t change"),
    Diagnosis.MI: ("myocardial infarction", "infarction"),
    Diagnosis.HYP: ("hypertrophy",),
    Diagnosis.CD: ("conduction disturbance",),
}
"""What each superclass is called in plain words: as it is shown, and as classes may be named, in small letters."""

HALF = 0.5
"""The threshold of a class for which none was chosen."""


@dataclass(frozen=True, kw_only=True)
class DiagnosticDemo(LeadDemo):
    """One lead of a recording and the tags that a model finds in it.

    Parameters
    ----------
    edges : (stretches + 1,) array of float
        Seconds; where one stretch ends and the next begins.
    probabilities : (stretches, classes) array of float32
        Of each stretch, 0..1, each class by itself.
    thresholds : (classes,) array of float
        From which probability on a class is found.
    chosen : bool
        Whether those were chosen on validation patients; else all are 0.5.
    stated : list of Diagnosis
        What the recording's statements say.
    annotated : bool
        Whether it has any statements.
    """

    edges: NDArray[np.float64]
    probabilities: NDArray[np.float32]
    thresholds: NDArray[np.float64]
    chosen: bool
    stated: list[Diagnosis]
    annotated: bool

    @property
    def mean(self) -> NDArray[np.float64]:
        """The mean probability of each class over all frames."""
        return np.asarray(self.probabilities.mean(axis=0, dtype=np.float64))

    @property
    def found(self) -> NDArray[np.bool_]:
        """Whether the mean probability of each class reaches its threshold."""
        return self.mean >= self.thresholds

    @property
    def is_stated(self) -> NDArray[np.bool_]:
        """Whether each class is named after a superclass that is stated."""
        named = {class_of(int(one), self.class_names, Diagnosis, DIAGNOSIS_WORDS) for one in self.stated}
        return np.array([at in named for at in range(len(self.class_names))])

    def spans(self, number: int) -> list[tuple[float, float]]:
        """Return the stretches (s) whose probability of a class reaches its threshold, adjacent ones as one."""
        reached = self.probabilities[:, number] >= self.thresholds[number]
        edges = np.flatnonzero(np.diff(np.concatenate(([0], reached, [0])).astype(np.int8))).reshape(-1, 2)
        return [(float(self.edges[first]), float(self.edges[last])) for first, last in edges]


def key_numbers(demo: DiagnosticDemo) -> dict[str, str]:
    """Return the few numbers that say most: the mean probability of each class."""
    return {name: f"{100 * mean:.0f} %" for name, mean in zip(demo.class_names, demo.mean, strict=True)} | speed(demo)


def class_rows(demo: DiagnosticDemo) -> Iterator[list[str]]:
    """Yield, per class, its name, whether it is found and stated, mean and range of its probability, threshold."""
    for at, name in enumerate(demo.class_names):
        one = demo.probabilities[:, at]
        stated = ("yes" if demo.is_stated[at] else "no") if demo.annotated else "not known"
        yield [
            name, "yes" if demo.found[at] else "no", stated, f"{demo.mean[at]:.3f}",
            f"{one.min():.3f}–{one.max():.3f}", f"{demo.thresholds[at]:.3f}",
        ]  # fmt: skip


def stated_words(demo: DiagnosticDemo) -> str:
    """Say in words what the recording's statements say."""
    if not demo.annotated:
        return "The recording has no diagnostic statements."
    if not demo.stated:
        return "None of the recording's statements belongs to a superclass."
    return f"Stated: {', '.join(DIAGNOSIS_WORDS[one][0] for one in sorted(demo.stated))}."


def threshold_words(demo: DiagnosticDemo) -> str:
    """Say where the thresholds are from."""
    if demo.chosen:
        return "Thresholds were chosen on the validation patients when the model was trained: those of the highest F1."
    return "No thresholds were kept with this model; all are 0.5."
