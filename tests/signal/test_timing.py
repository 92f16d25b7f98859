"""How early beats come: against a definition written out beat by beat, and what a device could not know."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.signal.timing import HISTORY, IRREGULARITY_GAIN, LIMIT, RATIO_GAIN, RECENT, beat_timing

BEATS = st.lists(st.floats(0.2, 3.0), min_size=1, max_size=200).map(np.cumsum)


def written_out(beats, moment, delay):
    """The three numbers of one moment, as their definition says."""
    earlier = [time for time in beats if time < moment]
    later = [time for time in beats if time > moment]
    if not earlier:
        return [0.0, 0.0, 0.0]
    past = [second - first for first, second in itertools.pairwise(earlier)][-HISTORY:]
    before = moment - earlier[-1]
    usual = np.median(past) if past else before
    after = min(later[0] - moment if later else np.inf, delay)
    steps = [abs(np.log(b / a)) for a, b in itertools.pairwise(past[-RECENT - 1 :])]
    ratios = [RATIO_GAIN * np.log(before / usual), RATIO_GAIN * np.log(after / usual)]
    return np.clip([*ratios, IRREGULARITY_GAIN * (np.median(steps) if steps else 0.0)], -LIMIT, LIMIT)


@given(BEATS, st.floats(0.3, 4.0))
def test_it_is_what_its_definition_says(beats, delay):
    expected = [written_out(beats.tolist(), moment, delay) for moment in beats.tolist()]
    np.testing.assert_allclose(beat_timing(beats, beats, delay), expected, atol=1e-4)


@given(BEATS, st.floats(0.3, 4.0), st.floats(0.01, 5.0))
def test_nothing_is_told_from_what_comes_later_than_the_delay(beats, delay, shift):
    at = len(beats) // 2
    known = beats[at] + delay
    moved = np.where(beats >= known, beats + shift, beats)
    seen, then = (beat_timing(some, some[at : at + 1], delay) for some in (beats, moved))
    np.testing.assert_allclose(seen, then, atol=1e-5)


@given(BEATS, st.floats(0.5, 2.0))
def test_it_does_not_depend_on_the_heart_rate(beats, factor):
    np.testing.assert_allclose(beat_timing(beats, beats), beat_timing(beats * factor, beats * factor), atol=1e-3)


def test_a_premature_beat_among_even_ones():
    times = np.arange(0, 40, 0.8)
    times[30] -= 0.3
    before, after, irregularity = beat_timing(times, times[29:32], delay=2).T
    assert before == pytest.approx(RATIO_GAIN * np.log([1, 0.5 / 0.8, 1.1 / 0.8]), abs=1e-5)
    assert after == pytest.approx(RATIO_GAIN * np.log([0.5 / 0.8, 1.1 / 0.8, 1]), abs=1e-5)
    assert irregularity == pytest.approx(0, abs=1e-5)
    late = beat_timing(times, times[30:31], delay=1.0)[0, 1]
    assert late == pytest.approx(RATIO_GAIN * np.log(1.0 / 0.8), abs=1e-5)


def test_a_moment_between_beats_and_no_beats():
    times = np.arange(0, 20, 1.0)
    between = beat_timing(times, np.array([10.5]))[0]
    assert between == pytest.approx([RATIO_GAIN * np.log(0.5), RATIO_GAIN * np.log(0.5), 0])
    assert beat_timing(times, np.array([10.01]))[0, 0] == -LIMIT
    assert (beat_timing(np.empty(0), np.array([1.0, 2.0])) == 0).all()
    assert beat_timing(times, np.empty(0)).shape == (0, 3)
    twice = beat_timing(np.array([1.0, 1.0, 1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]))
    assert np.isfinite(twice).all()
