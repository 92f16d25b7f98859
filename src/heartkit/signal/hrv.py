"""Heart-rate variability from the times of R peaks.

Names and definitions follow the Task Force of the ESC and NASPE (Circulation 1996;93:1043), computed by NeuroKit2.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid

BANDS = {"vlf": (0.0033, 0.04), "lf": (0.04, 0.15), "hf": (0.15, 0.4)}
"""Frequency bands in Hz."""

SHORTEST = {"vlf": 300.0, "lf": 120.0, "hf": 60.0}
"""Seconds of recording below which a band's power is not given (Task Force 1996: some ten cycles of its lowest)."""

_INTERPOLATION_RATE = 4.0  # Hz, of the evenly spaced RR series; ten times the highest frequency looked at
_LEAST_COVERAGE = 0.8  # share of the time that kept intervals must cover for a spectrum
_LEAST_KEPT = 0.2  # and for any variability: of bigeminy a handful of intervals may be kept that mean nothing


@dataclass(frozen=True, slots=True)
class RRIntervals:
    """Intervals between successive beats.

    Parameters
    ----------
    time : (n,) array of float
        Seconds; the beat that ends the interval.
    interval : (n,) array of float
        Seconds.
    kept : (n,) array of bool
        False where the interval is taken for an artefact or ectopic beat.
    """

    time: NDArray[np.float64]
    interval: NDArray[np.float64]
    kept: NDArray[np.bool_]

    @property
    def successive(self) -> NDArray[np.bool_]:
        """For each but the last interval, whether it and the next are both kept."""
        return self.kept[:-1] & self.kept[1:]

    @property
    def coverage(self) -> float:
        """Share of the time between first and last beat that kept intervals cover, 0..1."""
        total = float(self.interval.sum())
        return float(self.interval[self.kept].sum()) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Hrv:
    """Heart-rate variability; None where the recording is too short to say.

    Parameters
    ----------
    beats : int
        R peaks; 0 where there are not two, so no interval.
    coverage : float
        Share of the time between first and last beat that kept intervals cover, 0..1.
    rate_mean, rate_min, rate_max : float or None
        Beats per minute: 60 over the mean, longest and shortest kept interval.
    mean_nn, sdnn : float or None
        Mean and sample standard deviation of the kept intervals, ms.
    rmssd, sdsd : float or None
        Root mean square and sample standard deviation of successive differences, ms.
    pnn50 : float or None
        Successive differences above 50 ms, in percent of all kept intervals.
    sd1, sd2 : float or None
        Width and length of the Poincaré plot's ellipse, ms (Brennan 2001).
    vlf, lf, hf : float or None
        Power in `BANDS`, ms².
    lf_hf : float or None
        Their ratio.
    frequency : (f,) array or None
        Hz, of the spectrum that the band powers are integrated from.
    psd : (f,) array or None
        Power spectral density (Welch), ms²/Hz.
    """

    beats: int
    coverage: float
    rate_mean: float | None = None
    rate_min: float | None = None
    rate_max: float | None = None
    mean_nn: float | None = None
    sdnn: float | None = None
    rmssd: float | None = None
    sdsd: float | None = None
    pnn50: float | None = None
    sd1: float | None = None
    sd2: float | None = None
    vlf: float | None = None
    lf: float | None = None
    hf: float | None = None
    lf_hf: float | None = None
    frequency: NDArray[np.float64] | None = None
    psd: NDArray[np.float64] | None = None

    def table(self) -> list[tuple[str, float | None, str]]:
        """Return the measures as (name, value, unit), in the order in which they are usually read."""
        return [
            ("Beats", float(self.beats), ""), ("Time covered", self.coverage * 100, "%"),
            ("Heart rate, mean", self.rate_mean, "bpm"), ("Heart rate, lowest", self.rate_min, "bpm"),
            ("Heart rate, highest", self.rate_max, "bpm"), ("MeanNN", self.mean_nn, "ms"), ("SDNN", self.sdnn, "ms"),
            ("RMSSD", self.rmssd, "ms"), ("SDSD", self.sdsd, "ms"), ("pNN50", self.pnn50, "%"),
            ("SD1", self.sd1, "ms"), ("SD2", self.sd2, "ms"), ("VLF power", self.vlf, "ms²"),
            ("LF power", self.lf, "ms²"), ("HF power", self.hf, "ms²"), ("LF/HF", self.lf_hf, ""),
        ]  # fmt: skip


def rr_intervals(
    peaks: NDArray[np.float64], shortest: float = 0.3, longest: float = 2.0, jump: float = 0.3
) -> RRIntervals:
    """Turn R peaks into intervals and mark those that are not from one sinus beat to the next.

    Parameters
    ----------
    peaks : (beats,) array
        Times in seconds, in any order.
    shortest, longest : float
        Physiologic limits in seconds.
    jump : float
        Largest deviation from the median of the eleven intervals around, relative to it. A missed beat deviates by 1,
        a false one by some -0.5, a premature one by -0.3 or so. In atrial fibrillation true intervals are marked too:
        see `RRIntervals.coverage`.

    Returns
    -------
    RRIntervals
        One interval fewer than there are peaks.
    """
    times = np.sort(np.asarray(peaks, np.float64))
    interval = np.diff(times)
    kept = (interval >= shortest) & (interval <= longest)
    if kept.any():
        around = np.pad(np.where(kept, interval, np.nan), 5, constant_values=np.nan)
        windows = np.lib.stride_tricks.sliding_window_view(around, 11)
        usual = np.full(len(interval), np.median(interval[kept]))
        known = ~np.isnan(windows).all(1)
        usual[known] = np.nanmedian(windows[known], axis=1)
        kept &= np.abs(interval - usual) <= jump * usual
    return RRIntervals(times[1:], interval, kept)


def hrv(rr: RRIntervals) -> Hrv:
    """Compute heart-rate variability.

    Parameters
    ----------
    rr : RRIntervals
        As `rr_intervals` makes them; only kept intervals count, and differences only between neighbours both kept.

    Returns
    -------
    Hrv
        None where there are too few intervals or they cover too little of the time, or for a band's power, where the
        recording is too short (`SHORTEST`).
    """
    beats = len(rr.interval) + 1 if len(rr.interval) else 0
    kept = rr.interval[rr.kept]
    if not kept.size:
        return Hrv(beats, rr.coverage)
    rates = {"rate_mean": 60 / kept.mean(), "rate_min": 60 / kept.max(), "rate_max": 60 / kept.min()}
    told = rr.coverage >= _LEAST_KEPT
    values = rates | ({**_time_domain(rr), **_poincare(rr), **_frequency_domain(rr)} if told else {})
    return Hrv(beats, rr.coverage, **{name: _known(value) for name, value in values.items()})


def _time_domain(rr: RRIntervals) -> dict[str, float]:
    import neurokit2 as nk

    if rr.kept.sum() < 2:
        return {"mean_nn": 1000 * float(rr.interval[rr.kept].mean())}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NeuroKit2 warns of what few intervals cannot give; here that is None
        found = nk.hrv_time(_neurokit_input(rr)).iloc[0]
    values = {"mean_nn": found["HRV_MeanNN"], "sdnn": found["HRV_SDNN"]}
    if rr.successive.any():  # without neighbours NeuroKit2 would take differences across gaps
        values |= {"rmssd": found["HRV_RMSSD"], "sdsd": found["HRV_SDSD"], "pnn50": found["HRV_pNN50"]}
    return values


def _poincare(rr: RRIntervals) -> dict[str, float]:
    """Return the spread across and along the diagonal of (interval, next interval)."""
    this, following = (1000 * part[rr.successive] for part in (rr.interval[:-1], rr.interval[1:]))
    if len(this) < 2:
        return {}
    return {
        "sd1": np.std((following - this) / np.sqrt(2), ddof=1),
        "sd2": np.std((following + this) / np.sqrt(2), ddof=1),
    }


def _frequency_domain(rr: RRIntervals) -> dict[str, Any]:
    import neurokit2 as nk

    duration = float(rr.time[-1] - rr.time[0] + rr.interval[0])
    if duration < min(SHORTEST.values()) or rr.coverage < _LEAST_COVERAGE:
        return {}
    evenly, _, _ = nk.intervals_process(
        1000 * rr.interval[rr.kept],
        intervals_time=rr.time[rr.kept],
        interpolate=True,
        interpolation_rate=_INTERPOLATION_RATE,
        detrend="polynomial",
    )
    low, high = BANDS["vlf"][0], BANDS["hf"][1]
    spectrum = nk.signal_psd(
        evenly, sampling_rate=_INTERPOLATION_RATE, method="welch", min_frequency=low, max_frequency=high + 0.1,
        normalize=False, silent=True,
    )  # fmt: skip
    frequency, psd = spectrum["Frequency"].to_numpy(), spectrum["Power"].to_numpy()
    powers = {name: _power(frequency, psd, *BANDS[name]) for name in BANDS if duration >= SHORTEST[name]}
    if "lf" in powers and powers["hf"] > 0:
        powers["lf_hf"] = powers["lf"] / powers["hf"]
    return {**powers, "frequency": frequency, "psd": psd}


def _power(frequency: NDArray[np.float64], psd: NDArray[np.float64], low: float, high: float) -> float:
    """Integrate the spectrum over exactly ``[low, high]``, its values between the grid's points by interpolation."""
    grid = np.concatenate([[low], frequency[(frequency > low) & (frequency < high)], [high]])
    return float(trapezoid(np.interp(grid, frequency, psd), grid))


def _neurokit_input(rr: RRIntervals) -> dict[str, NDArray[np.float64]]:
    return {"RRI": 1000 * rr.interval[rr.kept], "RRI_Time": rr.time[rr.kept]}


def _known(value: Any) -> Any:
    """Return a plain float, None for NaN; arrays as they are."""
    if isinstance(value, np.ndarray):
        return value
    return float(value) if np.isfinite(value) else None
