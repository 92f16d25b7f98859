"""Drawing pulses into a signal, and finding where they peak in it.

The sum of gamma curves of one rise time that started at different times is, after the last start, again a polynomial
times an exponential. So each sample costs one exponential for each wave, however many pulses still reach into it.
"""

from __future__ import annotations

from math import comb, exp

import numpy as np
from numpy.typing import NDArray

from heartkit.synthesis.ppg_pulse import ORDERS, Pulses, Shapes

Floats = NDArray[np.float64]

_LOOK_BACK = (4, 4, 8)
"""How many pulses before the last one still count, for each wave."""


def draw_curve(shapes: Shapes, pulses: Pulses, samples: int, rate: float) -> NDArray[np.float32]:
    """Return the pulse wave.

    Parameters
    ----------
    shapes : Shapes
        Of the patients.
    pulses : Pulses
        When and how strong.
    samples : int
        Length of the result.
    rate : float
        Hz.

    Returns
    -------
    (batch, samples) array of float32
        In units of the average pulse's height.
    """
    out = np.zeros((len(pulses.onset), samples), np.float32)
    for wave, order in enumerate(ORDERS):
        rise = shapes.rise[:, wave, None]
        start = (pulses.onset + shapes.delay[:, wave, None]) / rise
        weight = shapes.height[:, wave, None] * pulses.strength
        table = _polynomials(start, weight, order, _LOOK_BACK[wave])
        out += _evaluate(start, table, np.asarray(rate * rise), samples)
    return out


def systolic_peaks(
    curve: NDArray[np.float32], record: NDArray[np.intp], low: Floats, high: Floats, rate: float
) -> Floats:
    """Return the time at which the curve is highest between two times, refined between samples by a parabola.

    Parameters
    ----------
    curve : (batch, samples) array of float32
        The pulse wave.
    record : (n,) array of int
        Row of `curve`.
    low, high : (n,) arrays of float
        Seconds, within the curve.
    rate : float
        Hz.
    """
    last = curve.shape[1] - 1
    first = np.clip(np.ceil(low * rate).astype(np.intp), 0, last)
    count = np.clip(np.floor(high * rate).astype(np.intp), first, last) - first + 1
    step = np.arange(count.max(initial=1))
    window = curve.ravel()[(record * curve.shape[1] + first)[:, None] + np.minimum(step, count[:, None] - 1)]
    best = first + window.argmax(axis=1)
    flat, middle = curve.ravel().astype(np.float64), record * curve.shape[1] + np.clip(best, 1, last - 1)
    before, here, after = flat[middle - 1], flat[middle], flat[middle + 1]
    bend = before - 2 * here + after
    shift = np.where(bend < -1e-9, (before - after) / np.where(bend < -1e-9, 2 * bend, 1), 0)
    time: Floats = np.clip((best + np.clip(shift, -0.5, 0.5)) / rate, low, high)
    return time


def _polynomials(start: Floats, weight: Floats, order: int, look_back: int) -> list[NDArray[np.float32]]:
    """Return the coefficients of the sum after each start, lowest power first, each (batch, pulses).

    Time is in units of the rise time, since the start in question; the exponential is left out.
    """
    table = [np.zeros_like(weight) for _ in range(order)] + [weight.copy()]
    for back in range(1, look_back + 1):
        gap = start[:, back:] - start[:, :-back]
        left = weight[:, :-back] * np.exp(-order * gap)
        for power in range(order, -1, -1):
            table[power][:, back:] += comb(order, power) * left
            left = left * gap
    return [(exp(order) * part).astype(np.float32) for part in table]


def _evaluate(
    start: Floats, table: list[NDArray[np.float32]], samples_per_unit: Floats, samples: int
) -> NDArray[np.float32]:
    """Return the sum at every sample, from the polynomial of the start last before it."""
    order = len(table) - 1
    first = np.clip(np.ceil(start * samples_per_unit), 0, samples).astype(np.intp)
    first[:, 0] = 0
    count = np.diff(first, axis=1, append=samples).ravel()
    shape = (len(start), samples)

    def spread(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.repeat(values.ravel(), count).reshape(shape)

    unit = (1 / samples_per_unit).astype(np.float32)
    # The sample's number within its stretch is small: float32 holds it to the last bit, also after an hour.
    since = np.arange(samples, dtype=np.float32) - spread(first.astype(np.float32))
    since *= unit
    since += spread((first / samples_per_unit - start).astype(np.float32))
    total = spread(table[order])
    for part in table[order - 1 :: -1]:
        total *= since
        total += spread(part)
    since *= np.float32(-order)
    total *= np.exp(since, out=since)
    return total
