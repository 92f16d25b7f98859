"""How far a stretch of ECG can be trusted.

Three fractions say which samples are no measurement at all; three indices compare the signal with what an ECG looks
like (Li, Mark & Clifford, Physiol. Meas. 2008;29:15; Zhao & Zhang, Front. Physiol. 2018;9:727).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid
from scipy.signal import welch

_FLAT_SECONDS = 0.2  # an ECG lead with a beating heart and its own noise does not stand still for so long
_CLIPPED_RUN = 3  # samples at the very limit in a row; a true extremum has one or two


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of one or more signals; every field has the signals' leading shape and lies in 0..1 but for kurtosis.

    Parameters
    ----------
    missing : array
        Share of samples that are NaN or infinite.
    flat : array
        Share of samples in runs of at least 0.2 s that do not change.
    clipped : array
        Share of samples in runs of three or more at the signal's own maximum or minimum, flat runs not counted twice.
    qrs_power : array
        Power in 5-15 Hz over power in 5-40 Hz ("pSQI"): above 0.5 where QRS complexes dominate muscle noise.
    baseline : array
        Power in 1-40 Hz over power in 0-40 Hz ("basSQI"): near 1 without baseline wander.
    kurtosis : array
        Fourth standardised moment ("kSQI"): above 5 for a clean ECG, 3 for Gaussian noise.
    score : array
        ``(1 - missing - flat - clipped) * baseline * min(1, qrs_power / 0.5)``: 1 is good, 0 is useless. A
        rough order of merit, not a calibrated probability.
    """

    missing: NDArray[np.float64]
    flat: NDArray[np.float64]
    clipped: NDArray[np.float64]
    qrs_power: NDArray[np.float64]
    baseline: NDArray[np.float64]
    kurtosis: NDArray[np.float64]
    score: NDArray[np.float64]


def ecg_quality(signals: NDArray[np.floating], sampling_rate: float) -> Quality:
    """Measure the quality of ECG signals.

    Parameters
    ----------
    signals : (..., samples) array
        ECG in any unit; NaN where missing. Indices of the spectrum want 5 s or more.
    sampling_rate : float
        Hz, above 80 so that 40 Hz is there.

    Returns
    -------
    Quality
        A signal without any change has `qrs_power`, `baseline`, `kurtosis` and `score` of 0.
    """
    known = np.isfinite(signals)
    missing = 1 - known.mean(-1)
    flat = _in_runs(_still(signals, known), max(2, round(_FLAT_SECONDS * sampling_rate)))
    clipped = _in_runs(_at_limit(signals, known), _CLIPPED_RUN) & ~flat
    filled = _fill(signals, known)
    frequency, psd = _spectrum(filled, sampling_rate)
    qrs_power = _share(_power(frequency, psd, 5, 15), _power(frequency, psd, 5, 40))
    baseline = _share(_power(frequency, psd, 1, 40), _power(frequency, psd, 0, 40))
    good = np.clip(1 - missing - flat.mean(-1) - clipped.mean(-1), 0, 1)
    return Quality(
        missing=missing,
        flat=flat.mean(-1),
        clipped=clipped.mean(-1),
        qrs_power=qrs_power,
        baseline=baseline,
        kurtosis=_share((filled**4).mean(-1), (filled**2).mean(-1) ** 2),
        score=good * baseline * np.minimum(1, qrs_power / 0.5),
    )


def _still(signals: NDArray[np.floating], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Say which samples equal the one before or the one after."""
    with np.errstate(invalid="ignore"):  # infinity minus infinity
        same = (np.diff(signals, axis=-1) == 0) & known[..., 1:] & known[..., :-1]
    edge = np.zeros((*signals.shape[:-1], 1), bool)
    return np.asarray(np.concatenate([edge, same], -1) | np.concatenate([same, edge], -1))


def _at_limit(signals: NDArray[np.floating], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    top = np.where(known, signals, -np.inf).max(-1, keepdims=True)
    bottom = np.where(known, signals, np.inf).min(-1, keepdims=True)
    return np.asarray(known & ((signals == top) | (signals == bottom)))


def _in_runs(mask: NDArray[np.bool_], length: int) -> NDArray[np.bool_]:
    """Keep only what stands in a run of at least `length` along the last axis."""
    samples = mask.shape[-1]
    index = np.arange(samples)
    before = np.maximum.accumulate(np.where(mask, -1, index), axis=-1)  # last sample outside of the mask
    after = np.minimum.accumulate(np.where(mask, samples, index)[..., ::-1], axis=-1)[..., ::-1]
    return np.asarray(mask & (after - before - 1 >= length))


def _fill(signals: NDArray[np.floating], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the signals about their mean, with zero for what is missing."""
    count = np.maximum(known.sum(-1, keepdims=True), 1)
    clean = np.where(known, signals, 0.0).astype(np.float64)
    return np.where(known, clean - clean.sum(-1, keepdims=True) / count, 0.0)


def _spectrum(filled: NDArray[np.float64], sampling_rate: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    window = min(filled.shape[-1], round(4 * sampling_rate))
    frequency, psd = welch(filled, sampling_rate, nperseg=window, detrend=False, axis=-1)
    return frequency, psd


def _power(frequency: NDArray[np.float64], psd: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    band = (frequency >= low) & (frequency <= high)
    return np.asarray(trapezoid(psd[..., band], frequency[band], axis=-1))


def _share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
