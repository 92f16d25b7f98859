"""Drawing in blocks of patients: what one block draws is what was drawn before there were any; more draw as evenly."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.frames import blocks
from heartkit.frames.beat_frames import BeatFrames
from heartkit.frames.blocks import draw_in_blocks, patient_blocks
from heartkit.frames.framing import RhythmFrames
from heartkit.frames.sampling import draw_by_class, draw_frames
from heartkit.frames.strips import whole_leads
from heartkit.records.record import Beats, Record, Spans
from heartkit.records.store import Store
from made_records import plain_record, stored

SIZE = 20


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Twelve records of five patients, in no order, of one or two leads; some are too short for a frame."""
    rng = np.random.default_rng(4)
    records = []
    for number in range(12):
        leads = ("I", "II")[: 1 + number % 2]
        one = plain_record(str(number), f"p{number * 7 % 5}", int(rng.integers(10, 200)), 100.0, leads)
        times = np.sort(rng.uniform(0, one.duration, 12))
        beats = Beats(times, rng.integers(0, 3, 12).astype(np.int8))
        cuts = np.sort(rng.uniform(0, one.duration, 4))
        rhythms = Spans(np.array([0, 7], np.int16), cuts[::2], cuts[1::2])
        records.append(
            Record(one.id, one.patient, 100.0, one.leads, one.units, one.signals, beats=beats, rhythms=rhythms)
        )
    return stored(records, tmp_path_factory.mktemp("cache"), per_shard=3)


def drawn(store, records, seed=0, per_patient=6):
    cut = partial(whole_leads, store, leads=None)
    return draw_in_blocks(
        store, records, cut, lambda strips: draw_frames(strips, per_patient, SIZE, np.random.default_rng(seed))
    )


def places(strips, index):
    """Record, lead and first sample of each frame, however its strips are numbered."""
    at = index.strip
    return np.stack([strips.record[at], strips.lead[at], strips.begin[at] + index.start], axis=1)


def test_one_block_draws_what_drawing_at_once_does(store):
    records = [11, 3, 0, 5, 6, 9]
    strips, index, longest = drawn(store, records)
    all_strips = whole_leads(store, records, None)
    once = draw_frames(all_strips, 6, SIZE, np.random.default_rng(0))
    assert np.array_equal(places(strips, index), places(all_strips, once))
    assert np.array_equal(index.patient, once.patient)
    assert longest == all_strips.length.max()
    assert len(strips) == len(np.unique(once.strip))


@given(st.lists(st.integers(0, 11), unique=True, max_size=12), st.sampled_from([1, 150, 400, 10**6]), st.integers(0, 3))
@settings(max_examples=40)
def test_every_record_is_in_one_block_and_every_patient_too(store, records, size, seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_SAMPLES", size)
        parts = list(patient_blocks(store, records))
        assert sorted(record for part in parts for record in part) == sorted(records)
        owners = [{store.patients[record] for record in part} for part in parts]
        assert sum(map(len, owners)) == len(set().union(*owners))
        for part in parts:
            assert part == [record for record in records if record in part], "in their order"
        strips, index, _ = drawn(store, records, seed)
    able = {store.patients[record] for record in records if store.samples[record] >= SIZE}
    assert len(index) == 6 * len(able)
    who = np.array(store.patients)[strips.record[index.strip]] if len(index) else np.empty(0)
    assert len({(number, name) for number, name in zip(index.patient.tolist(), who.tolist(), strict=True)}) == len(able)
    assert (index.start + SIZE <= strips.length[index.strip]).all()
    assert len(np.unique(index.strip)) == len(strips)


def test_small_blocks_hold_a_patient_each(store, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_SAMPLES", 1)
    assert len(list(patient_blocks(store, range(12)))) == 5


@pytest.mark.parametrize("framing", [BeatFrames(), RhythmFrames()], ids=["beats", "rhythms"])
def test_classes_are_drawn_from_every_patient_in_blocks_too(store, monkeypatch, framing):
    def counts():
        strips, index, _ = draw_in_blocks(
            store,
            range(12),
            partial(framing.strips, store, leads=None, frame_size=SIZE),
            lambda part: draw_by_class(part, part.label, [2, 0, 3], SIZE, np.random.default_rng(1)),
        )
        names = np.array(store.patients)[strips.record[index.strip]]
        label = strips.label[index.strip]
        return {(who, kind): int(((names == who) & (label == kind)).sum()) for who in set(names) for kind in (0, 1, 2)}

    whole = counts()
    monkeypatch.setattr(blocks, "BLOCK_SAMPLES", 1)
    assert counts() == whole
    assert {count for (_, kind), count in whole.items() if kind == 1} <= {0}
    assert sum(whole.values()) >= 4


def test_frames_with_several_strips_each_keep_their_shape(store, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_SAMPLES", 1)

    def pairs(strips):
        index = draw_frames(strips, 4, SIZE, np.random.default_rng(0))
        return type(index)(index.strip.reshape(-1, 2), index.start.reshape(-1, 2), index.patient[::2])

    strips, index, _ = draw_in_blocks(store, range(12), partial(whole_leads, store, leads=None), pairs)
    assert index.strip.shape == index.start.shape == (2 * 5, 2)
    names = np.array(store.patients)[strips.record[index.strip]]
    assert (names[:, 0] == names[:, 1]).all()
    assert (np.diff(index.patient) >= 0).all()
