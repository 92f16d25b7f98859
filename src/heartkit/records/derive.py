"""Weak labels: annotations made from others by a named rule, for datasets of which a configuration asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from heartkit.errors import ConfigError
from heartkit.records.diagnosis_codes import stated_rhythm, whole_recording
from heartkit.records.leads import signal_kind
from heartkit.records.record import Record, Spans, Waves
from heartkit.records.vocabulary import Beat, Wave

HALF_QRS = 0.05
"""Seconds before and after a beat's mark that are taken for its QRS complex: a narrow one lasts 80 to 100 ms."""
DOUBT = 0.15
"""Seconds from the mark within which a wide complex may still be going on."""
LONGEST_GAP = 2.0
"""Seconds without a mark after which it is not taken for known that there was no beat, as in fibrillation."""


@dataclass(frozen=True)
class Derivation:
    """A rule.

    Parameters
    ----------
    needs, gives : str
        What a dataset must provide, and what it provides then.
    derive : callable
        ``derive(record)`` gives the record with the annotations made anew.
    blurs : tuple of Wave
        Kinds of wave that it does not tell from none: classes must not tell them apart either. Empty where it makes
        no waves.
    """

    needs: str
    gives: str
    derive: Callable[[Record], Record]
    blurs: tuple[Wave, ...] = ()


def qrs_from_beats(record: Record) -> Record:
    """Return a record whose waves are QRS complexes around the marks of its beats, on every ECG lead.

    What lies within `HALF_QRS` of a mark is QRS; what lies beyond `DOUBT` is none, as far as the next mark is no
    further than `LONGEST_GAP`; of the rest nothing is known. None means no QRS: P and T waves are not told from it.
    Around marks of what is no beat nothing is known.
    """
    order = np.argsort(record.beats.time, kind="stable")
    marks, real = record.beats.time[order], record.beats.kind[order] != Beat.NOISE
    peak = marks[real]
    onset, offset = np.maximum(peak - HALF_QRS, 0), np.minimum(peak + HALF_QRS, record.duration)
    start, stop = marks[:-1] + DOUBT, marks[1:] - DOUBT
    rest = (stop > start) & (np.diff(marks) <= LONGEST_GAP)
    starts, stops = np.concatenate([onset, start[rest]]), np.concatenate([offset, stop[rest]])
    leads = np.array([n for n, name in enumerate(record.leads) if signal_kind(name) == "ecg"], np.int16)
    onsets, peaks, offsets = (np.tile(times, len(leads)) for times in (onset, peak, offset))
    kinds = np.full(len(peak) * len(leads), Wave.QRS, np.int8)
    return replace(
        record,
        waves=Waves(kinds, onsets, peaks, offsets, leads.repeat(len(peak))),
        annotated=Spans(leads.repeat(len(starts)), np.tile(starts, len(leads)), np.tile(stops, len(leads))),
    )


def rhythm_from_diagnoses(record: Record) -> Record:
    """Return a record of which the one rhythm that its diagnoses state lasts from beginning to end.

    Where they state none, or several, nothing is known of its rhythm.
    """
    return replace(record, rhythms=whole_recording(stated_rhythm(record.diagnoses), record.duration))


DERIVATIONS = {
    "qrs-from-beats": Derivation("beats", "waves", qrs_from_beats, (Wave.P, Wave.T, Wave.U)),
    "rhythm-from-diagnoses": Derivation("diagnoses", "rhythms", rhythm_from_diagnoses),
}
"""Name in a dataset's ``params.derive`` -> rule."""


def require_blurred(
    rules: Sequence[str], class_map: Mapping[int, int], dataset: str, vocabulary: type[IntEnum] | None = Wave
) -> None:
    """Raise `ConfigError` if classes tell apart what weak labels do not.

    Parameters
    ----------
    rules : sequence of str
        Names of `DERIVATIONS` that a dataset uses.
    class_map : mapping of int to int
        Numbers of the vocabulary -> class; -1 is left out.
    dataset : str
        Its name, for the message.
    vocabulary : type of IntEnum or None
        Whose numbers; rules that blur another vocabulary have nothing to say.
    """
    for name in (name for name in rules if any(type(one) is vocabulary for one in DERIVATIONS[name].blurs)):
        told = {class_map[kind] for kind in (Wave.NONE, *DERIVATIONS[name].blurs) if class_map.get(kind, -1) >= 0}
        if len(told) > 1:
            kinds = ", ".join(kind.name for kind in DERIVATIONS[name].blurs)
            raise ConfigError(
                f"The weak labels {name!r} of dataset {dataset!r} do not tell {kinds} from no wave, but class_map "
                f"does. Send them to the same class, e.g. {{0: 0, 1: 0, 2: 1, 3: 0}}, or leave 'derive' out."
            )
