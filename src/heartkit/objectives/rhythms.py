"""One class per stretch of a recording: whole recordings window by window, beside what RR intervals alone tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit import console
from heartkit.baselines.delineator import find_r_peaks
from heartkit.baselines.irregularity import irregularity
from heartkit.baselines.regression import softmax_regression
from heartkit.frames.prepared import Prepared
from heartkit.metrics.classification import classification_report
from heartkit.objectives.base import Scoring
from heartkit.objectives.classify import Classify, FrameAnswer, probability_scores
from heartkit.objectives.labelled import confusions
from heartkit.objectives.labels import LEFT_OUT, to_classes
from heartkit.objectives.recordings import split_recordings
from heartkit.records.store import Store

Method = Callable[[NDArray[np.float32], NDArray[np.int64]], NDArray[np.float32]]
"""``method(signal (samples,), starts (n,))`` gives the probabilities (n, classes) of windows."""
Recording = tuple[Prepared, int]

IRREGULARITY_BASELINE = "RR intervals alone"
MOST_RECORDINGS = 1000
"""So many training recordings, taken evenly from all, are enough to fit the baseline to."""


class ClassifyRhythm(Classify):
    """Objective of tasks that name rhythms: `Classify`, and of whole recordings every window."""

    def score_recordings(self, prepared: Sequence[Prepared], answer: FrameAnswer, scoring: Scoring) -> dict[str, Any]:
        """Score windows side by side through all rhythms of a split's recordings.

        Returns
        -------
        dict
            ``recordings``: ``samples``, as `classification_report` describes it, with ``coverage`` and
            ``probabilities`` as `Classify.score` gives them: long rhythms count as long as they are. ``baselines``:
            name -> the same of the commonest class, and of a regression on how irregular the R peaks are that
            NeuroKit2 finds, which was fitted to the training patients. Empty where no rhythm lasts as long as a frame.
        """
        recordings = list(split_recordings(prepared, scoring.split))
        windows = [_windows(one, at, answer.frame_size, scoring.class_map) for one, at in recordings]
        leads = [len(one.leads_of(at)) for one, at in recordings]
        truth = np.concatenate([np.tile(labels, count) for (_, labels), count in zip(windows, leads, strict=True)])
        if not len(truth):
            return {}
        constant = np.eye(len(scoring.names), dtype=np.float32)[np.bincount(truth).argmax()]
        methods: dict[str, Method] = {
            "model": answer.probabilities,
            "majority class": lambda signal, starts: np.tile(constant, (len(starts), 1)),
        }
        if fitted := _regression(prepared, answer.frame_size, scoring):
            methods[IRREGULARITY_BASELINE] = fitted
        patients = np.repeat(
            [f"{one.name}/{one.store.patients[at]}" for one, at in recordings],
            [len(labels) * count for (_, labels), count in zip(windows, leads, strict=True)],
        )
        with console.progress("Naming the rhythms of whole recordings", len(recordings) * len(methods)) as advance:
            named = {name: _named(recordings, windows, method, advance) for name, method in methods.items()}
        # Baselines are scored on the windows that the model is sure of: else it would be compared on easier ones.
        sure = named["model"].max(axis=1) >= (scoring.threshold or 0)
        owner = np.unique(patients, return_inverse=True)[1]
        reports = {name: _report(probabilities, truth, sure, owner, scoring) for name, probabilities in named.items()}
        return {"recordings": reports.pop("model"), "baselines": reports}


def _windows(
    one: Prepared, number: int, frame_size: int, class_map: Mapping[int, int]
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return where windows begin, side by side within each rhythm that has a class, and their classes."""
    store, starts, labels = one.store, [np.empty(0, np.int64)], [np.empty(0, np.int8)]
    spans = store.annotation("rhythms", number)
    for start, stop, label in zip(spans.start, spans.stop, to_classes(spans.kind, class_map), strict=True):
        first, last = int(np.ceil(start * store.rate)), min(int(stop * store.rate), int(store.samples[number]))
        here = np.arange(first, last - frame_size + 1, frame_size) if label != LEFT_OUT else np.empty(0, np.int64)
        starts.append(here)
        labels.append(np.full(len(here), label, np.int8))
    return np.concatenate(starts), np.concatenate(labels)


def _regression(prepared: Sequence[Prepared], frame_size: int, scoring: Scoring) -> Method | None:
    """Return the method that names windows by their R peaks, fitted to the training patients, if there are any."""
    recordings = list(split_recordings(prepared, "train"))
    some = np.unique(np.linspace(0, len(recordings) - 1, min(len(recordings), MOST_RECORDINGS)).astype(int))
    features, classes = [np.empty((0, 5), np.float32)], [np.empty(0, np.int8)]
    for at in some if recordings else ():
        one, number = recordings[at]
        starts, labels = _windows(one, number, frame_size, scoring.class_map)
        for lead in one.leads_of(number) if len(starts) else ():
            features.append(_peaks_in(np.asarray(one.store.signals(number)[lead]), starts, frame_size, one.store))
            classes.append(labels)
    fitted = softmax_regression(np.concatenate(features), np.concatenate(classes), len(scoring.names))
    store = prepared[0].store
    return fitted and (lambda signal, starts: fitted(_peaks_in(signal, starts, frame_size, store)))


def _peaks_in(signal: NDArray[np.float32], starts: NDArray[np.int64], frame_size: int, store: Store) -> NDArray[Any]:
    return irregularity(find_r_peaks(signal, store.rate), starts / store.rate, frame_size / store.rate)


def _named(
    recordings: Sequence[Recording],
    windows: Sequence[tuple[NDArray[np.int64], NDArray[np.int8]]],
    method: Method,
    advance: Callable[[], None],
) -> NDArray[np.float32]:
    """Return what a method makes of all windows of all recordings, lead by lead, (windows, classes)."""
    found = []
    for (one, number), (starts, _) in zip(recordings, windows, strict=True):
        if len(starts):
            signals = one.store.signals(number)
            found += [method(np.asarray(signals[lead]), starts) for lead in one.leads_of(number)]
        advance()
    return np.concatenate(found)


def _report(
    probabilities: NDArray[np.float32],
    truth: NDArray[np.int8],
    sure: NDArray[np.bool_],
    owner: NDArray[np.int64],
    scoring: Scoring,
) -> dict[str, Any]:
    scored = confusions(np.where(sure, truth, LEFT_OUT), probabilities, owner)
    return {
        "samples": {
            **classification_report(scored, scoring.names, scoring.rng),
            "coverage": None if scoring.threshold is None else float(sure.mean()),
            "probabilities": probability_scores(truth, probabilities, scoring.names),
        }
    }
