"""Frames of one beat each, as the DeepFilter protocol cuts them: from one P wave to the next, with zeros around.

Romero, Piñol, Vázquez-Seisdedos, "DeepFilter: an ECG baseline wander removal filter using deep learning techniques",
Biomed. Signal Process. Control 70, 2021, and the code that its authors published with it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.strips import NO_LABEL, Leads, Strips, chosen_leads, strips_of
from heartkit.records.record import Waves
from heartkit.records.store import Store
from heartkit.records.vocabulary import Wave

BEFORE_P = 0.04
"""Seconds before the onset of its P wave at which a beat begins."""
PADDING = 16
"""Samples of a frame before its beat; a beat that would reach beyond the frame's end is left out."""


def beat_windows(store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
    """Return a strip for each beat that fits into a frame.

    A beat begins `BEFORE_P` before the onset of its P wave and ends where the next one begins. Stretches with two QRS
    complexes or more are left out: a P wave was missed in them.

    Parameters
    ----------
    store : Store
        The prepared recordings, P waves and QRS complexes marked.
    records : sequence of int
        Which of them.
    leads : sequence of str, optional
        Of these leads, by default all, the first that a recording has is used.
    frame_size : int
        Samples of a frame.

    Returns
    -------
    Strips
        Of the length of each beat.
    """
    rows = []
    for record in records:
        if not (chosen := chosen_leads(store.leads[record], leads)):
            continue
        waves = _marked(store.annotation("waves", record), chosen[0])
        starts = np.sort(waves.of_kind(Wave.P).onset) - BEFORE_P
        peaks = np.sort(waves.of_kind(Wave.QRS).peak)
        complexes = np.diff(np.searchsorted(peaks, starts))
        edges = np.rint(starts * store.rate).astype(np.int64)
        length = np.diff(edges)
        fits = (complexes < 2) & (edges[:-1] >= 0) & (length > 0) & (length <= frame_size - PADDING)
        rows += [(record, chosen[0], *beat, NO_LABEL) for beat in zip(edges[:-1][fits], length[fits], strict=True)]
    return strips_of(store, rows)


def cut_beats(strips: Strips, rows: NDArray[np.int64], frame_size: int) -> NDArray[np.float32]:
    """Return the beats of some strips as frames (n, frame_size): mean of first and last sample taken off, zeros around.

    Each frame is the strip's beat from sample `PADDING` on.
    """
    frames = np.zeros((len(rows), frame_size), np.float32)
    for frame, row in zip(frames, rows.tolist(), strict=True):
        length = int(strips.length[row])
        beat = strips.cut("signals", np.array([row]), np.zeros(1, np.int64), length)[0]
        frame[PADDING : PADDING + length] = beat - (beat[0] + beat[-1]) / 2
    return frames


def _marked(waves: Waves, lead: int) -> Waves:
    """Return the waves that are marked on a lead, else those of the first lead on which P waves are."""
    mine = waves.on_lead(lead)
    others = waves.lead[waves.kind == Wave.P]
    if len(mine.of_kind(Wave.P)) or not len(others):
        return mine
    return waves.on_lead(int(others.min()))
