"""One class per beat: of whole recordings every beat is named, and scored as EC57 asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit import console
from heartkit.baselines.regression import softmax_regression
from heartkit.frames.beat_frames import BeatAnswer, real_beats
from heartkit.frames.prepared import Prepared
from heartkit.metrics.classification import classification_report, confusion_matrix
from heartkit.metrics.ec57 import COLUMNS, LEARNING, ROWS, UNCLASSIFIED, beat_matrix, ec57_report
from heartkit.objectives.base import Scoring
from heartkit.objectives.beat_classes import BeatClasses, ec57_classes, ec57_kinds, fibrillation
from heartkit.objectives.classify import Classify, probability_scores
from heartkit.objectives.labels import LEFT_OUT, to_classes
from heartkit.objectives.recordings import split_recordings
from heartkit.records.record import Beats
from heartkit.records.vocabulary import Beat
from heartkit.signal.timing import beat_timing

Method = Callable[[NDArray[np.float32], Beats], NDArray[np.float32]]
"""``method(signal (samples,), beats)`` gives probabilities (n, classes), NaN where it cannot say."""

Recording = tuple[Prepared, int]
"""A dataset and the number of one of its recordings."""

TIMING_BASELINE = "RR intervals alone"


@dataclass(frozen=True)
class _Counted:
    """What a method made of the beats of one recording, on all its leads.

    Parameters
    ----------
    record, patient : str
        Their names.
    matrix : (6, 6) array of int
        As `beat_matrix` counts.
    confusion : (classes, classes) array of int
        Of the beats that were named.
    truth : (n,) array of int
        Classes of the beats that have a probability, also of those below the threshold.
    named : (n, classes) array of float
        Those probabilities.
    sure : tuple of (beats,) arrays of bool
        For each lead, which beats were named.
    short : bool
        Whether the recording was scored from its beginning.
    """

    record: str
    patient: str
    matrix: NDArray[np.int64]
    confusion: NDArray[np.int64]
    truth: NDArray[np.int8]
    named: NDArray[np.float32]
    sure: tuple[NDArray[np.bool_], ...]
    short: bool


class ClassifyBeats(Classify):
    """Objective of tasks that name beats: `Classify`, and of whole recordings every beat."""

    def score_recordings(self, prepared: Sequence[Prepared], answer: BeatAnswer, scoring: Scoring) -> dict[str, Any]:
        """Score every annotated beat of a split's recordings, at the annotator's places.

        Returns
        -------
        dict
            ``recordings``: ``samples``, all beats that have a class and a whole frame, as `classification_report`
            describes it, with ``coverage`` and ``probabilities`` as `Classify.score` gives them; and ``ec57``: as
            `ec57_report` describes it, all beats but those of the first five minutes and of ventricular flutter and
            fibrillation; a beat that is not named (no whole frame, or less sure than the threshold) counts as Q.
            There also ``missing``: tables that the classes cannot fill, and why; ``short``: how many recordings are
            no longer than five minutes, and scored from their beginning. ``baselines``: name -> the same of the
            commonest class, and of a regression on the timing of beats that was fitted to the training patients.
        """
        classes, recordings = (
            ec57_classes(scoring.class_map, scoring.names),
            [*split_recordings(prepared, scoring.split)],
        )
        methods: dict[str, Method] = {
            "model": answer.probabilities,
            "majority class": _always(_commonest(recordings, scoring), len(scoring.names)),
        }
        if timing := _timing(prepared, scoring.class_map, len(scoring.names), answer.delay):
            methods[TIMING_BASELINE] = timing
        reports: dict[str, Any] = {}
        kept: list[Sequence[NDArray[np.bool_]] | None] = [None] * len(recordings)
        with console.progress("Naming the beats of whole recordings", len(recordings) * len(methods)) as advance:
            for name, method in methods.items():
                counted = []
                for (one, number), some in zip(recordings, kept, strict=True):
                    counted.append(_count(one, number, method, scoring, classes, some))
                    advance()
                reports[name] = _report(counted, scoring, classes)
                # Baselines are scored on the beats that the model, the first, is sure of.
                kept = [one.sure for one in counted]
        return {"recordings": reports.pop("model"), "baselines": reports}


def _commonest(recordings: Sequence[Recording], scoring: Scoring) -> int:
    """Return the class of most beats."""
    truth = [to_classes(one.store.annotation("beats", at).kind, scoring.class_map) for one, at in recordings]
    known = np.concatenate(truth)
    return int(np.bincount(known[known != LEFT_OUT], minlength=len(scoring.names)).argmax())


def _always(label: int, num_classes: int) -> Method:
    """Return the method that gives every beat the same class."""
    constant = np.eye(num_classes, dtype=np.float32)[label]
    return lambda signal, beats: np.tile(constant, (len(beats), 1))


def _timing(
    prepared: Sequence[Prepared], class_map: Mapping[int, int], num_classes: int, delay: float
) -> Method | None:
    """Return the method that names beats by their timing, fitted to the training patients, if there are any."""
    features, classes = [], []
    for one, number in split_recordings(prepared, "train"):
        beats = one.store.annotation("beats", number)
        known = to_classes(beats.kind, class_map)
        features.append(beat_timing(real_beats(beats), beats.time[known != LEFT_OUT], delay))
        classes.append(known[known != LEFT_OUT])
    if not features:
        return None
    fitted = softmax_regression(np.concatenate(features), np.concatenate(classes), num_classes)
    if fitted is None:
        return None
    return lambda signal, beats: fitted(beat_timing(real_beats(beats), beats.time, delay))


def _count(
    one: Prepared,
    number: int,
    method: Method,
    scoring: Scoring,
    classes: BeatClasses,
    kept: Sequence[NDArray[np.bool_]] | None,
) -> _Counted:
    """Let a method name the beats of one recording, lead by lead, and count what came of it.

    Named are those beats that `kept` says for each lead, by default those that it is sure of.
    """
    store, size = one.store, len(scoring.names)
    beats = _to_name(store.annotation("beats", number), scoring.class_map)
    truth, kinds = to_classes(beats.kind, scoring.class_map), ec57_kinds(beats.kind)
    end = float(store.samples[number] / store.rate)
    part = {"start": 0.0 if end <= LEARNING else LEARNING, "stop": end}
    spans = fibrillation(store.annotation("rhythms", number))
    matrix, confusion = np.zeros((len(ROWS), len(COLUMNS)), np.int64), np.zeros((size, size), np.int64)
    truths, named, sures = [], [], []
    for at, lead in enumerate(one.leads_of(number)):
        found = method(np.asarray(store.signals(number)[lead]), beats)
        whole, label = ~np.isnan(found).any(axis=1), np.nan_to_num(found).argmax(axis=1)
        sure = kept[at] if kept is not None else whole & (np.nan_to_num(found).max(axis=1) >= (scoring.threshold or 0))
        confusion += confusion_matrix(np.where(sure, truth, LEFT_OUT), label, size)
        called = np.where(sure, classes.codes[label], UNCLASSIFIED)
        matrix += beat_matrix(beats.time, beats.time, kinds, called, excluded=spans, **part)
        truths.append(truth[whole])
        named.append(found[whole])
        sures.append(sure)
    return _Counted(
        f"{one.name}/{store.ids[number]}", f"{one.name}/{store.patients[number]}", matrix, confusion,
        np.concatenate(truths), np.concatenate(named), tuple(sures), end <= LEARNING,
    )  # fmt: skip


def _to_name(beats: Beats, class_map: Mapping[int, int]) -> Beats:
    """Return what is to be named, in time: all beats, and artefacts where they have a class."""
    order = np.argsort(beats.time, kind="stable")
    if class_map.get(int(Beat.NOISE), LEFT_OUT) == LEFT_OUT:
        order = order[beats.kind[order] != Beat.NOISE]
    return Beats(beats.time[order], beats.kind[order])


def _report(counted: Sequence[_Counted], scoring: Scoring, classes: BeatClasses) -> dict[str, Any]:
    """Report what was counted in all recordings."""
    patients, owner = np.unique([one.patient for one in counted], return_inverse=True)
    confusions = np.zeros((len(patients), *counted[0].confusion.shape), np.int64)
    np.add.at(confusions, owner, np.stack([one.confusion for one in counted]))
    truth, named = (np.concatenate([getattr(one, part) for one in counted]) for part in ("truth", "named"))
    known = truth != LEFT_OUT
    samples = {
        **classification_report(confusions, scoring.names, scoring.rng),
        "coverage": None if scoring.threshold is None else float(confusions.sum() / max(known.sum(), 1)),
        "probabilities": probability_scores(truth[known], named[known], scoring.names),
    }
    ec57: dict[str, Any] = {"missing": classes.missing, "short": sum(one.short for one in counted)}
    if classes.scores:
        matrices, records = np.stack([one.matrix for one in counted]), [one.record for one in counted]
        ec57 = {**ec57_report(matrices, records, owner, scoring.rng, classes.scores), **ec57}
    return {"samples": samples, "ec57": ec57}
