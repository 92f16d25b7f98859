"""What the kinds of rhythms and beats are called, and which of a configuration's classes stands for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

from heartkit.records.vocabulary import Beat, Rhythm
from heartkit.reports.charts import SOFT
from heartkit.reports.style import GREY, colour_cycle

RHYTHM_WORDS: Mapping[int, tuple[str, ...]] = {
    Rhythm.SR: ("sinus rhythm", "normal", "normal sinus rhythm"),
    Rhythm.SBRAD: ("sinus bradycardia", "bradycardia"),
    Rhythm.STACH: ("sinus tachycardia", "tachycardia"),
    Rhythm.SARRH: ("sinus arrhythmia",),
    Rhythm.SVARR: ("supraventricular arrhythmia",),
    Rhythm.SVT: ("supraventricular tachycardia",),
    Rhythm.VTACH: ("ventricular tachycardia", "vt"),
    Rhythm.AFIB: ("atrial fibrillation", "af"),
    Rhythm.AFLUT: ("atrial flutter", "afl"),
    Rhythm.VFIB: ("ventricular fibrillation", "vf"),
    Rhythm.VFLUT: ("ventricular flutter",),
    Rhythm.BIGU: ("bigeminy",),
    Rhythm.TRIGU: ("trigeminy",),
    Rhythm.PACE: ("paced rhythm", "paced"),
    Rhythm.OTHER: ("other rhythm", "other"),
    Rhythm.NOISE: ("noise",),
}
"""What each rhythm is called in plain words, the usual one first."""

BEAT_WORDS: Mapping[int, tuple[str, ...]] = {
    Beat.NORMAL: ("normal beat", "normal", "n"),
    Beat.PAC: ("supraventricular ectopic beat", "supraventricular", "sveb", "s"),
    Beat.PVC: ("ventricular ectopic beat", "ventricular", "veb", "v"),
    Beat.NOISE: ("noise",),
    Beat.FUSION: ("fusion beat", "fusion", "f"),
    Beat.UNCLASSIFIED: ("unclassified beat", "unclassified", "unknown", "q"),
}
"""What each kind of beat is called in plain words and in ANSI/AAMI EC57, the usual one first."""


def kind_name(kind: int, vocabulary: type[IntEnum], words: Mapping[int, tuple[str, ...]]) -> str:
    """Return a kind in words."""
    return words[kind][0] if kind in words else vocabulary(kind).name


def class_of(kind: int, names: Sequence[str], vocabulary: type[IntEnum], words: Mapping[int, tuple[str, ...]]) -> int:
    """Return the class that is named after a kind, e.g. 1 for AFIB among ``["normal", "AFIB+AFLUT"]``.

    Parameters
    ----------
    kind : int
        Of `vocabulary`.
    names : sequence of str
        Names of the classes; ``+`` parts the kinds of one.
    vocabulary, words
        The kinds, and what else they are called.

    Returns
    -------
    int
        -1 where no class has one of its names.
    """
    called = {vocabulary(kind).name.casefold(), *words.get(kind, ())}
    for number, name in enumerate(names):
        if called & {part.strip().casefold() for part in name.split("+")}:
            return number
    return -1


def class_colours(count: int) -> list[str]:
    """Return a colour for each of so many classes; after the seventh they come again."""
    cycle = colour_cycle()
    return [cycle[number % len(cycle)] for number in range(count)]


def chart_colour(number: int) -> str:
    """Return the colour of a class on a page, a soft one for -1: what is in no class."""
    return SOFT if number < 0 else class_colours(number + 1)[number]


def picture_colour(number: int) -> str:
    """Return the colour of a class in a picture, grey for -1: what is in no class."""
    return GREY if number < 0 else class_colours(number + 1)[number]
