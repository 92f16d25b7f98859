"""Wave spans out of one class per sample, and how they are scored."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from heartkit.objectives.labels import LEFT_OUT
from heartkit.records.record import Waves
from heartkit.records.vocabulary import Wave
from heartkit.signal.peaks import Side, diastolic_peaks, pulse_peaks, r_peaks

SHORTEST = {Wave.P: 0.03, Wave.QRS: 0.03, Wave.T: 0.05, Wave.SYSTOLIC: 0.1, Wave.DIASTOLIC: 0.05}
"""Seconds under which a run of samples is no wave of its kind but a flicker between classes."""
BRIDGED = 0.03
"""Seconds of something else within one wave that do not end it."""
PULSE = (Wave.SYSTOLIC, Wave.DIASTOLIC)
"""What a PPG has; the others are waves of an ECG."""
BEATS = (Wave.QRS, Wave.SYSTOLIC)
"""The waves of which each heartbeat has one."""


def wave_classes(class_map: Mapping[int, int]) -> dict[int, Wave]:
    """Return the classes that stand for exactly one kind of wave of `SHORTEST`; the others are not delineated."""
    kinds = {one: [w for w in Wave if class_map.get(int(w)) == one] for one in set(class_map.values()) - {LEFT_OUT}}
    return {one: waves[0] for one, waves in kinds.items() if len(waves) == 1 and waves[0] in SHORTEST}


def decode_waves(
    probabilities: NDArray[np.float32], signal: NDArray[np.float32], rate: float, kinds: Mapping[int, Wave], lead: int
) -> Waves:
    """Turn class probabilities of each sample into wave spans.

    Runs of one class, a gap of up to `BRIDGED` seconds closed, that last at least as long as `SHORTEST` says are
    waves. Onset and offset lie halfway between the last sample outside and the first inside. The peak of a QRS complex
    is its R wave, as annotators mark it; that of P and T is where most of the lead's waves of the kind reach furthest;
    that of a pulse's systole is where the signal is highest, that of its diastole where it bends downwards most.

    Parameters
    ----------
    probabilities : (samples, classes) array
        Or logits: only the largest of each sample matters.
    signal : (samples,) array
        The lead, in physical units.
    rate : float
        Hz.
    kinds : mapping of int to Wave
        Class -> kind, as `wave_classes` gives it.
    lead : int
        Number of the lead, for `Waves`.

    Returns
    -------
    Waves
        Sorted by onset within each kind.
    """
    labels = probabilities.argmax(axis=-1)
    parts = []
    for one, kind in kinds.items():
        edges = _runs(labels == one, BRIDGED * rate, SHORTEST[kind] * rate)
        last = (len(labels) - 1) / rate
        onset = np.clip((edges[:, 0] - 0.5) / rate, 0, last)
        offset = np.clip((edges[:, 1] - 0.5) / rate, 0, last)
        peak = _peaks(kind, signal, rate, onset, offset).clip(onset, offset)
        parts.append((np.full(len(onset), kind, np.int8), onset, peak, offset, np.full(len(onset), lead, np.int16)))
    return Waves(*map(np.concatenate, zip(*parts, strict=True))) if parts else Waves.empty()


def beat_wave(kinds: Collection[int]) -> Wave | None:
    """Return which of these kinds of wave stands for a heartbeat, None where none does."""
    return next((kind for kind in BEATS if kind in kinds), None)


def _peaks(
    kind: Wave, signal: NDArray[np.float32], rate: float, onset: NDArray[np.float64], offset: NDArray[np.float64]
) -> NDArray[np.float64]:
    if kind == Wave.SYSTOLIC:
        return pulse_peaks(signal, rate, onset, offset)
    if kind == Wave.DIASTOLIC:
        return diastolic_peaks(signal, rate, onset, offset)
    side: Side = "up" if kind == Wave.QRS else "main"
    return r_peaks(signal, rate, onset, offset, side)


def _runs(inside: NDArray[np.bool_], bridged: float, shortest: float) -> NDArray[np.int64]:
    """Return [first, one past last] of each run of True, short gaps closed, short runs dropped."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inside.view(np.int8), [0])))).reshape(-1, 2)
    if not len(edges):
        return edges
    apart = edges[1:, 0] - edges[:-1, 1] > bridged
    joined = np.stack([edges[np.append(True, apart), 0], edges[np.append(apart, True), 1]], axis=1)
    return np.asarray(joined[joined[:, 1] - joined[:, 0] >= shortest])
