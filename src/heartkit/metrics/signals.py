"""How near a signal is to the clean one, frame by frame: denoising, and translation between kinds of signal.

With the clean frame c, the frame to score s, sums over the samples of a frame and m(c) the mean of c:

=================== ============================================================================================
``snr``             10 log10(sum (c - m(c))^2 / sum (s - c)^2), dB. An offset of s is an error, one of c no signal.
``rmse``, ``mae``   Root mean square error and mean absolute error, in the signal's unit.
``prd``             100 sqrt(sum (s - c)^2 / sum (c - m(c))^2), percent; the mean is removed, so that a baseline of c
                    does not make it look good (PRDN in the literature on compression). It is 100 * 10^(-snr / 20).
``correlation``     Pearson's.
``cosine``          sum c s / sqrt(sum c^2 sum s^2), of each frame by itself; the mean is not removed.
``ssd``, ``mad``    sum (s - c)^2 and max |s - c|: sum of squared distances and maximum absolute distance, as in Romero
                    et al. 2021 (DeepFilter).
``prd_deepfilter``  100 sqrt(sum (s - c)^2 / sum (s - M)^2), percent, M being the mean of c over all samples of all
                    frames: what the authors of DeepFilter compute. Its denominator is the power of what is scored, so
                    it is for comparison with their table, and not a measure of its own.
=================== ============================================================================================

What a flat frame leaves undefined is NaN: ``snr``, ``prd`` and ``correlation`` where c is flat, ``correlation`` where s
is, ``cosine`` where either is zero, ``prd_deepfilter`` where s is M throughout. The SNR of a frame without any error is
infinite. Means and medians leave both out and say how many they left out.

References
----------
Romero, Piñol, Vázquez-Seisdedos, "DeepFilter: an ECG baseline wander removal filter using deep learning techniques",
Biomed. Signal Process. Control 70, 2021.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heartkit.errors import DataError
from heartkit.metrics.classification import ratio
from heartkit.metrics.summaries import summarise

SIGNAL_SCORES = ("snr", "rmse", "mae", "prd", "correlation", "cosine", "ssd", "mad", "prd_deepfilter")

DEEPFILTER_SCORES = ("ssd", "mad", "prd_deepfilter", "cosine")
"""The four of DeepFilter's table, in its order; it gives means and standard deviations over frames."""

_BLOCK = 2_000_000  # samples held at once in double precision


def frame_scores(
    clean: NDArray[np.floating], signal: NDArray[np.floating], clean_mean: float | None = None
) -> dict[str, NDArray[np.float64]]:
    """Score every frame against the clean one.

    Parameters
    ----------
    clean, signal : (n, samples) arrays
        The frames as they should be and as they are, in one unit.
    clean_mean : float, optional
        Mean of all clean frames for ``prd_deepfilter``, where these are only part of them.

    Returns
    -------
    dict of (n,) arrays
        `SIGNAL_SCORES`, defined above.

    Raises
    ------
    DataError
        If shapes differ or are not (n, samples).
    """
    if clean.shape != signal.shape or clean.ndim != 2:
        raise DataError(f"Clean frames {clean.shape} and frames to score {signal.shape} must be of one (n, samples).")
    if not clean.size:
        return {name: np.full(len(clean), np.nan) for name in SIGNAL_SCORES}
    centre = float(clean.mean(dtype=np.float64)) if clean_mean is None else clean_mean
    step = max(1, _BLOCK // clean.shape[1])
    blocks = [
        _scores(clean[at : at + step].astype(np.float64), signal[at : at + step].astype(np.float64), centre)
        for at in range(0, len(clean), step)
    ]
    return {name: np.concatenate([block[name] for block in blocks]) for name in SIGNAL_SCORES}


def scores_report(
    output: Mapping[str, NDArray[np.floating]],
    noisy: Mapping[str, NDArray[np.floating]] | None,
    patients: ArrayLike,
    rng: np.random.Generator,
    resamples: int = 2000,
    scores: Sequence[str] = SIGNAL_SCORES,
) -> dict[str, Any]:
    """Report scores of frames that are already there, such as those gathered batch by batch.

    Parameters
    ----------
    output, noisy : mappings of str to (n,) arrays
        `frame_scores` of the output and, if there are any, of the input.
    patients : (n,) array
        Whose frames they are.
    rng : numpy.random.Generator
        Draws the resamples.
    resamples : int
        How many.
    scores : sequence of str
        Which of `SIGNAL_SCORES`.

    Returns
    -------
    dict
        ``patients``, ``frames``; ``output`` and ``input`` (None without `noisy`): name -> what
        `heartkit.metrics.summaries.summarise` says; ``snr_improvement`` in dB (None without `noisy`): the mean and so
        on of the difference in each frame that defines it.
    """
    values = {f"output {name}": output[name] for name in scores}
    if noisy is not None:
        values |= {f"input {name}": noisy[name] for name in scores}
        values["snr_improvement"] = snr_improvement(output["snr"], noisy["snr"])
    summary = summarise(values, patients, rng, resamples)
    sides = {
        side: {name: summary[f"{side} {name}"] for name in scores if f"{side} {name}" in summary}
        for side in ("output", "input")
    }
    return {
        "patients": len(np.unique(np.asarray(patients))),
        "frames": len(next(iter(values.values()))),
        "output": sides["output"],
        "input": sides["input"] or None,
        "snr_improvement": summary.get("snr_improvement"),
    }


def snr_improvement(output: NDArray[np.floating], noisy: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return by how many dB each frame's SNR has risen; NaN where either is undefined or infinite."""
    defined = np.isfinite(output) & np.isfinite(noisy)
    rise = np.full(len(output), np.nan)
    rise[defined] = output[defined] - noisy[defined]
    return rise


def _scores(clean: NDArray[np.float64], signal: NDArray[np.float64], centre: float) -> dict[str, NDArray[np.float64]]:
    """Score one block of frames."""
    error = signal - clean
    squares, distance = (error**2).sum(1), np.abs(error)
    around, around_signal = _centred(clean), _centred(signal)
    power, power_signal = (around**2).sum(1), (around_signal**2).sum(1)
    norms = np.sqrt((clean**2).sum(1) * (signal**2).sum(1))
    spread = ((signal - centre) ** 2).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        snr = np.where(power > 0, 10 * np.log10(power / squares), np.nan)  # infinite without any error
    return {
        "snr": snr,
        "rmse": np.sqrt(squares / clean.shape[1]),
        "mae": distance.mean(1),
        "prd": 100 * np.sqrt(ratio(squares, power)),
        "correlation": np.clip(ratio((around * around_signal).sum(1), np.sqrt(power * power_signal)), -1, 1),
        "cosine": np.clip(ratio((clean * signal).sum(1), norms), -1, 1),
        "ssd": squares,
        "mad": distance.max(1),
        "prd_deepfilter": 100 * np.sqrt(ratio(squares, spread)),
    }


def _centred(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """Remove each frame's mean; of a flat frame nothing is left, whatever rounding did to its mean."""
    flat = frames.max(1, keepdims=True) == frames.min(1, keepdims=True)
    return np.where(flat, 0.0, frames - frames.mean(1, keepdims=True))
