"""Where in a QRS complex the R peak is, and in a pulse its highest point."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

Side = Literal["main", "up"]

_SMOOTH = 10.0  # Hz, up to which the bend of a pulse is looked for: above, it is noise
_HUMP = 0.2  # seconds after the notch within which the diastolic peak lies
_LEAST_SAMPLES = 20  # that the filter needs


def r_peaks(
    signal: NDArray[np.floating],
    sampling_rate: float,
    onset: NDArray[np.float64],
    offset: NDArray[np.float64],
    side: Side = "main",
) -> NDArray[np.float64]:
    """Place the R peak in each QRS complex that a segmentation has found.

    The peak is where the signal is furthest from the straight line between onset and offset, which stands in for the
    local baseline, with a parabola through the three samples around it: at 100 Hz a peak on the sample grid alone
    would add some 4 ms of jitter to each RR interval (Task Force 1996 asks for such interpolation below 250 Hz).

    Parameters
    ----------
    signal : (samples,) array
        One lead; NaN counts as on the baseline.
    sampling_rate : float
        Hz.
    onset, offset : (n,) arrays
        Spans of the QRS complexes in seconds, ``onset <= offset``.
    side : "main" or "up"
        Which deflection is the peak. ``"main"``: the side, up or down, that dominates in most complexes; for RR
        intervals. ``"up"``: the R wave proper, as LUDB's annotators mark it in every lead, aVR and V1 too. A complex
        with nothing on the chosen side takes the other. On LUDB's complexes at 500 Hz, all leads, ``"main"`` gives RR
        intervals within 5.0 ms (sd) of lead II's annotated ones against 12.3 ms, ``"up"`` puts 95 % of the peaks
        within 10 ms of the annotated ones against 62 %.

    Returns
    -------
    (n,) array of float
        Seconds; the middle of the span where the signal shows no deflection.
    """
    first, last = _span_edges(len(signal), sampling_rate, onset, offset)
    deviations = [_deviation(signal[a : b + 1]) for a, b in zip(first, last, strict=True)]
    sign = _dominant_sign(deviations) if side == "main" else 1
    middle = (np.asarray(onset) + np.asarray(offset)) / 2
    peaks = np.array([_peak(deviation, sign) for deviation in deviations], np.float64)
    return np.where(np.isnan(peaks), middle, (first + peaks) / sampling_rate)


def pulse_peaks(
    signal: NDArray[np.floating], sampling_rate: float, onset: NDArray[np.float64], offset: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Place the peak of each pulse wave of a PPG: where the signal is highest, a parabola through the samples around.

    Parameters
    ----------
    signal : (samples,) array
        One PPG; NaN counts as the lowest.
    sampling_rate : float
        Hz.
    onset, offset : (n,) arrays
        Spans of the waves in seconds, ``onset <= offset``.

    Returns
    -------
    (n,) array of float
        Seconds; the middle of the span where the signal is flat.
    """
    first, last = _span_edges(len(signal), sampling_rate, onset, offset)
    peaks = np.array([_peak(_height(signal[a : b + 1]), 1) for a, b in zip(first, last, strict=True)], np.float64)
    middle = (np.asarray(onset) + np.asarray(offset)) / 2
    return np.where(np.isnan(peaks), middle, (first + peaks) / sampling_rate)


def diastolic_peaks(
    signal: NDArray[np.floating], sampling_rate: float, onset: NDArray[np.float64], offset: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Place the diastolic peak of each pulse of a PPG: where the signal bends downwards most, soon after the notch.

    That is the "f" wave of the acceleration plethysmogram (Takazawa et al., Hypertension 32:365, 1998), which is there
    also where no second hump is to be seen. The signal is smoothed up to `_SMOOTH` Hz for it.

    Parameters
    ----------
    signal : (samples,) array
        One PPG; NaN is bridged by straight lines.
    sampling_rate : float
        Hz.
    onset, offset : (n,) arrays
        Notch and next foot in seconds, ``onset <= offset``.

    Returns
    -------
    (n,) array of float
        Seconds.
    """
    known = np.flatnonzero(np.isfinite(signal))
    if len(known) < _LEAST_SAMPLES or sampling_rate <= 2 * _SMOOTH:
        return np.array(onset, np.float64)
    whole = np.interp(np.arange(len(signal)), known, np.asarray(signal)[known])
    smooth = sosfiltfilt(butter(2, _SMOOTH, fs=sampling_rate, output="sos"), whole)
    bend = -np.gradient(np.gradient(smooth))
    latest = np.minimum(np.asarray(onset) + _HUMP, offset)
    first, last = _span_edges(len(signal), sampling_rate, onset, latest)
    return (
        np.array([a + bend[a : b + 1].argmax() for a, b in zip(first, last, strict=True)], np.float64) / sampling_rate
    )


def _span_edges(
    samples: int, sampling_rate: float, onset: NDArray[np.float64], offset: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the first and last sample of each span, within the signal."""
    first = np.clip(np.rint(np.asarray(onset) * sampling_rate).astype(np.intp), 0, max(samples - 1, 0))
    return first, np.clip(np.rint(np.asarray(offset) * sampling_rate).astype(np.intp), first, max(samples - 1, 0))


def _height(span: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how far a span is above its lowest sample."""
    known = np.isfinite(span)
    lowest = span[known].min() if known.any() else 0.0
    return np.where(known, span - lowest, 0.0).astype(np.float64)


def _deviation(span: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the span's distance from the line between its ends."""
    if not len(span):
        return np.zeros(0)
    known = np.isfinite(span)
    ends = span[known][[0, -1]] if known.any() else np.zeros(2)
    return np.where(known, span - np.linspace(ends[0], ends[1], len(span)), 0.0).astype(np.float64)


def _dominant_sign(deviations: list[NDArray[np.float64]]) -> int:
    """Return +1 or -1: the side on which most complexes reach furthest."""
    balance = [deviation.max() + deviation.min() for deviation in deviations if len(deviation)]
    return -1 if balance and np.median(balance) < 0 else 1


def _peak(deviation: NDArray[np.float64], sign: int) -> float:
    """Return the place of the peak in samples from the span's start; NaN where the span is flat."""
    height = sign * deviation
    if not len(height) or not deviation.any():
        return np.nan
    at = int(np.argmax(height))
    if at in (0, len(height) - 1):
        return float(at) if height[at] > 0 else _peak(deviation, -sign)  # nothing on that side: take the other
    before, top, after = height[at - 1 : at + 2]
    bend = before - 2 * top + after
    return float(at + (0.5 * (before - after) / bend if bend < 0 else 0.0))
