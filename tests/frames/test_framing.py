"""Frames with one label each: they lie where the label holds, and are drawn by class."""

import dataclasses
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.frames.beat_frames import BeatFrames, frames_around
from heartkit.frames.framing import RhythmFrames, WaveFrames
from heartkit.frames.sampling import draw_by_class
from heartkit.frames.strips import known_runs, partly_known
from heartkit.records.record import Beats, Record, Spans
from heartkit.records.vocabulary import Beat, Rhythm
from made_records import stored

RATE = 100.0
SIZES = st.integers(2, 300)
SEEDS = st.integers(0, 2**32 - 1)


def made(name, patient, seconds, rhythms=(), beats=()):
    """Two leads whose samples are numbered; rhythms are (kind, start, stop), beats (kind, time)."""
    samples = round(seconds * RATE)
    numbered = np.arange(samples, dtype=np.float32)
    kinds, starts, stops = zip(*rhythms, strict=True) if rhythms else ((), (), ())
    marks, times = zip(*beats, strict=True) if beats else ((), ())
    return Record(
        name, patient, RATE, ("I", "II"), ("mV", "mV"), np.stack([numbered, numbered + 100_000]),
        rhythms=Spans(np.array(kinds, np.int16), np.array(starts, float), np.array(stops, float)),
        beats=Beats(np.array(times, float), np.array(marks, np.int8)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Patient a with two records, b and c with one; spans and beats off the sampling grid."""
    rng = np.random.default_rng(5)
    beats = [(kind, time) for kind, time in zip([0, 1, 2, 0, 4, 0, 2, 5], np.sort(rng.uniform(0, 20, 8)), strict=True)]
    records = [
        made("1", "a", 20, [(Rhythm.SR, 0, 7.333), (Rhythm.AFIB, 7.333, 12.017), (Rhythm.SR, 12.017, 20)], beats),
        made("2", "a", 6, [(Rhythm.SR, 0.004, 5.999)], [(0, 0.0), (1, 3.0049), (0, 5.99)]),
        made("3", "b", 12, [(Rhythm.AFIB, 1.001, 9.5), (Rhythm.NOISE, 9.5, 12)], [(2, 6.0)]),
        made("4", "c", 9, [(Rhythm.NOISE, 0, 9)]),
    ]
    return stored(records, tmp_path_factory.mktemp("cache"))


@given(SIZES, SEEDS)
def test_rhythm_frames_lie_wholly_within_their_rhythm(store, size, seed):
    framing = RhythmFrames()
    strips = framing.strips(store, range(4), ["II"], size)
    index = framing.draw(lambda labels: np.zeros_like(labels), strips, 20, size, np.random.default_rng(seed))
    frames = strips.cut("signals", index.strip, index.start, size) - 100_000
    assert (np.diff(frames, axis=1) == 1).all()
    for first, strip, label in zip(frames[:, 0], index.strip, framing.targets(strips, index, size), strict=True):
        spans = store.record(int(strips.record[strip])).rhythms
        start, stop = first / RATE, (first + size - 1) / RATE
        inside = (spans.start <= start + 1e-9) & (stop <= spans.stop + 1e-9) & (spans.kind == label)
        assert inside.sum() == 1


@given(SIZES)
def test_beat_frames_have_their_beat_in_the_middle(store, size):
    framing = BeatFrames()
    strips = framing.strips(store, range(4), ["I"], size)
    index = framing.draw(lambda labels: np.zeros_like(labels), strips, 40, size, np.random.default_rng(0))
    assert (strips.length == size).all()
    assert (index.start == 0).all()
    middles = strips.cut("signals", np.arange(len(strips)), np.zeros(len(strips), np.int64), size)[:, size // 2] / RATE
    found = Counter()
    for record, middle, label in zip(strips.record, middles, strips.label, strict=True):
        beats = store.record(int(record)).beats
        near = np.abs(beats.time - middle) <= 0.5 / RATE + 1e-9
        assert beats.kind[near].tolist() == [label]
        found[int(record)] += 1
    # All beats that have room are there, and no other: counted sample by sample.
    for number in range(4):
        record = store.record(number)
        samples = record.signals.shape[1]
        room = [0 <= np.rint(time * RATE) - size // 2 <= samples - size for time in record.beats.time]
        assert found[number] == sum(room)
        starts, whole = frames_around(record.beats.time, RATE, size, samples)
        assert starts[whole].tolist() == strips.begin[strips.record == number].tolist()


def test_each_chosen_lead_gives_its_own_frames(store):
    both = BeatFrames().strips(store, range(4), None, 50)
    one = BeatFrames().strips(store, range(4), ["ii"], 50)
    assert len(both) == 2 * len(one) > 0
    assert set(both.lead) == {0, 1}
    assert set(one.lead) == {1}


@given(st.lists(st.integers(0, 30), min_size=2, max_size=2), SEEDS)
def test_so_many_of_each_class_from_every_patient_who_has_it(store, counts, seed):
    table = {Rhythm.SR: 0, Rhythm.AFIB: 1, Rhythm.NOISE: -1}
    strips = RhythmFrames().strips(store, range(4), None, 100)
    classes = np.array([table[label] for label in strips.label])
    index = draw_by_class(strips, classes, counts, 100, np.random.default_rng(seed))
    patients = np.array(store.patients)[strips.record[index.strip]]
    drawn = Counter(zip(patients.tolist(), classes[index.strip].tolist(), strict=True))
    expected = {("a", 0): counts[0], ("a", 1): counts[1], ("b", 1): counts[1]}
    assert drawn == Counter({key: count for key, count in expected.items() if count})
    assert all(index.start + 100 <= strips.length[index.strip])


@given(st.integers(1, 50), SEEDS)
def test_one_number_is_per_patient_and_nothing_left_out_is_drawn(store, count, seed):
    table = np.array([0, 1, -1, -1, -1, -1])  # normal and PAC; neither PVC nor the others
    framing = BeatFrames()
    strips = framing.strips(store, range(4), None, 64)
    index = framing.draw(lambda labels: table[labels], strips, count, 64, np.random.default_rng(seed))
    assert set(framing.targets(strips, index, 64)) <= {Beat.NORMAL, Beat.PAC}
    patients = np.array(store.patients)[strips.record[index.strip]]
    assert Counter(patients.tolist()) == {"a": count}  # b has a PVC only, c no beat
    assert set(index.patient) == {0}


def test_a_class_that_nobody_has_gives_no_frames(store):
    strips = RhythmFrames().strips(store, range(4), None, 100)
    assert len(draw_by_class(strips, np.full(len(strips), -1), [5, 5], 100, np.random.default_rng(0))) == 0


@pytest.fixture(scope="module")
def partly(tmp_path_factory):
    """Three recordings of which single stretches are annotated, on one lead more than on the other."""
    rng = np.random.default_rng(7)
    records = []
    for number in range(3):
        edges = np.sort(rng.choice(np.arange(1, 400), 8, replace=False)).reshape(-1, 2) / RATE
        record = made(str(number), str(number), 4)
        spans = Spans(np.array([0, 0, 0, 1], np.int16), edges[:, 0], edges[:, 1])
        records.append(dataclasses.replace(record, annotated=spans))
    return stored(records, tmp_path_factory.mktemp("cache"))


@given(st.integers(1, 400), st.floats(0.01, 1))
def test_frames_of_which_a_share_is_known_are_exactly_those(partly, size, share):
    """Each place in each lead where a frame has enough known samples is in one strip, once, and no other is."""
    strips = partly_known(partly, range(3), None, size, share)
    found = Counter()
    for record, lead, begin, length in zip(strips.record, strips.lead, strips.begin, strips.length, strict=True):
        found.update((int(record), int(lead), at) for at in range(begin, begin + length - size + 1))
    expected = Counter(
        (record, lead, at)
        for record in range(3)
        for lead in range(2)
        for at in range(400 - size + 1)
        if np.count_nonzero(partly.track(record)[lead][at : at + size] >= 0) >= share * size - 1e-9
    )
    assert found == expected


@given(st.integers(1, 400))
def test_wholly_known_frames_are_those_of_known_runs(partly, size):
    whole, partial = known_runs(partly, range(3), None), partly_known(partly, range(3), None, size, 1.0)
    long = whole.take(whole.length >= size)
    assert [long.record.tolist(), long.begin.tolist(), long.length.tolist()] == [
        partial.record.tolist(), partial.begin.tolist(), partial.length.tolist(),
    ]  # fmt: skip


def test_what_is_not_known_stays_unknown_in_the_answers(partly):
    framing = WaveFrames(known=0.3)
    strips = framing.strips(partly, range(3), None, 100)
    index = framing.draw(lambda labels: labels, strips, 50, 100, np.random.default_rng(0))
    known = (framing.targets(strips, index, 100) >= 0).mean(axis=1)
    assert (known >= 0.3).all()
    assert (known < 1).any()


def test_where_no_frame_is_known_enough_what_there_is_comes_back_to_say_how_long_it_is(partly):
    strips = WaveFrames(known=0.99).strips(partly, range(3), None, 399)
    assert 0 < strips.length.max() < 399
