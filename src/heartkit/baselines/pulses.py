"""A classical PPG delineator without training: systolic peaks from NeuroKit2, foot and notch by the pulse's shape.

Peaks are those of Elgendi, Norton, Brearley, Abbott & Schuurmans, PLoS ONE 8(10):e76585, 2013, as NeuroKit2 implements
them. The foot is the lowest point before a peak; the dicrotic notch is the largest acceleration after it, the "e" wave
of the acceleration plethysmogram (Takazawa et al., Hypertension 32:365, 1998).
"""

from __future__ import annotations

import logging
import warnings

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from heartkit.signal.peaks import diastolic_peaks

log = logging.getLogger(__name__)

_BAND = (0.5, 8.0)
"""Hz, of what the peaks are looked for in."""
_SMOOTH = 10.0
"""Hz, up to which a notch is looked for: above, acceleration is noise."""
_RISE = 0.4
"""Seconds, the longest from foot to peak."""
_NOTCH = (0.08, 0.35)
"""Seconds after the peak between which the notch lies, the latter at most half of the way to the next foot."""
_SHORTEST = 2.0
"""Seconds below which there is no telling pulses from noise."""


def delineate_pulses(signal: NDArray[np.floating], sampling_rate: float) -> dict[str, NDArray[np.float64]]:
    """Find systole and diastole of each pulse.

    Parameters
    ----------
    signal : (samples,) array
        One PPG in any unit, pulses upwards; NaN is bridged by straight lines.
    sampling_rate : float
        Hz, above 20.

    Returns
    -------
    dict of str to (n, 3) array
        ``"SYSTOLIC"``, ``"DIASTOLIC"``: onset, peak and offset in seconds, sorted. The last pulse, whose end is not
        seen, has no diastole. Empty where there are no pulses.
    """
    known = np.isfinite(signal)
    if known.sum() < _SHORTEST * sampling_rate or np.ptp(signal[known]) == 0:
        return {"SYSTOLIC": np.empty((0, 3)), "DIASTOLIC": np.empty((0, 3))}
    index = np.arange(len(signal))
    whole = np.interp(index, index[known], signal[known]).astype(np.float64)
    smooth = sosfiltfilt(butter(3, _SMOOTH, fs=sampling_rate, output="sos"), whole)
    peaks = _systolic_peaks(whole, sampling_rate)
    feet = np.array([_foot(smooth, peaks, at, sampling_rate) for at in range(len(peaks))], np.intp)
    acceleration = np.gradient(np.gradient(smooth))
    ends = np.append(feet[1:], -1)
    notches = [_notch(acceleration, peak, end, sampling_rate) for peak, end in zip(peaks, ends, strict=True)]
    systolic = [(foot, peak, notch) for foot, peak, notch in zip(feet, peaks, notches, strict=True) if notch > peak]
    diastolic = [(notch, end) for notch, end in zip(notches, ends, strict=True) if 0 <= notch < end]
    onset, offset = np.array(diastolic, np.float64).reshape(-1, 2).T / sampling_rate
    peak = diastolic_peaks(signal, sampling_rate, onset, offset)
    return {
        "SYSTOLIC": np.array(systolic, np.float64).reshape(-1, 3) / sampling_rate,
        "DIASTOLIC": np.stack([onset, peak, offset], axis=1),
    }


def _systolic_peaks(signal: NDArray[np.float64], sampling_rate: float) -> NDArray[np.intp]:
    import neurokit2 as nk

    clean = sosfiltfilt(butter(3, _BAND, btype="band", fs=sampling_rate, output="sos"), signal)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = nk.ppg_findpeaks(clean, sampling_rate=sampling_rate, method="elgendi")["PPG_Peaks"]
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # It does not check its input: a signal without any pulse, for one, ends in an index beyond an array.
        log.info("NeuroKit2 found no pulses in %d samples: %s", len(signal), error)
        return np.empty(0, np.intp)
    return np.unique(np.asarray(found, np.intp))


def _foot(smooth: NDArray[np.float64], peaks: NDArray[np.intp], at: int, sampling_rate: float) -> int:
    """Return the lowest sample before a peak, after the peak before it."""
    earliest = max(peaks[at - 1] if at else 0, peaks[at] - round(_RISE * sampling_rate))
    before = smooth[earliest : peaks[at] + 1]
    return int(earliest + before.argmin())


def _notch(acceleration: NDArray[np.float64], peak: int, end: int, sampling_rate: float) -> int:
    """Return the sample of the notch after a peak; -1 where the pulse is too short, or the signal ends, before it."""
    early, late = (peak + round(seconds * sampling_rate) for seconds in _NOTCH)
    late = min(late, (peak + end) // 2 if end >= 0 else len(acceleration) - 1)
    return int(early + acceleration[early : late + 1].argmax()) if late > early else -1
