"""What the atria do when they do not beat: fibrillatory waves and the sawtooth of flutter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from heartkit.synthesis.draws import Draws
from heartkit.synthesis.leads import direction

Floats = NDArray[np.float64]


def fibrillation(draws: Draws, time: NDArray[np.float32], size: Floats) -> NDArray[np.float32]:
    """Return fibrillatory waves: three independent oscillations of 4 to 9 Hz whose size and rate wander.

    Each is a sum of two harmonics with slow frequency modulation, after Stridh and Sörnmo, "Spatiotemporal QRST
    cancellation techniques for analysis of atrial fibrillation", IEEE Trans. Biomed. Eng. 48, 2001. They are largest
    from front to back, as lead V1 sees them.

    Parameters
    ----------
    draws : Draws
        Random numbers of the batch.
    time : (samples,) array of float32
        Seconds.
    size : (batch,) array of float
        Factor on the amplitude; 0 for records that do not fibrillate.

    Returns
    -------
    (batch, 3, samples) array of float32
        mV in Frank's axes.
    """
    rate = draws.uniform(4.5, 8.5)[:, None] * (1 + 0.06 * draws.spread(3))
    phase, wander_phase, swell_phase = draws.table(3), draws.table(3), draws.table(3)
    wander, wander_rate, swell_rate = draws.table(3), 0.1 + 0.5 * draws.table(3), 0.1 + 0.4 * draws.table(3)
    height = draws.uniform(0.015, 0.11)[:, None] * np.array([0.6, 0.6, 1.0]) * (0.6 + 0.8 * draws.table(3))
    rows = np.flatnonzero(size)
    out = np.zeros((len(size), 3, len(time)), np.float32)
    if not rows.size:
        return out

    def column(values: Floats) -> NDArray[np.float32]:
        return values[rows].astype(np.float32)[:, :, None]

    turn = np.float32(2 * np.pi)
    angle = (
        column(rate) * time
        + column(phase)
        + column(wander) * np.sin(turn * (column(wander_rate) * time + column(wander_phase)))
    )
    swell = 1 + np.float32(0.4) * np.sin(turn * (column(swell_rate) * time + column(swell_phase)))
    wave = np.sin(turn * angle) + np.float32(0.35) * np.sin(2 * turn * angle)
    out[rows] = column(height * size[:, None]) * swell * wave
    return out


def flutter(draws: Draws, time: NDArray[np.float32], rate: Floats, size: Floats) -> NDArray[np.float32]:
    """Return the sawtooth of typical flutter: down to the feet slowly, back quickly, negative in II, III and aVF.

    Parameters
    ----------
    draws : Draws
        Random numbers of the batch.
    time : (samples,) array of float32
        Seconds.
    rate : (batch,) array of float
        Flutter waves per second.
    size : (batch,) array of float
        Factor on the amplitude; 0 for records without flutter.

    Returns
    -------
    (batch, 3, samples) array of float32
        mV in Frank's axes.
    """
    phase, height = draws.uniform(), draws.uniform(0.08, 0.30)
    reverse = np.where(draws.uniform() < 0.2, -1.0, 1.0)
    way = direction(draws.uniform(70, 110), draws.uniform(-50, 10))
    rows = np.flatnonzero(size)
    out = np.zeros((len(size), 3, len(time)), np.float32)
    if not rows.size:
        return out
    angle = np.float32(2 * np.pi) * (rate[rows, None] * time + phase[rows, None]).astype(np.float32)
    # Fourier series of a sawtooth, damped so that its edge is as soft as a real one.
    saw = sum(np.float32(0.75**n / n) * np.sin(np.float32(n) * angle) for n in range(1, 5))
    vector = way * (height * reverse * size)[:, None]
    out[rows] = vector[rows].astype(np.float32)[:, :, None] * np.asarray(saw)[:, None, :]
    return out
