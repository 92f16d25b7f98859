"""Where the waves of synthetic beats begin, peak and end on each lead.

The rules imitate the cardiologists who marked LUDB:

- A wave reaches from where it first exceeds a small share of its height (`SHARES`) to where it last does.
- What counts is the lead's own wave as far as it is large enough to be seen, else the wave on all leads: annotators
  mark flat waves, too, and then go by the other leads.
- The peak of a QRS complex is its R wave, and only where there is none the deepest point; the peak of P and T is the
  point farthest from the baseline.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.records.vocabulary import Wave
from heartkit.synthesis.morphology import QRS, Hearts, P, T
from heartkit.synthesis.waveform import BeatList

Floats = NDArray[np.float64]

KINDS = (Wave.P, Wave.QRS, Wave.T)
SHARES = (0.08, 0.02, 0.04)
"""Share of a wave's height at its onset and offset: for P, QRS and T.

Chosen so that the width at half height is as large a part of the marked width as in LUDB (0.51 for P, 0.44 for T), and
QRS complexes are as long as there.
"""
_BUMPS = (P, QRS, T)
_STEPS = (0.002, 0.0015, 0.004)
_REACH = 2.9
_VISIBLE = (0.03, 0.10, 0.05)
_SMALL_R = 0.08


@dataclass(frozen=True, slots=True)
class Marks:
    """Onset, peak and offset of the waves of beats.

    Parameters
    ----------
    times : (beats, 3 waves, 12 leads, 3) array of float
        Seconds; `KINDS`; onset, peak, offset.
    present : (beats, 3 waves) array of bool
        Whether the beat has the wave.
    """

    times: Floats
    present: NDArray[np.bool_]


def mark_beats(hearts: Hearts, beats: BeatList, matrix: Floats) -> Marks:
    """Mark the waves of all beats on all leads.

    Parameters
    ----------
    hearts : Hearts
        Shapes.
    beats : BeatList
        When and how.
    matrix : (batch, 12, 3) array of float
        The leads' rows: mV per mV of dipole.
    """
    pair, which = np.unique(beats.record * 3 + beats.kind, return_inverse=True)
    record, kind = np.divmod(pair, 3)
    origin = hearts.origin[record, kind]
    times = np.empty((len(beats.record), len(KINDS), matrix.shape[1], 3))
    for wave, bumps in enumerate(_BUMPS):
        template = _template(hearts, record, kind, matrix, wave) - origin[:, None, None]
        scale = beats.scale[:, bumps.start, None, None]
        times[:, wave] = (beats.time + origin[which])[:, None, None] + scale * template[which]
    present = np.ones((len(beats.record), len(KINDS)), bool)
    present[:, 0] = hearts.has_p[beats.record, beats.kind]
    return _part_neighbours(times, present, beats.record)


def _template(hearts: Hearts, record: NDArray[np.intp], kind: NDArray[np.intp], matrix: Floats, wave: int) -> Floats:
    """Return onset, peak, offset of one wave, (pairs, 12, 3), in seconds from the R peak at an interval of 1 s."""
    bumps, step = _BUMPS[wave], np.float32(_STEPS[wave])
    centre, rise, fall = (
        part[record, kind][:, bumps].astype(np.float32) for part in (hearts.centre, hearts.rise, hearts.fall)
    )
    start = (centre - np.float32(_REACH) * rise).min(axis=1)
    count = int(np.ceil(((centre + np.float32(_REACH) * fall).max(axis=1) - start).max() / step)) + 1
    time = start[:, None] + step * np.arange(count, dtype=np.float32)
    since = time[:, None, :] - centre[:, :, None]
    since /= np.where(since < 0, rise[:, :, None], fall[:, :, None])
    shape = np.exp(np.float32(-0.5) * since * since)
    rows = matrix.astype(np.float32)[record] @ hearts.vector[record, kind][:, bumps].astype(np.float32).swapaxes(1, 2)
    leads = sum(rows[:, :, at, None] * shape[:, at, None, :] for at in range(shape.shape[1]))
    signal = np.asarray(leads, np.float32)
    onset, offset = _boundaries(np.abs(signal), SHARES[wave], _VISIBLE[wave])
    peak = np.clip(_peaks(signal, KINDS[wave] == Wave.QRS), onset, offset)
    steps = np.stack([onset, peak, offset], axis=-1)
    places: Floats = start[:, None, None] + steps * np.float64(step)
    return places


def _boundaries(size: NDArray[np.float32], share: float, visible: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first and last step at which the wave, (pairs, leads, steps) in mV, exceeds its share."""
    height = size.max(axis=-1, keepdims=True)
    everywhere = np.sqrt((size * size).mean(axis=1, keepdims=True))
    everywhere /= np.maximum(everywhere.max(axis=-1, keepdims=True), np.float32(1e-9))
    trust = height * height / (height * height + np.float32(visible * visible))
    seen = size * (trust / np.maximum(height, np.float32(1e-9))) + everywhere * (1 - trust)
    above = seen > np.float32(share)
    first = above.argmax(axis=-1)
    last = above.shape[-1] - 1 - above[..., ::-1].argmax(axis=-1)
    return first, last


def _peaks(signal: NDArray[np.float32], upward: bool) -> NDArray[np.intp]:
    """Return the step of the peak: the highest point if `upward` and it stands out, else the farthest from zero."""
    farthest: NDArray[np.intp] = np.abs(signal).argmax(axis=-1)
    if not upward:
        return farthest
    positive = signal.max(axis=-1) > _SMALL_R * -signal.min(axis=-1)
    return np.where(positive, signal.argmax(axis=-1), farthest)


def _part_neighbours(times: Floats, present: NDArray[np.bool_], record: NDArray[np.intp]) -> Marks:
    """End each T wave where the next beat's P wave or QRS complex begins; a P wave hidden in a T wave is no P wave."""
    same = (record[1:] == record[:-1])[:, None]
    t_wave, next_p, next_qrs = times[:-1, 2], times[1:, 0], times[1:, 1]
    hidden = same & (next_p[..., 0] < t_wave[..., 1] + 0.02)
    present = present.copy()
    present[1:, 0] &= ~hidden.any(axis=1)
    limit = np.where(present[1:, 0, None], next_p[..., 0], next_qrs[..., 0])
    limit = np.where(same, limit, np.inf)
    t_wave[..., 2] = np.minimum(t_wave[..., 2], limit)
    t_wave[..., :2] = np.minimum(t_wave[..., :2], t_wave[..., 2:])
    # Waves of one beat do not overlap either: P ends before QRS begins, T begins after QRS ends.
    p_wave, qrs, t_all = times[:, 0], times[:, 1], times[:, 2]
    p_wave[...] = np.minimum(p_wave, qrs[..., :1])
    t_all[...] = np.maximum(t_all, qrs[..., 2:])
    return Marks(times, present)
