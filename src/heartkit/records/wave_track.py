"""Wave spans as numbers, one for each sample of each lead."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heartkit.records.record import ALL_LEADS, Spans, Waves
from heartkit.records.vocabulary import Wave


def wave_track(waves: Waves, annotated: Spans, leads: int, samples: int, rate: float) -> NDArray[np.int8]:
    """Say for each sample of each lead which wave it belongs to.

    Parameters
    ----------
    waves : Waves
        The wave spans.
    annotated : Spans
        Which part of which lead is annotated.
    leads, samples : int
        Shape of the result.
    rate : float
        Hz, of the result.

    Returns
    -------
    (leads, samples) array of int8
        `Wave` values; -1 where nothing is known. A sample belongs to a wave if its time lies in
        ``[onset, offset]``. Later spans win where spans overlap.
    """
    track = np.full((leads, samples), -1, np.int8)
    for lead, start, stop in zip(annotated.kind, annotated.start, annotated.stop, strict=True):
        track[lead, _samples_in(start, stop, rate)] = Wave.NONE
    for kind, onset, offset, lead in zip(waves.kind, waves.onset, waves.offset, waves.lead, strict=True):
        rows = slice(None) if lead == ALL_LEADS else lead
        track[rows, _samples_in(onset, offset, rate)] = kind
    return track


def _samples_in(start: float, stop: float, rate: float) -> slice:
    """Return the samples whose time lies within ``[start, stop]``, rounding errors forgiven."""
    return slice(max(0, int(np.ceil(start * rate - 1e-6))), max(0, int(np.floor(stop * rate + 1e-6)) + 1))
