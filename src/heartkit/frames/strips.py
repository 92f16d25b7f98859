"""Strips: the stretches of prepared recordings in which frames may be cut, and the cutting itself."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import UnknownNameError
from heartkit.records.store import Store

log = logging.getLogger(__name__)

NO_LABEL = -1
Leads = Sequence[str | int] | None
"""Leads by name or number; None for all."""


@dataclass(frozen=True)
class Strips:
    """Stretches of single leads, as columns of one table.

    Parameters
    ----------
    store : Store
        The prepared recordings.
    record, lead : (n,) arrays of int
        Which recording, which of its leads.
    begin : (n,) array of int
        First sample within the recording.
    length : (n,) array of int
        Samples.
    label : (n,) array of int
        What a frame cut there is, in the task's vocabulary; `NO_LABEL` where frames have no answer of their own.
    """

    store: Store
    record: NDArray[np.int64]
    lead: NDArray[np.int64]
    begin: NDArray[np.int64]
    length: NDArray[np.int64]
    label: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.record)

    def take(self, rows: NDArray[Any]) -> Strips:
        """Return the strips at `rows`."""
        columns = (self.record, self.lead, self.begin, self.length, self.label)
        return Strips(self.store, *(column[rows] for column in columns))

    @classmethod
    def joined(cls, store: Store, parts: Sequence[Strips]) -> Strips:
        """Return the strips of all parts, one after the other."""
        return cls(store, *(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)[1:]))

    def cut(self, column: str, rows: NDArray[np.int64], starts: NDArray[np.int64], size: int) -> NDArray[Any]:
        """Cut frames of one column, all at once.

        Parameters
        ----------
        column : str
            ``"signals"`` or ``"track"``.
        rows : (n,) array of int
            Which strip each frame is cut from.
        starts : (n,) array of int
            First sample of each frame, counted from the strip's begin.
        size : int
            Samples per frame.

        Returns
        -------
        (n, size) array
            A copy. Each frame must lie within its strip; that is not checked.
        """
        shard, first = self._places
        flat = self.store.flat(column)
        frames = np.empty((len(rows), size), flat[0].dtype)
        # One copy for each frame: indexing shard by shard is several times slower as soon as there are many shards.
        for frame, number, at in zip(frames, shard[rows].tolist(), (first[rows] + starts).tolist(), strict=True):
            frame[:] = flat[number][at : at + size]
        return frames

    @cached_property
    def _places(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the shard of each strip, and where its first sample stands in the shard's flat values."""
        shard, offset = self.store.places
        first = offset[self.record] + self.lead * self.store.samples[self.record] + self.begin
        return shard[self.record], first


def known_runs(store: Store, records: Sequence[int], leads: Leads) -> Strips:
    """Return the longest stretches of each lead in which it is known what wave every sample belongs to.

    Parameters
    ----------
    store : Store
        The prepared recordings.
    records : sequence of int
        Which of them.
    leads : sequence of str or int, optional
        Only these leads, in any letter case.
    """
    parts = []
    for record in records:
        track = store.track(record)
        for lead in chosen_leads(store.leads[record], leads):
            begin, end = _runs(track[lead] >= 0).T
            parts.append(stretches(record, lead, begin, end - begin, NO_LABEL))
    return strips_from(store, parts)


def partly_known(store: Store, records: Sequence[int], leads: Leads, frame_size: int, share: float) -> Strips:
    """Return stretches of each lead such that of every frame within them a share of the samples is known.

    Parameters
    ----------
    store, records, leads
        As for `known_runs`.
    frame_size : int
        Samples per frame.
    share : float
        How much of a frame has to be known, in (0, 1].

    Returns
    -------
    Strips
        They may overlap each other, but no frame lies within two of them.
    """
    parts = []
    for record in records:
        track = store.track(record)
        if track.shape[1] < frame_size:
            continue
        for lead in chosen_leads(store.leads[record], leads):
            until = np.concatenate(([0], np.cumsum(track[lead] >= 0)))
            enough = until[frame_size:] - until[:-frame_size] >= share * frame_size - 1e-9
            first, last = _runs(enough).T
            parts.append(stretches(record, lead, first, last - first + frame_size - 1, NO_LABEL))
    return strips_from(store, parts)


def _runs(inside: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return [first, one past last] of each run of True, (n, 2)."""
    return np.flatnonzero(np.diff(np.concatenate(([0], inside, [0])).astype(np.int8))).reshape(-1, 2)


def whole_leads(store: Store, records: Sequence[int], leads: Leads) -> Strips:
    """Return each chosen lead of each recording from beginning to end."""
    rows = [
        (record, lead, 0, int(store.samples[record]), NO_LABEL)
        for record in records
        for lead in chosen_leads(store.leads[record], leads)
    ]
    return strips_of(store, rows)


def strips_of(store: Store, rows: Sequence[tuple[int, ...]]) -> Strips:
    """Return strips from rows of (record, lead, begin, length, label)."""
    return strips_from(store, [np.array(rows, np.int64).reshape(-1, 5)])


def strips_from(store: Store, parts: Sequence[NDArray[np.int64]]) -> Strips:
    """Return strips from tables as `stretches` makes them."""
    return Strips(store, *np.concatenate([np.empty((0, 5), np.int64), *parts]).T)


def stretches(
    record: int,
    lead: int,
    begin: NDArray[np.int64],
    length: NDArray[np.int64] | int,
    label: NDArray[np.integer[Any]] | int,
) -> NDArray[np.int64]:
    """Return a table (n, 5) of stretches of one lead: no object is made for each of thousands of beats."""
    rows = np.empty((len(begin), 5), np.int64)
    for column, values in enumerate((record, lead, begin, length, label)):
        rows[:, column] = values
    return rows


def chosen_leads(names: Sequence[str], wanted: Leads) -> list[int]:
    """Return the numbers of the wanted leads among `names`, in any letter case; all where none are named.

    A recording that lacks a wanted lead gives the others, or nothing; `require_leads` finds misspelt ones.
    """
    if wanted is None:
        return list(range(len(names)))
    return [number for lead in wanted if (number := _number_of(lead, names)) is not None]


def _number_of(lead: str | int, names: Sequence[str]) -> int | None:
    if isinstance(lead, int):
        return lead if 0 <= lead < len(names) else None
    return next((number for number, name in enumerate(names) if name.lower() == lead.lower()), None)


def require_leads(store: Store, wanted: Leads, dataset: str) -> None:
    """Raise `UnknownNameError` if no recording has a wanted lead; log how many lack one."""
    for lead in wanted or ():
        without = sum(_number_of(lead, leads) is None for leads in store.leads)
        if without == len(store):
            known = {name for leads in store.leads for name in leads}
            raise UnknownNameError(f"lead of dataset {dataset!r}:", str(lead), known)
        if without:
            log.warning("%s: %d of %d recordings have no lead %s.", dataset, without, len(store), lead)
