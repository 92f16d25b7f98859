"""Changing the sampling rate of recordings."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

from heartkit.errors import ConfigError

REACH = 16
"""Half the length of the interpolating filter, in samples of the lower rate."""

KAISER_BETA = 8.0
"""Shape of its window: 80 dB less above 1.16 times half the lower rate, unchanged below 0.84 times that."""


def resample(signals: ArrayLike, rate_in: float, rate_out: float) -> NDArray[np.float32]:
    """Resample by a polyphase filter that also keeps what the new rate cannot hold from folding back.

    Sample *k* of the result lies at *k* / `rate_out` seconds, and the first samples coincide.

    Parameters
    ----------
    signals : (..., samples) array
        Finite values; a stretch of NaN spreads by `REACH` samples of the lower rate.
    rate_in, rate_out : float
        Hz. The ratio is taken as the nearest fraction with a denominator of at most 1000.

    Returns
    -------
    (..., ceil(samples * rate_out / rate_in)) array of float32

    Raises
    ------
    ConfigError
        If a rate is not positive.
    """
    for rate in (rate_in, rate_out):
        if not (rate > 0 and np.isfinite(rate)):
            raise ConfigError(f"The sampling rate is {rate!r} Hz; expected a positive number.")
    wide = np.asarray(signals, np.float64)
    ratio = Fraction(rate_out / rate_in).limit_denominator(1000)
    if ratio == 0:
        raise ConfigError(f"Resampling from {rate_in!r} to {rate_out!r} Hz leaves nothing; choose a higher rate.")
    if ratio == 1 or wide.shape[-1] == 0:
        return wide.astype(np.float32)
    up, down = ratio.numerator, ratio.denominator
    samples = -(-wide.shape[-1] * up // down)
    # Whole periods of `down` samples are put in front, so that the old first sample stays on the new grid. They
    # continue the signal by point reflection at its ends: neither an offset nor a slope makes a transient.
    periods = -(-REACH * max(up, down) // (up * down)) + 1
    pad = periods * down
    edges = [(0, 0)] * (wide.ndim - 1) + [(pad, pad)]
    longer = (
        np.pad(wide, edges, mode="reflect", reflect_type="odd") if wide.shape[-1] > 1 else np.pad(wide, edges, "edge")
    )
    first = periods * up
    # SciPy's type stubs do not know that a window may be the filter itself.
    window: Any = _lowpass(up, down)
    resampled = signal.resample_poly(longer, up, down, axis=-1, window=window)
    return np.ascontiguousarray(resampled[..., first : first + samples], np.float32)


@lru_cache(maxsize=8)
def _lowpass(up: int, down: int) -> NDArray[np.float64]:
    """Return the interpolating filter; each of its `up` phases adds up to the same, so that constants stay constant."""
    widest = max(up, down)
    taps = signal.firwin(2 * REACH * widest + 1, 1 / widest, window=("kaiser", KAISER_BETA))
    for phase in range(up):
        taps[phase::up] /= taps[phase::up].sum() * up
    return np.asarray(taps)
