"""R peaks found in whole recordings against annotated beats, as ANSI/AAMI EC57 asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.prepared import Prepared
from heartkit.metrics.ec57 import LEARNING, QRS_SCORES, beat_matrix, ec57_report
from heartkit.objectives.base import Scoring
from heartkit.objectives.beat_classes import ec57_kinds, fibrillation
from heartkit.records.leads import lead_of_kind
from heartkit.records.vocabulary import Beat

Finder = Callable[[NDArray[np.float32]], NDArray[np.float64]]
"""``find(signal (samples,))`` gives the times of R peaks in seconds."""


def scorable(prepared: Sequence[Prepared], split: str) -> Iterator[tuple[Prepared, int, int]]:
    """Yield the recordings of a split that EC57 can score, each with the number of the ECG lead to look at.

    They have an ECG lead that is used, and annotated beats after the first five minutes, which are left out.
    """
    for one in prepared:
        for number in one.records(split):
            lead = lead_of_kind(one.store.leads[number], "ecg", one.leads_of(number))
            beats = one.store.annotation("beats", number)
            if lead is not None and (beats.time[beats.kind != Beat.NOISE] > LEARNING).any():
                yield one, number, lead


def score_r_peaks(
    found: Sequence[tuple[Prepared, int, int]], find: Finder, scoring: Scoring, advance: Callable[[], None]
) -> dict[str, Any]:
    """Score a method on one lead of each recording.

    Parameters
    ----------
    found : sequence of (Prepared, int, int)
        What `scorable` yields; at least one.
    find : callable
        The method.
    scoring : Scoring
        For its randomness.
    advance : callable
        Called after each recording.

    Returns
    -------
    dict
        As `ec57_report` describes it; ``leads``: recording -> name of the lead that was looked at.
    """
    matrices, names, leads = [], [], {}
    for one, number, lead in found:
        # Two datasets may call their recordings alike.
        names.append(f"{one.name}/{one.store.ids[number]}")
        leads[names[-1]] = one.store.leads[number][lead]
        matrices.append(_matrix(one, number, find(np.asarray(one.store.signals(number)[lead]))))
        advance()
    patients = [f"{one.name}/{one.store.patients[number]}" for one, number, _ in found]
    return {**ec57_report(np.stack(matrices), names, patients, scoring.rng, QRS_SCORES), "leads": leads}


def _matrix(one: Prepared, number: int, peaks: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the table of one recording's beats."""
    store = one.store
    beats, rhythms = store.annotation("beats", number), store.annotation("rhythms", number)
    stop, excluded = store.samples[number] / store.rate, fibrillation(rhythms)
    return beat_matrix(beats.time, peaks, ec57_kinds(beats.kind), stop=stop, excluded=excluded)
