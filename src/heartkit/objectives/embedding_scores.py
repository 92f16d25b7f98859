"""How good an embedding is: whether it knows patients again, and what a linear probe reads from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import NoRecordsError
from heartkit.frames.arranging import Frames
from heartkit.frames.drawing import frame_sets
from heartkit.frames.framing import Framing, RhythmFrames, TagFrames
from heartkit.frames.prepared import Prepared
from heartkit.frames.sampling import FrameIndex, draw_frames
from heartkit.frames.strips import Leads, Strips
from heartkit.metrics.embedding import alignment, neighbour_agreement, uniformity
from heartkit.metrics.tags import tag_report
from heartkit.objectives.base import Scoring
from heartkit.objectives.losses import contrast
from heartkit.objectives.probe import Probe
from heartkit.objectives.tag_scores import choose_thresholds
from heartkit.records.store import Store
from heartkit.records.vocabulary import Diagnosis, Rhythm

Embed = Callable[[Frames], NDArray[np.floating[Any]]]
"""``embed(frames)``: (n, size) of preprocessed frames (n, frame_size, channels)."""

COMPARED_AT_ONCE = 1024
"""Frames that are compared with each other for the loss, at most: it grows with their number."""
TEMPERATURE = 0.1
"""At which the loss is watched and reported, whatever it was trained at, so that losses can be compared."""
PROBED_FRAMES = 12
"""Frames of each patient that probes are fitted to and scored on."""
MOST_PROBED = 20_000
"""So many of each dataset at most."""
FEWEST_PATIENTS = 5
"""A label is probed if so many training patients have it, and so many have not ..."""
FEWEST_SCORED = 2
"""... and so many of those who are scored: each half of them chooses the threshold of the other."""


def two_of_each(patients: NDArray[Any]) -> NDArray[np.int64]:
    """Return rows so that the first two frames of every patient come first, patient by patient, then the next two."""
    order = np.argsort(patients, kind="stable")
    _, first, counts = np.unique(patients[order], return_index=True, return_counts=True)
    turn = (np.arange(len(order)) - first.repeat(counts)) // 2
    return np.asarray(order[np.argsort(turn, kind="stable")])


def compared(patients: NDArray[Any], embeddings: NDArray[np.floating[Any]]) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """Return the patients of up to `COMPARED_AT_ONCE` frames, two of each as far as that goes, and their cosines."""
    chosen = two_of_each(patients)[:COMPARED_AT_ONCE]
    units = embeddings[chosen].astype(np.float32)
    units = units / np.maximum(np.linalg.norm(units, axis=1, keepdims=True), 1e-12)
    return patients[chosen], units @ units.T


def embedding_report(
    patients: NDArray[Any], embeddings: NDArray[np.floating[Any]], rng: np.random.Generator
) -> dict[str, Any]:
    """Report how well frames of one patient find each other.

    Parameters
    ----------
    patients : (n,) array of int
        Whose frames they are.
    embeddings : (n, size) array
        Of the frames.
    rng : numpy.random.Generator
        Draws the resamples of intervals.

    Returns
    -------
    dict
        ``patients``, ``frames``; ``agreement``: the share of frames whose nearest neighbour is of the same patient, and
        ``chance`` of that, each ``{"value", "low", "high"}``; ``loss`` at `TEMPERATURE`; ``alignment`` of pairs of
        frames of a patient and ``uniformity`` of all (Wang & Isola 2020).
    """
    near = neighbour_agreement(embeddings, {}, patients, rng, count=1, other_patients=False)
    some, alike = compared(patients, embeddings)
    order = np.argsort(patients, kind="stable")
    whose = patients[order]
    place = np.arange(len(order)) - np.searchsorted(whose, whose)
    first = np.flatnonzero((place[:-1] % 2 == 0) & (whose[:-1] == whose[1:]))
    return {
        "patients": near["patients"],
        "frames": near["frames"],
        **near["labels"]["patient"],
        "loss": contrast(alike / TEMPERATURE, some),
        "alignment": alignment(embeddings[order[first]], embeddings[order[first + 1]]),
        "uniformity": uniformity(embeddings),
    }


@dataclass(frozen=True)
class LabelCutter:
    """Frames drawn evenly from whatever a framing has labels for, in the vocabulary's own numbers.

    Parameters
    ----------
    framing : Framing
        The rule.
    """

    framing: Framing

    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return where frames may be cut."""
        return self.framing.strips(store, records, leads, frame_size)

    def draw(
        self, strips: Strips, per_patient: int | list[int], frame_size: int, rng: np.random.Generator
    ) -> FrameIndex:
        """Draw so many frames of each patient."""
        return draw_frames(strips, per_patient if isinstance(per_patient, int) else sum(per_patient), frame_size, rng)

    def read(self, strips: Strips, frames: FrameIndex, frame_size: int) -> tuple[Frames, NDArray[Any]]:
        """Return frames and labels."""
        return self.framing.cut(strips, frames, frame_size), self.framing.targets(strips, frames, frame_size)


def _rhythm_tags(targets: NDArray[Any]) -> NDArray[np.int8]:
    return np.asarray(targets[:, None] == np.array([int(one) for one in Rhythm]), np.int8)


LABELS: dict[str, tuple[str, Framing, tuple[str, ...], Callable[[NDArray[Any]], NDArray[np.int8]]]] = {
    "diagnoses": ("diagnosis", TagFrames(), tuple(one.name for one in Diagnosis), lambda targets: targets),
    "rhythms": ("rhythm", RhythmFrames(), tuple(one.name for one in Rhythm), _rhythm_tags),
}
"""What is probed where recordings have it: where frames of it are, its names, and how answers become tags."""


@dataclass(frozen=True)
class Labelled:
    """Preprocessed frames with tags: what probes are fitted to and scored on."""

    frames: Frames
    tags: NDArray[np.int8]
    patients: NDArray[Any]


def labelled_frames(
    prepared: Sequence[Prepared], kind: str, split: str, frame_size: int, preprocess: Callable[[Frames], Frames]
) -> Labelled | None:
    """Return frames of a split that have labels of a kind; None where there are none."""
    _, framing, _, to_tags = LABELS[kind]
    try:
        sets = frame_sets(prepared, LabelCutter(framing), split, frame_size, PROBED_FRAMES, seed=0)
    except NoRecordsError:
        return None
    parts = []
    for one in sets:
        rows = np.unique(np.linspace(0, len(one) - 1, min(len(one), MOST_PROBED)).astype(np.int64))
        frames, targets = one.frames(rows)
        names = np.array(
            [f"{one.name}/{one.strips.store.patients[n]}" for n in one.strips.record[one.index.strip[rows]]]
        )
        parts.append((preprocess(frames), to_tags(targets), names))
    return Labelled(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def probe_reports(
    prepared: Sequence[Prepared],
    methods: Mapping[str, Embed],
    frame_size: int,
    preprocess: Callable[[Frames], Frames],
    scoring: Scoring,
) -> dict[str, dict[str, Any]]:
    """Fit a linear probe to the embeddings of training patients and score it on those of a split.

    Parameters
    ----------
    prepared : sequence of Prepared
        The datasets.
    methods : mapping of str to Embed
        What is probed, by name.
    frame_size : int
        Samples.
    preprocess : callable
        What frames go through.
    scoring : Scoring
        Whose frames; randomness.

    Returns
    -------
    dict
        method -> ``"diagnoses"``, ``"rhythms"`` (those that there are) -> as `tag_report` describes it, with
        ``thresholds``: where they were chosen, and ``neighbours``: tag -> ``agreement`` of a frame's five nearest ones
        of other patients on it, and ``chance``.
    """
    reports: dict[str, dict[str, Any]] = {name: {} for name in methods}
    for kind, (_, _, words, _) in LABELS.items():
        training, scored = (
            labelled_frames(prepared, kind, split, frame_size, preprocess) for split in ("train", scoring.split)
        )
        if training is None or scored is None:
            continue
        usable = _usable(training, scored)
        names = [words[at] for at in usable]
        if not names:
            continue
        truth = scored.tags[:, usable]
        held = (
            None if scoring.split in ("val", "all") else labelled_frames(prepared, kind, "val", frame_size, preprocess)
        )
        for method, embed in methods.items():
            probe = Probe.fit(embed(training.frames), training.tags[:, usable])
            found = embed(scored.frames)
            reports[method][kind] = _probe_report(probe, found, truth, scored, held, usable, embed, names, scoring)
    return reports


def _probe_report(
    probe: Probe,
    found: NDArray[np.floating[Any]],
    truth: NDArray[np.int8],
    scored: Labelled,
    held: Labelled | None,
    usable: NDArray[np.int64],
    embed: Embed,
    names: Sequence[str],
    scoring: Scoring,
) -> dict[str, Any]:
    shares = probe.shares(found)

    def validation() -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[Any]]:
        if held is None:
            raise NoRecordsError("There are no labelled frames of validation patients.")
        return held.tags[:, usable], probe.shares(embed(held.frames)), held.patients

    thresholds, how = choose_thresholds((truth, shares, scored.patients), scoring.split, validation)
    report = tag_report(truth, shares, thresholds, names, scored.patients, scoring.rng)
    labels = {name: truth[:, at] for at, name in enumerate(names)}
    near = neighbour_agreement(found, labels, scored.patients, scoring.rng)["labels"]
    return report | {"thresholds": how, "neighbours": near}


def _usable(training: Labelled, scored: Labelled) -> NDArray[np.int64]:
    """Return the tags that enough patients have, and enough have not, of those who train and of those scored."""
    few = np.minimum(_patients_with(training), _patients_with(training, 0)) < FEWEST_PATIENTS
    none = np.minimum(_patients_with(scored), _patients_with(scored, 0)) < FEWEST_SCORED
    return np.flatnonzero(~few & ~none)


def _patients_with(frames: Labelled, value: int = 1) -> NDArray[np.int64]:
    """Return how many patients have a frame on which each tag has a value."""
    _, owner = np.unique(frames.patients, return_inverse=True)
    has = np.zeros((int(owner.max()) + 1, frames.tags.shape[1]), np.int64)
    np.maximum.at(has, owner, frames.tags == value)
    return np.asarray(has.sum(axis=0))
