"""The sum of pulses against the sum written out, and fiducial points against their definitions."""

import numpy as np
import pytest
from scipy.signal import argrelmin

from heartkit.synthesis.draws import Draws
from heartkit.synthesis.ppg_curve import draw_curve, systolic_peaks
from heartkit.synthesis.ppg_pulse import DICROTIC, ORDERS, Pulses, Shapes, draw_shapes

RATE = 1000


def shapes(records: int, rr: float, dicrotic: float = 1.0) -> Shapes:
    return draw_shapes(Draws(2, range(records)), np.full(records, rr), (dicrotic, dicrotic))


def single(records: int, first: float = 0.3) -> Pulses:
    """One pulse, and one ten minutes before it."""
    onset = np.tile([first - 600, first], (records, 1))
    return Pulses(onset, np.full_like(onset, 0.2), np.ones_like(onset))


@pytest.mark.parametrize("rr", [0.3, 0.7, 1.4])
def test_the_curve_is_the_sum_of_all_its_gamma_waves(rr: float) -> None:
    some = shapes(4, rr)
    rng = np.random.default_rng(0)
    onset = np.cumsum(rr * rng.uniform(0.8, 1.3, (4, 40)), axis=1) - 15 * rr
    strength = rng.uniform(0.3, 1.3, onset.shape)
    found = draw_curve(some, Pulses(onset, np.zeros_like(onset), strength), 500, 125)
    time = np.arange(500) / 125
    expected = np.zeros((4, 500))
    for record, wave in np.ndindex(4, 3):
        for start, factor in zip(onset[record] + some.delay[record, wave], strength[record], strict=True):
            u = np.clip((time - start) / some.rise[record, wave], 0, None)
            expected[record] += factor * some.height[record, wave] * (u * np.exp(1 - u)) ** ORDERS[wave]
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_a_single_pulse_is_one_high_and_peaks_where_it_is_marked() -> None:
    some = shapes(60, 0.9)
    curve = draw_curve(some, single(60), 1500, RATE)
    np.testing.assert_allclose(curve.max(axis=1), 1, atol=0.02)
    rows = np.arange(60)
    peaks = systolic_peaks(curve, rows, np.full(60, 0.31), np.full(60, 0.9), RATE)
    np.testing.assert_allclose(peaks, curve.argmax(axis=1) / RATE, atol=0.001)


@pytest.mark.parametrize("rr", [0.3, 0.6, 1.0, 1.5])
def test_notch_and_diastolic_peak_are_the_extremes_of_the_second_derivative(rr: float) -> None:
    some = shapes(40, rr)
    curve = draw_curve(some, single(40), 2000, RATE).astype(float)
    second = np.gradient(np.gradient(curve, axis=1), axis=1)
    peak = curve.argmax(axis=1) / RATE - 0.3
    assert (some.notch > peak).all()
    assert (some.diastolic > some.notch + 0.01).all()
    for row in range(40):
        closure = some.delay[row, DICROTIC]
        window = slice(round((0.3 + closure) * RATE) + 2, round((0.3 + closure + some.rise[row, DICROTIC] / 2) * RATE))
        assert some.notch[row] == pytest.approx((window.start + second[row, window].argmax()) / RATE - 0.3, abs=0.006)
        assert (
            second[row, round((0.3 + some.diastolic[row]) * RATE)] < second[row, round((0.3 + some.notch[row]) * RATE)]
        )


def test_a_visible_notch_lies_near_its_mark() -> None:
    some = shapes(200, 0.9, dicrotic=1.5)
    curve = draw_curve(some, single(200), 1200, RATE)
    off = []
    for row in range(200):
        start = curve[row].argmax()
        minima = argrelmin(curve[row, start : start + 400], order=5)[0]
        if minima.size:
            off.append((start + minima[0]) / RATE - 0.3 - some.notch[row])
    assert len(off) > 40
    # The e wave comes a little before the lowest point, the more so the shallower the notch.
    assert 0 <= np.median(off) < 0.02
    assert -0.01 < min(off) <= max(off) < 0.06


def test_without_a_dicrotic_wave_no_notch_is_to_be_seen() -> None:
    curve = draw_curve(shapes(50, 0.9, dicrotic=0), single(50), 1200, RATE)
    for row in curve:
        assert (np.diff(row[row.argmax() + 1 :]) <= 1e-6).all()


def test_ejection_is_shorter_at_high_rates() -> None:
    slow, fast = shapes(100, 1.2), shapes(100, 0.45)
    assert 0.29 < np.median(slow.notch) < 0.45
    assert 0.5 < np.median(fast.notch) / np.median(slow.notch) < 0.8
