"""Whole recordings, lead by lead: what a model or a classical method finds, scored against the annotators."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.baselines.delineator import delineate, find_r_peaks
from heartkit.baselines.pulses import delineate_pulses
from heartkit.frames.prepared import Prepared
from heartkit.frames.windows import predict_recording
from heartkit.metrics.classification import classification_report, confusion_matrix
from heartkit.metrics.delineation import COLUMNS, FIDUCIALS, delineation_report, delineation_table
from heartkit.objectives.base import Scoring
from heartkit.objectives.labels import LEFT_OUT, to_classes
from heartkit.objectives.probabilities import to_probabilities
from heartkit.objectives.waves import PULSE, decode_waves, wave_classes
from heartkit.objectives.whole_leads import WholeLeads
from heartkit.records.record import ALL_LEADS, Waves, annotated_everywhere
from heartkit.records.store import Store
from heartkit.records.vocabulary import Wave
from heartkit.records.wave_track import wave_track
from heartkit.signal.resample import resample

Batch = Callable[[NDArray[np.float32]], NDArray[np.float32]]
Answer = Callable[[NDArray[np.float32], int], tuple[NDArray[np.int8], Waves]]
"""``answer(signal (samples,), lead)`` gives the class of each sample and the waves."""

DELINEATOR_RATE = 500.0
"""Hz at which the classical delineator works best; recordings of lower rates are brought to it."""


@dataclass(frozen=True)
class ModelAnswer(WholeLeads):
    """What a model says about one lead.

    Parameters
    ----------
    kinds : mapping of int to Wave
        Class -> wave, see `wave_classes`.
    """

    kinds: Mapping[int, Wave]

    @property
    def reads(self) -> str:
        """Return the kind of signal that the model is for, as `heartkit.records.leads.signal_kind` says it."""
        return "ppg" if any(kind in PULSE for kind in self.kinds.values()) else "ecg"

    def probabilities(self, signal: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (samples, classes): the averaged probabilities of overlapping windows."""
        return predict_recording(
            signal[:, None], self.frame_size, self.preprocess, lambda frames: to_probabilities(self.predict(frames)),
            self.overlap,
        )  # fmt: skip

    def __call__(self, signal: NDArray[np.float32], lead: int) -> tuple[NDArray[np.int8], Waves]:
        """Return the class of each sample, and the waves."""
        probabilities = self.probabilities(signal)
        waves = decode_waves(probabilities, signal, self.rate, self.kinds, lead)
        return probabilities.argmax(-1).astype(np.int8), waves


@dataclass(frozen=True)
class DelineatorAnswer:
    """What a classical delineator says about one lead, without any training: of an ECG, or of a PPG's pulses.

    Parameters
    ----------
    rate : float
        Hz.
    class_map : mapping of int to int
        `Wave` -> class. If it has systole or diastole, pulses are looked for.
    """

    rate: float
    class_map: Mapping[int, int]

    @property
    def name(self) -> str:
        """What it is called beside a model."""
        return "NeuroKit2 pulses" if self._pulses else "NeuroKit2 delineator"

    def __call__(self, signal: NDArray[np.float32], lead: int) -> tuple[NDArray[np.int8], Waves]:
        """Return the class of each sample, and the waves."""
        found = delineate_pulses(signal, self.rate) if self._pulses else delineate(*self._faster(signal))
        kind = np.concatenate([np.full(len(times), Wave[name], np.int8) for name, times in found.items()])
        times = np.concatenate(list(found.values())).clip(0, (len(signal) - 1) / self.rate)
        onset, peak, offset = times.T
        waves = Waves(kind, onset, peak, offset, np.full(len(kind), lead, np.int16))
        everywhere = annotated_everywhere(1, len(signal) / self.rate)
        alone = replace(waves, lead=np.full(len(kind), ALL_LEADS, np.int16))
        track = wave_track(alone, everywhere, 1, len(signal), self.rate)[0]
        return _filled(to_classes(track, self.class_map)), waves

    def r_peaks(self, signal: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the times (s) of the R peaks of an ECG, without looking for other waves."""
        return find_r_peaks(*self._faster(signal))

    @property
    def _pulses(self) -> bool:
        return any(self.class_map.get(int(kind), LEFT_OUT) != LEFT_OUT for kind in PULSE)

    def _faster(self, signal: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
        rate = max(self.rate, DELINEATOR_RATE)
        return resample(signal[None], self.rate, rate)[0], rate


@dataclass(frozen=True)
class MajorityAnswer:
    """The same class for every sample, whatever the signal: the least that any method must beat.

    Parameters
    ----------
    label : int
        The class that most samples of the split are of.
    """

    label: int

    def __call__(self, signal: NDArray[np.float32], lead: int) -> tuple[NDArray[np.int8], Waves]:
        """Return that class for each sample, and no waves."""
        return np.full(len(signal), self.label, np.int8), Waves.empty()


def score_recordings(
    prepared: Sequence[Prepared], answer: Answer, scoring: Scoring, advance: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Score a method on every annotated sample and wave of a split's recordings.

    Parameters
    ----------
    prepared : sequence of Prepared
        The datasets.
    answer : callable
        The method.
    scoring : Scoring
        Whose recordings, in which classes.
    advance : callable
        Called after each recording.

    Returns
    -------
    dict
        ``samples`` as `classification_report`, ``boundaries`` as `delineation_report` describe it; empty where no
        sample of any recording is annotated.
    """
    class_map, names = scoring.class_map, scoring.names
    kinds = list(wave_classes(class_map).values())
    patients: dict[tuple[str, str], tuple[NDArray[np.int64], NDArray[np.float64]]] = {}
    for one, number in annotated_recordings(prepared, scoring):
        counts = _score_recording(one.store, number, one.leads_of(number), answer, class_map, len(names), kinds)
        key = (one.name, one.store.patients[number])
        old = patients.get(key)
        patients[key] = counts if old is None else (old[0] + counts[0], old[1] + counts[1])
        advance()
    if not patients:
        return {}
    confusions, tables = (np.stack(column) for column in zip(*patients.values(), strict=True))
    report = {"samples": classification_report(confusions, names, scoring.rng)}
    if not kinds:
        return report
    return report | {"boundaries": delineation_report(tables, [kind.name for kind in kinds], scoring.rng)}


def annotated_recordings(prepared: Sequence[Prepared], scoring: Scoring) -> Iterator[tuple[Prepared, int]]:
    """Yield each recording of a split in which some sample's class is known."""
    for one, number in split_recordings(prepared, scoring.split):
        truth = to_classes(one.store.track(number)[one.leads_of(number)], scoring.class_map)
        if (truth != LEFT_OUT).any():
            yield one, number


def split_recordings(prepared: Sequence[Prepared], split: str) -> Iterator[tuple[Prepared, int]]:
    """Yield each recording of a split."""
    for one in prepared:
        for number in one.records(split):
            yield one, number


def _score_recording(
    store: Store,
    number: int,
    leads: Sequence[int],
    answer: Answer,
    class_map: Mapping[int, int],
    num_classes: int,
    kinds: list[Wave],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the confusion matrix (classes, classes) and the boundary table (kinds, 3, 5) of one recording."""
    signals, truth = store.signals(number), to_classes(store.track(number), class_map)
    answers = [answer(np.asarray(signals[lead]), lead) for lead in leads]
    confusion = sum(
        confusion_matrix(truth[lead], labels, num_classes) for lead, (labels, _) in zip(leads, answers, strict=True)
    )
    if not kinds:
        return np.asarray(confusion), np.zeros((0, len(FIDUCIALS), len(COLUMNS)))
    found = joined([waves for _, waves in answers])
    reference, annotated = store.annotation("waves", number), store.annotation("annotated", number)
    table = delineation_table(reference, found, annotated, leads, kinds).sum(axis=0)
    return np.asarray(confusion), table


def _filled(classes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Give samples without a class that of the sample before, class 0 at the start."""
    last = np.maximum.accumulate(np.where(classes == LEFT_OUT, -1, np.arange(len(classes))))
    return np.where(last < 0, np.int8(0), classes[np.maximum(last, 0)])


def joined(parts: Sequence[Waves]) -> Waves:
    """Return all waves of several sets as one."""
    columns = ("kind", "onset", "peak", "offset", "lead")
    return Waves(*(np.concatenate([getattr(part, column) for part in parts]) for column in columns))
