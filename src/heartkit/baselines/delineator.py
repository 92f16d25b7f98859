"""A classical ECG delineator without training: peak prominence, from NeuroKit2.

Emrich, Gargano, Koka & Muma, "Physiology-informed ECG delineation based on peak prominence", EUSIPCO 2024, as NeuroKit2
(Makowski et al. 2021) implements it. Of NeuroKit2's methods it does best on LUDB by a wide margin: its wavelet method
places QRS onsets some 50 ms early, and its continuous wavelet method finds half of the QRS boundaries.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

_COLUMNS = {"P": ("ECG_P", 0.3), "QRS": ("ECG_R", 0.2), "T": ("ECG_T", 0.5)}
"""NeuroKit2's name of each wave, and the furthest its onset or offset can be from its peak, in seconds."""

_PARTS = ("Onsets", "Peaks", "Offsets")


def delineate(signal: NDArray[np.floating], sampling_rate: float) -> dict[str, NDArray[np.float64]]:
    """Find P waves, QRS complexes and T waves on one lead.

    Parameters
    ----------
    signal : (samples,) array
        One ECG lead; NaN is bridged by straight lines.
    sampling_rate : float
        Hz; best at the recording's own rate.

    Returns
    -------
    dict of str to (n, 3) array
        ``"P"``, ``"QRS"``, ``"T"``: onset, peak and offset in seconds, sorted. Empty where NeuroKit2 cannot cope, as
        with a flat signal or a single beat.
    """
    import neurokit2 as nk

    found: dict[str, Any] = {}
    with _coping(len(signal)):
        clean, peaks = _clean_and_peaks(signal, sampling_rate)
        delineated = nk.ecg_delineate(clean, peaks, sampling_rate=sampling_rate, method="prominence")[1]
        found = {**delineated, "ECG_R_Peaks": peaks}
    if not found:
        return {name: np.empty((0, 3)) for name in _COLUMNS}
    waves = {}
    for name, (prefix, reach) in _COLUMNS.items():
        onsets, tops, offsets = (_times(found[f"{prefix}_{part}"], sampling_rate) for part in _PARTS)
        waves[name] = _waves(onsets, tops, offsets, reach)
    return waves


def find_r_peaks(signal: NDArray[np.floating], sampling_rate: float) -> NDArray[np.float64]:
    """Find R peaks on one lead by NeuroKit2's own detector, some fifty times faster than all waves.

    Parameters
    ----------
    signal, sampling_rate
        As for `delineate`.

    Returns
    -------
    (n,) array of float
        Seconds, sorted; empty where NeuroKit2 cannot cope.
    """
    peaks = np.empty(0)
    with _coping(len(signal)):
        peaks = _clean_and_peaks(signal, sampling_rate)[1]
    return _times(peaks, sampling_rate)


def _clean_and_peaks(
    signal: NDArray[np.floating], sampling_rate: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lead as NeuroKit2 filters it, and its R peaks in samples."""
    import neurokit2 as nk

    known = np.isfinite(signal)
    if not known.any() or np.ptp(signal[known]) == 0:
        raise ValueError("the signal is flat")
    index = np.arange(len(signal))
    whole = np.interp(index, index[known], signal[known])
    clean = nk.ecg_clean(whole, sampling_rate=sampling_rate)
    return clean, nk.ecg_peaks(clean, sampling_rate=sampling_rate)[1]["ECG_R_Peaks"]


@contextmanager
def _coping(samples: int) -> Iterator[None]:
    """Take the many ways in which NeuroKit2 fails for finding nothing, and silence its warnings."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of empty windows at the edges, beat by beat
            yield
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # It does not check its input: a single beat, for one, ends in an index beyond an array.
        log.info("NeuroKit2 could not cope with a lead of %d samples: %s", samples, error)


def _times(samples: list[float] | NDArray[np.float64], sampling_rate: float) -> NDArray[np.float64]:
    """Return what is known, sorted, in seconds."""
    times = np.asarray(samples, np.float64) / sampling_rate
    return np.unique(times[np.isfinite(times)])


def _waves(
    onsets: NDArray[np.float64], peaks: NDArray[np.float64], offsets: NDArray[np.float64], reach: float
) -> NDArray[np.float64]:
    """Put together each peak with the last onset before and the first offset after it; drop what is incomplete.

    NeuroKit2's columns cannot be taken row by row: it drops points before the recording's start from each column.
    """
    before = np.searchsorted(onsets, peaks, side="right") - 1
    after = np.searchsorted(offsets, peaks, side="left")
    onset = np.append(onsets, np.nan)[before]  # index -1 and one beyond the end both fall on the NaN
    offset = np.append(offsets, np.nan)[after]
    waves = np.stack([onset, peaks, offset], axis=1)
    complete = (peaks - onset <= reach) & (offset - peaks <= reach)
    return np.asarray(waves[complete])
