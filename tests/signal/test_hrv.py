from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.signal.hrv import SHORTEST, Hrv, RRIntervals, hrv, rr_intervals


def beats_of(intervals_ms: list[float] | np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(np.asarray(intervals_ms) / 1000)])


def modulated_beats(frequency: float, minutes: float, amplitude_ms: float = 40.0) -> np.ndarray:
    """Beats whose interval follows 800 ms plus a sine of the time at which the interval ends."""
    times = [0.0]
    while times[-1] < minutes * 60:
        end = times[-1] + 0.8
        for _ in range(20):  # the interval depends on its own end
            end = times[-1] + 0.8 + amplitude_ms / 1000 * np.sin(2 * np.pi * frequency * end)
        times.append(end)
    return np.array(times)


def test_time_domain_by_hand():
    found = hrv(rr_intervals(beats_of([800, 810, 790, 860, 800])))
    # Mean 812; deviations -12 -2 -22 48 -12, squares sum 144+4+484+2304+144 = 3080, over 4 = 770.
    # Differences 10 -20 70 -60: squares sum 100+400+4900+3600 = 9000; mean 0; two above 50 ms, of five intervals.
    assert found.beats == 6
    assert found.coverage == pytest.approx(1)
    assert found.mean_nn == pytest.approx(812)
    assert found.sdnn == pytest.approx(np.sqrt(770))
    assert found.rmssd == pytest.approx(np.sqrt(9000 / 4))
    assert found.sdsd == pytest.approx(np.sqrt(9000 / 3))
    assert found.pnn50 == pytest.approx(40)
    assert found.sd1 == pytest.approx(np.sqrt(9000 / 3) / np.sqrt(2))
    assert found.rate_mean == pytest.approx(60000 / 812)
    assert (found.rate_min, found.rate_max) == (pytest.approx(60000 / 860), pytest.approx(60000 / 790))


def test_poincare_agrees_with_neurokit():
    import neurokit2 as nk

    intervals = np.random.default_rng(3).normal(800, 40, 200)
    found = hrv(rr_intervals(beats_of(intervals), jump=1.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = nk.hrv_nonlinear({"RRI": intervals, "RRI_Time": np.cumsum(intervals) / 1000}).iloc[0]
    assert found.sd1 == pytest.approx(expected["HRV_SD1"], rel=1e-6)
    assert found.sd2 == pytest.approx(expected["HRV_SD2"], rel=1e-6)


@pytest.mark.parametrize(("band", "frequency"), [("vlf", 0.02), ("lf", 0.1), ("hf", 0.25)])
def test_a_sine_puts_half_its_squared_amplitude_into_its_band(band, frequency):
    found = hrv(rr_intervals(modulated_beats(frequency, minutes=10)))
    powers = {"vlf": found.vlf, "lf": found.lf, "hf": found.hf}
    assert powers[band] == pytest.approx(40**2 / 2, rel=0.1)
    assert sum(power for name, power in powers.items() if name != band) < 0.05 * powers[band]
    assert found.frequency[np.argmax(found.psd)] == pytest.approx(frequency, abs=0.01)
    assert found.lf_hf == pytest.approx(found.lf / found.hf)


def test_bands_need_their_time():
    short = hrv(rr_intervals(modulated_beats(0.25, minutes=0.9)))
    assert (short.hf, short.lf, short.vlf, short.psd) == (None, None, None, None)
    assert short.rmssd is not None
    middle = hrv(rr_intervals(modulated_beats(0.25, minutes=1.5)))
    assert middle.hf == pytest.approx(800, rel=0.15)
    assert (middle.lf, middle.lf_hf, middle.vlf) == (None, None, None)
    longer = hrv(rr_intervals(modulated_beats(0.25, minutes=SHORTEST["lf"] / 60 + 0.1)))
    assert longer.lf is not None
    assert longer.vlf is None


def test_artefacts_are_marked_and_no_difference_reaches_across():
    clean = np.tile([800.0, 820.0], 20)
    beats = beats_of(clean)
    spoiled = np.sort(np.append(np.delete(beats, 20), beats[30] + 0.4))  # one beat missed, one false
    rr = rr_intervals(spoiled)
    np.testing.assert_array_equal(np.flatnonzero(~rr.kept), [19, 29, 30])
    assert rr.coverage == pytest.approx(1 - (1.62 + 0.81) / clean.sum() * 1000, abs=0.001)
    found = hrv(rr)
    assert found.rmssd == pytest.approx(20)
    assert 800 < found.mean_nn < 820


def test_limits_hold_even_where_everything_is_alike():
    assert not rr_intervals(beats_of([250] * 10)).kept.any()
    assert not rr_intervals(beats_of([2100] * 10)).kept.any()
    assert rr_intervals(beats_of([300, 301, 300])).kept.all()


@pytest.mark.parametrize("beats", [[], [1.0]])
def test_without_an_interval_there_is_nothing(beats):
    found = hrv(rr_intervals(np.array(beats)))
    assert isinstance(found, Hrv)
    assert found.mean_nn is None
    assert found.coverage == 0


def test_few_beats_give_what_can_be_computed():
    one = hrv(rr_intervals(np.array([0.0, 0.8])))
    assert one.mean_nn == pytest.approx(800)
    assert one.rate_mean == pytest.approx(75)
    assert (one.sdnn, one.rmssd, one.sd1, one.psd) == (None, None, None, None)
    two = hrv(rr_intervals(np.array([0.0, 0.8, 1.61])))
    assert two.rmssd == pytest.approx(10)
    assert two.sdnn == pytest.approx(10 / np.sqrt(2))
    assert (two.sdsd, two.sd2) == (None, None)


@given(st.lists(st.floats(0, 60), max_size=40))
def test_any_peaks_give_finite_numbers_or_none(times):
    found = hrv(rr_intervals(np.array(times)))
    values = [value for _, value, _ in found.table()]
    assert all(value is None or np.isfinite(value) for value in values)
    assert 0 <= found.coverage <= 1 + 1e-9


def test_variability_is_not_told_of_the_few_intervals_that_bigeminy_leaves():
    intervals = np.tile([0.5, 1.1], 60)
    rr = RRIntervals(np.cumsum(intervals), intervals, np.arange(120) < 4)
    found = hrv(rr)
    assert found.coverage < 0.05
    assert found.rate_mean is not None
    assert (found.sdnn, found.rmssd, found.sd1, found.lf) == (None, None, None, None)
