"""Onset, peak and end marks as the QT Database has them: which waves they tell of, and which stretches they cover."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from heartkit.datasets.wfdb_beats import Marks
from heartkit.records.codes import BEATS
from heartkit.records.record import Waves
from heartkit.records.vocabulary import Beat, Wave

Stretch = tuple[float, float]

# A biphasic T wave has two peak marks.
_WAVE = re.compile(r"\(?(?:p+|N+|t+|u+)\)?|\(|\)")
_KINDS = {"p": Wave.P, "N": Wave.QRS, "t": Wave.T, "u": Wave.U}
_BRACKETS = (Wave.P, Wave.QRS, Wave.T, Wave.U)
"""What the number of a bracket says it belongs to."""
_FOLLOWS = {(Wave.P, Wave.QRS), (Wave.QRS, Wave.T), (Wave.T, Wave.U)}
_NEXT_BEAT = {(Wave.T, Wave.P), (Wave.U, Wave.P)}


class WaveMark(NamedTuple):
    """One wave as it is marked.

    Parameters
    ----------
    kind : Wave
        Which wave; `Wave.NONE` for a bracket that stands alone.
    onset, peak, offset : float
        Seconds; NaN where there is no mark.
    """

    kind: Wave
    onset: float
    peak: float
    offset: float

    @property
    def complete(self) -> bool:
        """Say whether onset, peak and end are marked, in this order."""
        return self.onset <= self.peak <= self.offset


def wave_marks(marks: Marks) -> list[WaveMark]:
    """Put brackets and peaks together.

    A bracket belongs to the peak beside it if its number says so. Of several peaks of one wave the first counts.
    """
    letters = [_letter(symbol) for symbol in marks.symbol]
    at = [number for number, letter in enumerate(letters) if letter]
    return [
        _wave(marks, at[found.start() : found.end()], found[0])
        for found in _WAVE.finditer("".join(letter for letter in letters if letter))
    ]


def complete_waves(waves: Sequence[WaveMark], lead: int) -> Waves:
    """Return the complete ones among `waves`, as waves of `lead`."""
    whole = [wave for wave in waves if wave.complete]
    kind, onset, peak, offset = np.array(whole, np.float64).reshape(-1, 4).T
    return Waves(kind.astype(np.int8), onset, peak, offset, np.full(len(whole), lead, np.int16))


def marked_stretches(waves: Sequence[WaveMark]) -> list[Stretch]:
    """Return the stretches that an annotator covers who goes through a whole recording, (start, stop) in seconds.

    A wave of which only a part is marked ends a stretch, and the next complete wave begins one: how long the wave in
    between lasts is not known.
    """
    runs: list[list[WaveMark]] = [[]]
    for wave in waves:
        if wave.complete:
            runs[-1].append(wave)
        else:
            runs.append([])
    return [(run[0].onset, run[-1].offset) for run in runs if run]


def manual_stretches(waves: Sequence[WaveMark], witnesses: Sequence[NDArray[np.float64]]) -> list[Stretch]:
    """Return the stretches that an annotator covers who marks single beats, (start, stop) in seconds.

    What lies between two marked waves is known only if they follow each other with nothing unmarked in between: P and
    QRS, QRS and T, T and U of a beat, and the last wave of a beat and the P wave of the very next. An unmarked P or T
    wave may be absent, hidden in another wave, or left out: its place is not known. Where a T or U wave has an end but
    no onset, as with half of the T waves, it is its onset that is not known: the stretch goes on at its end.

    Parameters
    ----------
    waves : sequence of WaveMark
        In the order of time.
    witnesses : sequence of (n,) arrays of float
        Where annotators who went through the whole recording see beats (s). Without any it is not known whether two
        marked beats follow each other.
    """
    beats = np.concatenate([np.empty(0), *witnesses])
    stretches: list[Stretch] = []
    last: WaveMark | None = None
    for wave in waves:
        if wave.complete and last is not None and _follows(last, wave, beats):
            stretches[-1] = (stretches[-1][0], wave.offset)
        elif wave.complete:
            stretches.append((wave.onset, wave.offset))
        elif isfinite(wave.offset):
            stretches.append((wave.offset, wave.offset))
        last = wave
    return [(start, stop) for start, stop in stretches if stop > start]


def _follows(last: WaveMark, wave: WaveMark, beats: NDArray[np.float64]) -> bool:
    """Say whether nothing is unmarked between the end of one wave and the onset of another."""
    if not last.offset <= wave.onset:
        return False
    if (last.kind, wave.kind) in _FOLLOWS:
        return True
    between = (beats > last.offset) & (beats < wave.onset)
    return (last.kind, wave.kind) in _NEXT_BEAT and beats.size > 0 and not between.any()


def _wave(marks: Marks, at: list[int], text: str) -> WaveMark:
    """Return the wave of the marks at `at`, whose letters are `text`."""
    letters = text.strip("()")
    if not letters:
        return WaveMark(Wave.NONE, nan, nan, nan)
    kind = _KINDS[letters[0]]
    onset, offset = (
        float(marks.time[number]) if symbol == bracket and _owner(marks, number) == kind else nan
        for number, symbol, bracket in ((at[0], text[0], "("), (at[-1], text[-1], ")"))
    )
    return WaveMark(kind, onset, float(marks.time[at[text.index(letters[0])]]), offset)


def _owner(marks: Marks, bracket: int) -> Wave:
    """Return which wave a bracket belongs to."""
    number = int(marks.number[bracket])
    return _BRACKETS[number] if 0 <= number < len(_BRACKETS) else Wave.NONE


def _letter(symbol: str) -> str:
    """Return the letter that stands for a mark: all beats are ``N``; empty for what is no wave."""
    if symbol in "()ptu":
        return symbol
    return "N" if BEATS.get(symbol, Beat.NOISE) != Beat.NOISE else ""
