"""Wave spans out of one class per sample."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.objectives.waves import BRIDGED, SHORTEST, beat_wave, decode_waves, wave_classes
from heartkit.records.record import ALL_LEADS, Waves, annotated_everywhere
from heartkit.records.vocabulary import Wave
from heartkit.records.wave_track import wave_track

KINDS = {int(kind): kind for kind in SHORTEST}


def decoded(labels, rate=100.0, signal=None, kinds=KINDS):
    labels = np.asarray(labels)
    signal = np.zeros(len(labels), np.float32) if signal is None else signal
    return decode_waves(np.eye(8, dtype=np.float32)[labels], signal, rate, kinds, 5)


@st.composite
def leads(draw):
    """(rate, samples, rows of (kind, onset, offset)): waves apart by more than is bridged, longer than a flicker."""
    rate = draw(st.sampled_from([100.0, 128.0, 250.0, 500.0]))
    rows, at = [], 0.0
    for _ in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(list(SHORTEST)))
        onset = at + draw(st.floats(0, 0.4))
        offset = onset + SHORTEST[kind] + 2 / rate + draw(st.floats(0, 0.3))
        rows.append((kind, onset, offset))
        at = offset + BRIDGED + 2 / rate
    return rate, int(np.ceil(at * rate)) + 2, rows


@settings(max_examples=60)
@given(leads())
def test_ideal_classes_give_the_spans_back_within_half_a_sample(lead):
    rate, samples, rows = lead
    kind, onset, offset = np.array(rows, np.float64).reshape(-1, 3).T
    waves = Waves(kind.astype(np.int8), onset, onset, offset, np.full(len(rows), ALL_LEADS, np.int16))
    track = wave_track(waves, annotated_everywhere(1, samples / rate), 1, samples, rate)[0]
    found = decoded(track, rate)
    for one in SHORTEST:
        mine = found.of_kind(one)
        assert len(mine) == (kind == one).sum()
        # The boundary lies between two samples; halfway is at most half a sample off.
        np.testing.assert_allclose(mine.onset, onset[kind == one], atol=0.5 / rate + 1e-6)
        np.testing.assert_allclose(mine.offset, offset[kind == one], atol=0.5 / rate + 1e-6)
        assert ((mine.onset <= mine.peak) & (mine.peak <= mine.offset)).all()
    assert (found.lead == 5).all()


@given(st.lists(st.integers(0, 3), min_size=1, max_size=80), st.sampled_from([100.0, 250.0]))
def test_any_labels_give_ordered_waves_within_the_recording(labels, rate):
    found = decoded(labels, rate)
    for kind in SHORTEST:
        mine = found.of_kind(kind)
        assert (mine.onset >= 0).all()
        assert (mine.offset <= (len(labels) - 1) / rate).all()
        assert (mine.offset - mine.onset >= SHORTEST[kind] - 1 / rate - 1e-9).all()
        assert (mine.onset[1:] - mine.offset[:-1] > BRIDGED - 1e-9).all()


def test_short_gaps_are_closed_and_longer_ones_are_not():
    gap = [2] * 5 + [0] * 3 + [2] * 5  # 30 ms at 100 Hz
    wide = [2] * 5 + [0] * 4 + [2] * 5
    assert len(decoded([0] * 9 + gap + [0] * 9)) == 1
    assert len(decoded([0] * 9 + wide + [0] * 9)) == 2


@pytest.mark.parametrize(("one", "shortest"), [(1, 3), (2, 3), (3, 5), (6, 10), (7, 5)])
def test_flickers_are_dropped(one, shortest):
    assert len(decoded([0] * 5 + [one] * (shortest - 1) + [0] * 5)) == 0
    assert len(decoded([0] * 5 + [one] * shortest + [0] * 5)) == 1


def test_waves_at_the_edges_end_with_the_recording():
    found = decoded([1] * 10 + [0] * 10 + [3] * 10)
    np.testing.assert_allclose(found.onset, [0, 0.195])
    np.testing.assert_allclose(found.offset, [0.095, 0.29])


def test_the_peak_of_a_qrs_is_its_r_wave_and_that_of_a_t_wave_its_largest_deflection():
    time = np.arange(100) / 100
    bump = lambda centre, width: np.exp(-(((time - centre) / width) ** 2))  # noqa: E731
    signal = (bump(0.30, 0.01) - 1.5 * bump(0.34, 0.01) - 0.4 * bump(0.60, 0.04)).astype(np.float32)
    labels = np.zeros(100, int)
    labels[27:38], labels[50:71] = 2, 3
    found = decoded(labels, signal=signal)
    assert found.of_kind(Wave.QRS).peak == pytest.approx([0.30], abs=0.005)
    assert found.of_kind(Wave.T).peak == pytest.approx([0.60], abs=0.005)


def test_the_peak_of_a_systole_is_the_highest_point_also_on_a_slope():
    time = np.arange(120) / 100
    pulse = np.exp(-(((time - 0.25) / 0.07) ** 2)) + 0.4 * np.exp(-(((time - 0.6) / 0.1) ** 2)) + 0.3 * time
    labels = np.zeros(120, int)
    labels[10:45], labels[45:110] = 6, 7
    found = decoded(labels, signal=pulse.astype(np.float32))
    fine = np.linspace(0.1, 0.44, 20_000)
    highest = fine[
        (np.exp(-(((fine - 0.25) / 0.07) ** 2)) + 0.4 * np.exp(-(((fine - 0.6) / 0.1) ** 2)) + 0.3 * fine).argmax()
    ]
    assert found.of_kind(Wave.SYSTOLIC).peak == pytest.approx([highest], abs=0.001)
    # Downwards the hump bends most at its top.
    assert found.of_kind(Wave.DIASTOLIC).peak == pytest.approx([0.6], abs=0.03)


def test_which_wave_stands_for_a_beat():
    assert beat_wave([Wave.P, Wave.QRS]) == Wave.QRS
    assert beat_wave([Wave.DIASTOLIC, Wave.SYSTOLIC]) == Wave.SYSTOLIC
    assert beat_wave([Wave.P, Wave.T]) is None


def test_nothing_to_find():
    assert len(decoded([0] * 50)) == 0
    assert len(decoded([2] * 50, kinds={})) == 0


@pytest.mark.parametrize(
    ("class_map", "kinds"),
    [
        ({0: 0, 1: 1, 2: 2, 3: 3}, {1: Wave.P, 2: Wave.QRS, 3: Wave.T}),
        ({0: 0, 1: 1, 2: 2, 3: 1}, {2: Wave.QRS}),  # P and T in one class: which of them is not known
        ({0: 0, 1: 0, 2: 1, 3: 0}, {1: Wave.QRS}),
        ({6: 0, 7: 1}, {0: Wave.SYSTOLIC, 1: Wave.DIASTOLIC}),
        ({0: 0, 1: 1, 4: 1, 5: 2}, {}),  # P with U; noise is no wave with boundaries to score
        ({0: 0, 2: 1, 3: -1}, {1: Wave.QRS}),  # T waves are left out, not a class
    ],
)
def test_only_classes_that_stand_for_one_wave_are_delineated(class_map, kinds):
    assert wave_classes(class_map) == kinds
