"""Drawing frames some patients at a time, so that what it needs does not grow with the dataset.

A week of one person's ECG has nearly a million beats, each a strip of its own. Frames are drawn patient by patient
anyway, so of a block of patients all strips but those that frames were drawn from can be forgotten before the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from heartkit.frames.sampling import FrameIndex
from heartkit.frames.strips import Strips
from heartkit.records.store import Store

BLOCK_SAMPLES = 2**27
"""Patients with so many samples (of all leads) make a block: at 100 Hz about two million beats."""


def draw_in_blocks(
    store: Store,
    records: Sequence[int],
    cut: Callable[[Sequence[int]], Strips],
    draw: Callable[[Strips], FrameIndex],
) -> tuple[Strips, FrameIndex, int]:
    """Cut and draw, block after block.

    Parameters
    ----------
    store : Store
        The prepared recordings.
    records : sequence of int
        Which of them.
    cut : callable
        ``cut(records)`` gives the strips of some recordings.
    draw : callable
        ``draw(strips)`` chooses frames of the patients that the strips are of, whoever the other patients are.

    Returns
    -------
    Strips, FrameIndex, int
        The strips that frames are drawn from; the frames; samples of the longest strip that there was.
    """
    kept, drawn, longest, strips, patients = [], [], 0, 0, 0
    for block in patient_blocks(store, records):
        here = cut(block)
        index = draw(here)
        longest = max(longest, int(here.length.max(initial=0)))
        used, strip = np.unique(index.strip, return_inverse=True)
        kept.append(here.take(used))
        drawn.append(FrameIndex(strip.reshape(index.strip.shape) + strips, index.start, index.patient + patients))
        strips += len(used)
        patients += int(index.patient.max(initial=-1)) + 1
    return Strips.joined(store, kept), FrameIndex.joined(drawn), longest


def patient_blocks(store: Store, records: Sequence[int]) -> Iterator[list[int]]:
    """Yield blocks of recordings, each with all of its patients' recordings, in their order; one at least."""
    chosen = np.asarray(records, np.int64)
    if not len(chosen):
        yield []
        return
    who = np.unique(store.patient_numbers[chosen], return_inverse=True)[1]
    leads = np.array([len(store.leads[record]) for record in chosen], np.int64)
    ends = np.cumsum(np.bincount(who, store.samples[chosen] * leads))
    block = ((ends - 1) // BLOCK_SAMPLES).astype(np.int64)[who]
    order = np.argsort(block, kind="stable")
    for part in np.split(chosen[order], np.flatnonzero(np.diff(block[order])) + 1):
        yield part.tolist()
