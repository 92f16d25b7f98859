"""Drawing beats into the dipole's signal: each bump on its own short window, all beats of a batch at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.synthesis.morphology import QRS, ST, Hearts, P, T, stretch
from heartkit.synthesis.rhythm import BeatTimes

_SUPPORT = 3.3
"""Standard deviations beyond which a bump (then below 0.5 % of its height) is left out."""


@dataclass(frozen=True, slots=True)
class BeatList:
    """All beats of a batch in one list, sorted by record and time.

    Parameters
    ----------
    record : (n,) array of int
        Row in the batch.
    kind : (n,) array of int8
        `Beat` values.
    time : (n,) array of float
        Seconds, of the R peak.
    scale : (n, 9) array of float
        How much each bump stretches about the heart's origin.
    factor : (n, 9) array of float
        Factor on each bump's height.
    """

    record: NDArray[np.intp]
    kind: NDArray[np.int8]
    time: NDArray[np.float64]
    scale: NDArray[np.float64]
    factor: NDArray[np.float64]


def list_beats(beats: BeatTimes, factor: NDArray[np.float64], duration: float, margin: float) -> BeatList:
    """Return the beats whose R peak lies within the record or at most `margin` seconds outside of it."""
    record, beat = np.nonzero((beats.time > -margin) & (beats.time < duration + margin))
    scale = stretch(beats.rr[record, beat], beats.mean_rr[record])
    return BeatList(record, beats.kind[record, beat], beats.time[record, beat], scale, factor[record, beat])


def draw_waves(hearts: Hearts, beats: BeatList, records: int, samples: int, rate: float) -> NDArray[np.float32]:
    """Return the dipole's signal.

    Parameters
    ----------
    hearts : Hearts
        Shapes.
    beats : BeatList
        When and how.
    records, samples : int
        Shape of the result.
    rate : float
        Hz.

    Returns
    -------
    (records, 3, samples) array of float32
        mV in Frank's axes.
    """
    total = np.zeros(records * 3 * samples)
    for wave in (P, QRS, slice(ST.start, T.stop)):
        where, heights = _windows(hearts, beats, wave, samples, rate)
        total += np.bincount(where, heights, minlength=len(total))[: len(total)]
    return total.reshape(records, 3, samples).astype(np.float32)


def _windows(
    hearts: Hearts, beats: BeatList, wave: slice, samples: int, rate: float
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return the places in the flat result that the bumps of a wave fall on, and what to add there."""
    shape = (beats.record, beats.kind)
    scale, origin = beats.scale[:, wave], hearts.origin[shape][:, None]
    centre = beats.time[:, None] + origin + scale * (hearts.centre[shape][:, wave] - origin)
    rise, fall = scale * hearts.rise[shape][:, wave], scale * hearts.fall[shape][:, wave]
    first = np.floor((centre - _SUPPORT * rise).min(axis=1) * rate).astype(np.intp)
    # One window for all bumps of a wave: as long as the longest, so that it is one array.
    length = np.ceil((centre + _SUPPORT * fall).max(axis=1) * rate).astype(np.intp) - first + 1
    steps = np.arange(length.max(initial=0))
    since = ((first / rate)[:, None] - centre).astype(np.float32)[:, :, None] + (steps / rate).astype(np.float32)
    sharp = np.where(since < 0, (1 / rise).astype(np.float32)[:, :, None], (1 / fall).astype(np.float32)[:, :, None])
    since *= sharp
    bumps = np.exp(np.float32(-0.5) * since * since)
    vector = (hearts.vector[shape][:, wave] * beats.factor[:, wave, None]).astype(np.float32)
    # Summed bump by bump: a matrix product may round differently with the batch's longest window.
    heights = sum(vector[:, at, :, None] * bumps[:, at, None, :] for at in range(bumps.shape[1]))
    sample = first[:, None] + steps
    inside = (sample >= 0) & (sample < samples) & (steps < length[:, None])
    row = (beats.record[:, None] * 3 + np.arange(3))[:, :, None] * samples
    where = row + np.where(inside, sample, 0)[:, None, :]
    heights *= inside[:, None, :]
    return where.ravel(), heights.ravel()
