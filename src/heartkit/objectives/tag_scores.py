"""Thresholds of tags that nobody is scored with who chose them, and tags of whole recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import NoRecordsError
from heartkit.frames.arranging import Frames
from heartkit.frames.drawing import Cutter
from heartkit.frames.prepared import Prepared
from heartkit.frames.sampling import frames_along
from heartkit.metrics.tags import DEFAULT_THRESHOLD, best_thresholds, tag_report
from heartkit.objectives.base import Scoring

ANSWERED_AT_ONCE = 4096

Tagged = tuple[NDArray[np.int8], NDArray[np.float32], NDArray[Any]]
"""Whether each tag holds for each item, (n, tags); how probable a method finds it, (n, tags); whose items they are."""
Shares = Callable[[Frames], NDArray[np.float32]]
"""``shares(frames)``: how probable each tag of frames (n, frame_size, channels) in physical units is, (n, tags)."""

ON_VALIDATION = "on the validation patients"
CROSS_FITTED = "on the other half of these patients, each half for the other"
FIXED = "nowhere: there are no validation patients, so all are 0.5"


def scored_tags(tagged: Tagged, scoring: Scoring, validation: Callable[[], Tagged]) -> dict[str, Any]:
    """Report tags at thresholds that make F1 highest on patients who are not scored with them.

    Parameters
    ----------
    tagged : Tagged
        What is scored.
    scoring : Scoring
        Whose items they are, names, randomness.
    validation : callable
        Returns the same of the validation patients; called where these are not scored themselves.

    Returns
    -------
    dict
        As `tag_report` describes it, and ``thresholds``: where they were chosen.
    """
    truth, shares, patients = tagged
    thresholds, how = choose_thresholds(tagged, scoring.split, validation)
    report = tag_report(truth, shares, thresholds, scoring.names, patients, scoring.rng)
    return report | {"thresholds": how}


def choose_thresholds(tagged: Tagged, split: str, validation: Callable[[], Tagged]) -> tuple[NDArray[np.float64], str]:
    """Return thresholds, (tags,) or (n, tags), and where they were chosen."""
    truth, shares, patients = tagged
    if split in ("val", "all"):
        return cross_fitted(truth, shares, patients), CROSS_FITTED
    try:
        held_truth, held_shares, _ = validation()
    except NoRecordsError:
        return np.full(truth.shape[1], DEFAULT_THRESHOLD), FIXED
    return best_thresholds(held_truth, held_shares), ON_VALIDATION


def cross_fitted(truth: NDArray[np.int8], shares: NDArray[np.float32], patients: NDArray[Any]) -> NDArray[np.float64]:
    """Return thresholds (n, tags), those of half of the patients chosen on the other half and the other way round.

    Patients with the same tags go to both halves in turn, so that rare tags are in either.
    """
    _, owner = np.unique(patients, return_inverse=True)
    count = int(owner.max()) + 1
    thresholds = np.full(truth.shape, DEFAULT_THRESHOLD)
    if count < 2:
        return thresholds
    has = np.zeros((count, truth.shape[1]), np.int8)
    np.maximum.at(has, owner, truth)
    half = np.empty(count, np.int64)
    half[np.lexsort(has.T)] = np.arange(count) % 2
    for which in (0, 1):
        mine = half[owner] == which
        thresholds[mine] = best_thresholds(truth[~mine], shares[~mine])
    return thresholds


def tagged_recordings(
    prepared: Sequence[Prepared], split: str, cutter: Cutter, frame_size: int, hop: int, shares: Shares
) -> Tagged:
    """Return the tags of each recording of a split, and their mean probability over all frames of all used leads.

    Parameters
    ----------
    prepared : sequence of Prepared
        The datasets.
    split : str
        Whose recordings.
    cutter : Cutter
        How the task cuts frames and what their tags are; recordings without a tag are left out.
    frame_size, hop : int
        Samples of a frame, and from one to the next.
    shares : callable
        The method.

    Raises
    ------
    NoRecordsError
        If no recording has a tag, or none is as long as a frame.
    """
    found = [part for one in prepared for part in _of_dataset(one, split, cutter, frame_size, hop, shares)]
    if not found:
        raise NoRecordsError(f"No recording in split {split!r} has a tag and is as long as a frame.")
    truth, mean, patients = (np.concatenate(column) for column in zip(*found, strict=True))
    return truth, mean, patients


def _of_dataset(
    one: Prepared, split: str, cutter: Cutter, frame_size: int, hop: int, shares: Shares
) -> Iterator[Tagged]:
    strips = cutter.strips(one.store, one.records(split), one.leads, frame_size)
    index = frames_along(strips, frame_size, hop)
    if not len(index):
        return
    records, owner = np.unique(strips.record[index.strip], return_inverse=True)
    total: Any = None
    truth: Any = None
    for at in range(0, len(index), ANSWERED_AT_ONCE):
        rows = slice(at, at + ANSWERED_AT_ONCE)
        frames, tags = cutter.read(strips, index.take(rows), frame_size)
        if total is None:
            total, truth = np.zeros((len(records), tags.shape[1])), np.zeros((len(records), tags.shape[1]), np.int8)
        np.add.at(total, owner[rows], shares(frames))
        truth[owner[rows]] = tags
    mean = (total / np.bincount(owner)[:, None]).astype(np.float32)
    patients = np.array([f"{one.name}/{one.store.patients[record]}" for record in records])
    yield truth, mean, patients
