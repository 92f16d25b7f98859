"""The delay from heart beat to pulse, against generators that know it, closed forms and real recordings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.factories import DatasetFactory
from heartkit.signal.delay import TOLERANCE, pulse_delay, recorded_delay
from heartkit.synthesis.ppg import generate
from heartkit.synthesis.ppg_params import PpgParams

RATE = 100.0


@given(st.floats(0.15, 0.95), st.integers(0, 2**32 - 1))
def test_pulses_missed_and_pulses_too_many_leave_the_delay(delay, seed):
    rng = np.random.default_rng(seed)
    beats = np.cumsum(rng.uniform(0.5, 1.2, 100))
    pulses = beats + delay + rng.uniform(-0.01, 0.01, 100)
    kept = np.sort(np.concatenate([pulses[rng.random(100) > 0.2], rng.uniform(0, beats[-1], 10)]))
    assert pulse_delay(beats, kept) == pytest.approx(delay, abs=0.02)


@given(st.lists(st.floats(0, 100)), st.lists(st.floats(0, 100)))
def test_most_pulses_agree_with_it(beats, pulses):
    beats, pulses = np.sort(beats), np.sort(pulses)
    delays = (pulses - beats[:, None] if len(beats) else np.empty((0, 0))).ravel()
    delays = delays[(delays > 0.1 + 1e-9) & (delays < 1 - 1e-9)]
    found = pulse_delay(beats, pulses)
    if np.isnan(found):
        assert not len(delays)
        return
    agreeing = max((np.sum(np.abs(delays - one) < TOLERANCE - 1e-9) for one in delays), default=0)
    assert np.sum(np.abs(delays - found) <= 2 * TOLERANCE + 1e-9) >= agreeing


def test_without_a_pulse_behind_a_beat_there_is_none():
    for beats, pulses in [([], []), ([1.0, 2.0], []), ([], [1.0]), ([5.0], [4.9, 5.05, 6.2])]:
        assert np.isnan(pulse_delay(np.array(beats), np.array(pulses)))
    assert np.isnan(recorded_delay(np.zeros(1000), np.zeros(1000), RATE))


@pytest.mark.parametrize("transit", [0.2, 0.35, 0.5])
def test_a_longer_way_is_so_much_longer(transit):
    def delays(seconds):
        params = PpgParams(presets=["SR"], duration=20, heart_rate=(60, 60), transit_time=(seconds, seconds))
        made = generate(params, 5, range(8), True)
        return [recorded_delay(*(one.signals[one.leads.index(name)] for name in ("II", "PPG")), RATE) for one in made]

    # The steepest rise comes some time after the foot that the transit time is counted to: the same for each record.
    np.testing.assert_allclose(np.subtract(delays(transit), delays(0.2)), transit - 0.2, atol=0.021)
    assert 0 < np.median(delays(transit)) - transit < 0.12


def test_of_a_real_recording_it_is_the_same_from_minute_to_minute(shared_data):
    for name, low, high in [("02", 0.52, 0.58), ("06", 0.49, 0.55)]:
        record = DatasetFactory.get("bidmc")(shared_data / "bidmc/1.0.0", {}).read(name)
        ecg, ppg = (record.signals[record.leads.index(lead)] for lead in ("II", "PPG"))
        minutes = [slice(at, at + 7500) for at in range(0, 52500, 7500)]
        each = [recorded_delay(ecg[one], ppg[one], 125.0) for one in minutes]
        assert np.ptp(each) < 0.03
        assert low < recorded_delay(ecg, ppg, 125.0) < high
