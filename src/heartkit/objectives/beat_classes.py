"""What the classes of a configuration are in the words of ANSI/AAMI EC57, and which of its tables they can fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.metrics.ec57 import CLASSES, ECTOPIC_SCORES, NOT_A_BEAT
from heartkit.objectives.labels import to_classes
from heartkit.records.codes import AAMI
from heartkit.records.record import Spans
from heartkit.records.vocabulary import Beat, Rhythm

EC57_CLASS = {int(Beat.NOISE): NOT_A_BEAT, **{int(kind): CLASSES.index(name) for kind, name in AAMI.items()}}
"""Kind of beat -> its number in `heartkit.metrics.ec57.CLASSES`."""

FIBRILLATION = (Rhythm.VFIB, Rhythm.VFLUT)
"""Ventricular flutter and fibrillation, in which EC57 scores no beats."""

ECTOPIC = {"veb": "V", "sveb": "S"}
"""EC57's tables of ectopic beats, and the class that each is about."""

_DECIDE = "NSV"
"""A class that holds one of these is that one: EC57 asks nobody to find the beats of F and Q."""


@dataclass(frozen=True)
class BeatClasses:
    """The classes of a configuration as EC57 sees them.

    Parameters
    ----------
    codes : (classes,) array of int
        For each class its number in `heartkit.metrics.ec57.CLASSES`, `NOT_A_BEAT` for one of artefacts only.
    scores : tuple of str
        Names of those scores that mean something.
    missing : dict of str to str
        Table that the classes cannot fill -> why.
    """

    codes: NDArray[np.int64]
    scores: tuple[str, ...]
    missing: dict[str, str]


def ec57_kinds(kinds: NDArray[np.integer]) -> NDArray[np.int8]:
    """Return the number in `CLASSES` of each annotated kind, `NOT_A_BEAT` for what is none."""
    return to_classes(kinds, EC57_CLASS)


def fibrillation(rhythms: Spans) -> NDArray[np.float64]:
    """Return starts and stops (n, 2) in seconds of ventricular flutter and fibrillation."""
    chosen = np.isin(rhythms.kind, FIBRILLATION)
    return np.stack([rhythms.start[chosen], rhythms.stop[chosen]], axis=1)


def ec57_classes(class_map: Mapping[int, int], names: Sequence[str]) -> BeatClasses:
    """Return what the classes of a configuration are in EC57.

    Parameters
    ----------
    class_map : mapping of int to int
        Numbers of `heartkit.records.vocabulary.Beat` -> classes.
    names : sequence of str
        Names of the classes.
    """
    held = ["".join(AAMI[one] for one in AAMI if class_map.get(int(one)) == at) for at in range(len(names))]
    deciding = ["".join(letter for letter in _DECIDE if letter in letters) for letters in held]
    codes = [
        CLASSES.index((first or letters[::-1])[0]) if letters else NOT_A_BEAT
        for first, letters in zip(deciding, held, strict=True)
    ]
    missing: dict[str, str] = {}
    for table, letter in ECTOPIC.items():
        mixed = [name for name, letters in zip(names, deciding, strict=True) if letter in letters and len(letters) > 1]
        if mixed:
            missing[table] = f"class {mixed[0]!r} holds other beats than {letter} too, so they cannot be told apart"
        elif letter not in deciding:
            missing[table] = f"no class holds the beats of {letter}"
    scores = tuple(f"{table}_{score}" for table in ECTOPIC if table not in missing for score in ECTOPIC_SCORES)
    return BeatClasses(np.array(codes, np.int64), scores, missing)
