"""What a demo of an embedding shows: frames of several recordings as points, and which of them are neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from heartkit.reports import words
from heartkit.reports.lead_demo import LeadDemo, speed

MOST_KINDS = 7
"""Colours that readers can tell apart; what is rarer is grey."""
OTHER = "another"


@dataclass(frozen=True, kw_only=True)
class EmbeddingDemo(LeadDemo):
    """One recording, others of its split, and where a model places their frames.

    Parameters
    ----------
    recordings : list of str
        Names of the recordings, the one that is shown first.
    kinds : list of str
        What each recording is called on the map: a diagnosis, a rhythm, or its patient.
    coloured_by : str
        What `kinds` are, in words.
    owner : (n,) array of int
        Whose frame each is, as a place in `recordings`.
    seconds : (n,) array of float
        Where in its recording each frame begins.
    embeddings : (n, size) array of float
        Of the frames.
    """

    recordings: list[str]
    kinds: list[str]
    coloured_by: str
    owner: NDArray[np.int64]
    seconds: NDArray[np.float64]
    embeddings: NDArray[np.floating]

    @cached_property
    def units(self) -> NDArray[np.float64]:
        """The embeddings, scaled to length one: directions are what was trained."""
        length = np.linalg.norm(self.embeddings, axis=1, keepdims=True)
        return np.asarray(self.embeddings / np.maximum(length, 1e-12), np.float64)

    @cached_property
    def principal(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The first two principal components of the directions, (n, 2), and which part of the variance each holds."""
        from sklearn.decomposition import PCA

        size = min(2, *self.units.shape)
        places, share = np.zeros((len(self.units), 2)), np.zeros(2)
        if np.ptp(self.units, axis=0).max() > 0:  # else all frames are one point
            made = PCA(size, svd_solver="full").fit(self.units)
            places[:, :size] = made.transform(self.units)
            share[:size] = made.explained_variance_ratio_
        return places, share

    @cached_property
    def palette(self) -> list[str]:
        """The kinds that have a colour of their own, the commonest first, then `OTHER` if there are more."""
        names, counts = np.unique(self.kinds, return_counts=True)
        order = [str(names[at]) for at in np.argsort(-counts, kind="stable")]
        return order if len(order) <= MOST_KINDS else [*order[:MOST_KINDS], OTHER]

    def colour_of(self, recording: int) -> int:
        """Return the place of a recording's kind in the palette; -1 for `OTHER`."""
        kind = self.kinds[recording]
        return self.palette.index(kind) if kind in self.palette[:MOST_KINDS] else -1

    @property
    def agreement(self) -> float | None:
        """The share of all frames whose nearest neighbour is of their own recording; None for a single recording."""
        if len(self.recordings) < 2 or len(self.owner) < 2:
            return None
        alike = self.units @ self.units.T
        np.fill_diagonal(alike, -np.inf)
        return float((self.owner[alike.argmax(axis=1)] == self.owner).mean())

    def similarity(self, recording: int) -> float:
        """Return the mean cosine between the frames of the shown recording and those of another (or its own)."""
        mine, theirs = self.units[self.owner == 0], self.units[self.owner == recording]
        total = float((mine @ theirs.T).sum())
        if recording:
            return total / (len(mine) * len(theirs))
        pairs = len(mine) * (len(mine) - 1)
        return (total - float((mine * mine).sum())) / pairs if pairs else float("nan")


def key_numbers(demo: EmbeddingDemo) -> dict[str, str]:
    """Return the few numbers that say most: recordings, frames, how many find their own recording."""
    found = {"Recordings": f"{len(demo.recordings):,}", "Frames": f"{len(demo.owner):,}"}
    if demo.agreement is not None:
        found["Nearest frame is of the same recording"] = f"{100 * demo.agreement:.0f} %"
    found["Size of the embedding"] = f"{demo.embeddings.shape[1]:,}"
    return found | speed(demo)


def neighbour_rows(demo: EmbeddingDemo) -> Iterator[list[str]]:
    """Yield, per recording, its name, kind, frames and mean cosine with the shown one; the most similar first."""
    similar = [demo.similarity(at) for at in range(len(demo.recordings))]
    for at in [0, *sorted(range(1, len(similar)), key=lambda one: -similar[one])]:
        name = demo.recordings[at] + (" (this one)" if at == 0 else "")
        cosine = words.UNKNOWN if np.isnan(similar[at]) else f"{similar[at]:+.3f}"
        yield [name, demo.kinds[at], f"{int((demo.owner == at).sum()):,}", cosine]


def axis_words(demo: EmbeddingDemo, number: int) -> str:
    """Return the title of an axis of the map."""
    return f"principal component {number + 1} ({100 * demo.principal[1][number]:.0f} % of the variance)"
