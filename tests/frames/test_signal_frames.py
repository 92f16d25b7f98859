"""Frames whose answers are signals: anywhere in a lead, clean, one beat each, and two leads at the same time."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal as scipy_signal

from heartkit.errors import ConfigError
from heartkit.frames.beat_windows import PADDING, beat_windows, cut_beats
from heartkit.frames.signal_frames import CleanFrames, HeartFrames, PairedFrames
from heartkit.records.record import Record, Waves
from heartkit.records.vocabulary import Wave
from heartkit.signal.beats import beats
from heartkit.synthesis.ppg import generate
from heartkit.synthesis.ppg_params import PpgParams
from made_records import plain_record, stored

RATE = 100.0
SEEDS = st.integers(0, 2**32 - 1)
NONE = np.zeros_like


def marked(name, onsets, leads=("V5", "II"), lead=0):
    """A record of 20 s with a P wave at each onset and a QRS complex 0.16 s after it, and one QRS too many."""
    rng = np.random.default_rng(int(name))
    onsets = np.asarray(onsets)
    peaks = np.append(onsets + 0.16, 12.55)
    start = np.concatenate([onsets, peaks - 0.04])
    kinds = np.repeat([Wave.P, Wave.QRS], [len(onsets), len(peaks)]).astype(np.int8)
    middle = np.concatenate([onsets + 0.05, peaks])
    waves = Waves(kinds, start, middle, start + 0.1, np.full(len(start), lead, np.int16))
    signals = rng.normal(0, 1, (len(leads), 2000)).astype(np.float32)
    return Record(name, f"p{name}", RATE, tuple(leads), ("mV",) * len(leads), signals, waves=waves)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Leads of several kinds: samples of each are numbered from another thousand."""
    records = [
        plain_record("1", "a", 400, leads=("RESP", "PPG", "V", "II")),
        plain_record("2", "a", 300, leads=("II", "PPG")),
        plain_record("3", "b", 500, leads=("PPG", "aVR", "V")),
        plain_record("4", "c", 500, leads=("II", "V")),
    ]
    return stored(records, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def beating(tmp_path_factory):
    records = [
        marked("1", [0.02, 1.0, 1.9, 2.8, 6.0, 6.9, 12.0, 12.9, 13.7]),
        marked("2", [1.0, 2.1, 3.0], lead=1),
        marked("3", [1.0, 1.8, 2.6], leads=("V1",)),
    ]
    return stored(records, tmp_path_factory.mktemp("cache"))


@pytest.mark.parametrize("framing", [HeartFrames(), CleanFrames()])
def test_leads_of_other_signals_are_left_aside(store, framing):
    strips = framing.strips(store, range(4), None, 50)
    used = Counter(store.leads[r][lead] for r, lead in zip(strips.record, strips.lead, strict=True))
    assert used == {"PPG": 3, "V": 3, "II": 3, "aVR": 1}
    assert (strips.length == store.samples[strips.record]).all()


@given(st.integers(1, 30), st.integers(2, 250), SEEDS)
def test_so_many_frames_of_each_patient_from_anywhere(store, count, size, seed):
    framing = CleanFrames()
    strips = framing.strips(store, range(4), ["PPG", "II"], size)
    index = framing.draw(NONE, strips, count, size, np.random.default_rng(seed))
    owners = np.array(store.patients)[strips.record[index.strip]]
    assert Counter(owners.tolist()) == dict.fromkeys("abc", count)
    frames = framing.cut(strips, index, size)
    assert frames.shape == (3 * count, size, 1)
    assert (np.diff(frames[..., 0], axis=1) == 1).all()
    assert framing.targets(strips, index, size).shape == (3 * count, 0)


def test_frames_by_class_are_refused(store):
    for framing in (CleanFrames(), PairedFrames()):
        strips = framing.strips(store, range(4), None, 50)
        with pytest.raises(ConfigError, match=r"no single class.*e\.g\. 30"):
            framing.draw(NONE, strips, [10, 20], 50, np.random.default_rng(0))


def test_clean_frames_lose_what_lies_outside_the_band():
    time = np.arange(1000) / RATE
    inside, slow, fast = (np.sin(2 * np.pi * hertz * time) for hertz in (8, 0.1, 45))
    framing = CleanFrames(lowcut=1, highcut=30)
    made = framing.clean((inside + 2 * slow + 0.5 * fast + 7).astype(np.float32)[None], RATE)[0]
    np.testing.assert_allclose(made[100:-100], inside[100:-100], atol=0.03)
    sos = scipy_signal.butter(3, [1, 30], "bandpass", fs=RATE, output="sos")
    np.testing.assert_allclose(
        made[300:-300], scipy_signal.sosfiltfilt(sos, inside + 2 * slow + 0.5 * fast)[300:-300], atol=0.02
    )
    np.testing.assert_array_equal(CleanFrames().clean(made, RATE), made)


def test_a_filter_is_applied_to_frames_as_they_are_cut(store):
    plain, filtered = CleanFrames(), CleanFrames(highcut=10)
    strips = filtered.strips(store, [0], ["V"], 100)
    index = filtered.draw(NONE, strips, 5, 100, np.random.default_rng(0))
    expected = filtered.clean(plain.cut(strips, index, 100)[..., 0], RATE)
    np.testing.assert_array_equal(filtered.cut(strips, index, 100)[..., 0], expected)


@pytest.mark.parametrize(
    ("fields", "own"), [({}, False), ({"highcut": 8}, False), ({"lowcut": 0.5}, True), ({"frames": "beats"}, True)]
)
def test_frames_without_slow_parts_have_a_zero_of_their_own(fields, own):
    assert CleanFrames(**fields).arranged.own_zero == own


def test_beats_are_not_filtered():
    with pytest.raises(ConfigError, match="leave lowcut and highcut out"):
        CleanFrames(frames="beats", highcut=40)


def test_a_beat_goes_from_p_wave_to_p_wave(beating):
    strips = beat_windows(beating, [0], None, 128)
    # From 0.02 s a beat would begin before the record; 2.8 to 6.0 s is too long; 12.0 to 12.9 s has two complexes.
    starts = [1.0, 1.9, 6.0 + 0.0, 12.9]
    kept = [(1.0, 1.9), (1.9, 2.8), (6.0, 6.9), (12.9, 13.7)]
    assert strips.begin.tolist() == [round((start - 0.04) * RATE) for start in starts]
    assert strips.length.tolist() == [round((b - a) * RATE) for a, b in kept]
    signal = beating.signals(0)[0]
    frames = cut_beats(strips, np.array([2, 0]), 128)
    for frame, row in zip(frames, (2, 0), strict=True):
        begin, length = strips.begin[row], strips.length[row]
        beat = signal[begin : begin + length]
        np.testing.assert_allclose(frame[PADDING : PADDING + length], beat - (beat[0] + beat[-1]) / 2, atol=1e-6)
        assert not frame[:PADDING].any()
        assert not frame[PADDING + length :].any()


def test_one_lead_is_used_and_the_marks_of_another_where_it_has_none(beating):
    strips = beat_windows(beating, range(3), None, 128)
    assert set(strips.lead) == {0}
    assert Counter(strips.record.tolist()) == {0: 4, 1: 2, 2: 2}
    chosen = beat_windows(beating, range(3), ["ii"], 128)
    assert set(chosen.lead) == {1}
    assert Counter(chosen.record.tolist()) == {0: 4, 1: 2}


def test_frames_of_beats_are_drawn_from_every_patient(beating):
    framing = CleanFrames(frames="beats")
    strips = framing.strips(beating, range(3), None, 128)
    index = framing.draw(NONE, strips, 40, 128, np.random.default_rng(1))
    owners = np.array(beating.patients)[strips.record[index.strip]]
    assert Counter(owners.tolist()) == dict.fromkeys(["p1", "p2", "p3"], 40)
    assert set(index.strip) == set(range(len(strips)))
    assert framing.cut(strips, index, 128).shape == (120, 128, 1)


@given(st.integers(1, 20), st.integers(2, 250), SEEDS)
def test_both_channels_of_a_pair_are_from_the_same_time(store, count, size, seed):
    framing = PairedFrames()
    strips = framing.strips(store, range(4), None, size)
    index = framing.draw(NONE, strips, count, size, np.random.default_rng(seed))
    frames = framing.cut(strips, index, size)
    assert frames.shape == (2 * count, size, 2)
    records = strips.record[index.strip[:, 0]]
    assert Counter(np.array(store.patients)[records].tolist()) == {"a": count, "b": count}
    pairs = {0: (1, 3), 1: (1, 0), 2: (0, 1)}  # PPG, and II or else the first ECG lead
    for frame, record, (source, target) in zip(frames, records.tolist(), index.strip, strict=True):
        assert (strips.lead[source], strips.lead[target]) == pairs[record]
        # Samples of a lead are numbered on from those of the lead before it.
        apart = (pairs[record][1] - pairs[record][0]) * store.samples[record]
        np.testing.assert_array_equal(frame[:, 1] - frame[:, 0], np.full(size, apart, np.float32))


def test_a_pair_goes_either_way_and_only_between_leads_that_are_used(store):
    other = PairedFrames(source="ecg", target="ppg").strips(store, range(4), ["ppg", "V"], 50)
    assert [store.leads[r][lead] for r, lead in zip(other.record, other.lead, strict=True)] == ["V", "PPG"] * 2
    with pytest.raises(ConfigError, match="both 'ecg'"):
        PairedFrames(source="ecg")


@pytest.mark.parametrize(("source", "target"), [("ppg", "ecg"), ("ecg", "ppg")])
def test_an_aligned_pair_stands_at_the_same_place(tmp_path, source, target):
    params = PpgParams(presets=["SR"], duration=30, heart_rate=(60, 60), transit_time=(0.5, 0.5), noise_multiplier=0)
    store = stored(generate(params, 3, range(3), True), tmp_path)
    apart = PairedFrames(source=source, target=target)
    for framing, moved in [(apart, False), (apart.model_copy(update={"align": True}), True)]:
        strips = framing.strips(store, range(3), None, 256)
        frames = framing.cut(strips, framing.draw(NONE, strips, 20, 256, np.random.default_rng(1)), 256)
        lags = [_lag(*frame.T) for frame in frames]
        assert (np.abs(lags).max() <= 0.03) if moved else (np.abs(lags).min() > 0.25)
        assert (strips.begin + strips.length <= store.samples[strips.record]).all()


def _lag(source, target):
    """Seconds from the beats of one to the nearest of the other, the median."""
    here, there = (beats(one, RATE) for one in (source, target))
    apart = there[None] - here[:, None]
    return np.median(apart[np.arange(len(here)), np.abs(apart).argmin(axis=1)])


def test_signals_that_have_no_beats_stay_as_they_are(store):
    as_recorded, aligned = (PairedFrames(align=align).strips(store, range(4), None, 50) for align in (False, True))
    np.testing.assert_array_equal(aligned.begin, as_recorded.begin)
    np.testing.assert_array_equal(aligned.length, as_recorded.length)


def test_a_dataset_must_have_the_two_signals_and_no_other():
    framing = PairedFrames(source="ppg", target="resp")
    assert framing.needs == framing.shown_on == {"ppg", "resp"}
    assert PairedFrames().needs == {"ecg", "ppg"}
    assert PairedFrames().beating
    assert not framing.beating


def test_only_pulses_are_aligned():
    with pytest.raises(ConfigError, match="'resp' and 'ecg'; expected 'ecg' and 'ppg'"):
        PairedFrames(source="resp", align=True)
