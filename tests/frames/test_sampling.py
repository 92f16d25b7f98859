"""Drawing frames: every patient as often, every position as likely."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from heartkit.frames.sampling import draw_frames
from heartkit.frames.strips import Strips, whole_leads
from made_records import plain_record, stored


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Four patients: a has one record, b three of different length, c two leads, d one that is short."""
    records = [
        plain_record("1", "a", 60), plain_record("2", "b", 40), plain_record("3", "b", 90), plain_record("4", "b", 25),
        plain_record("5", "c", 50, leads=("I", "II")), plain_record("6", "d", 19),
    ]  # fmt: skip
    return stored(records, tmp_path_factory.mktemp("cache"))


@given(st.integers(1, 60), st.integers(1, 30), st.integers(0, 2**32 - 1), st.permutations(range(6)))
def test_every_patient_as_often_and_within_the_strips(store, size, count, seed, order):
    strips = whole_leads(store, order, None)
    index = draw_frames(strips, count, size, np.random.default_rng(seed))
    assert (index.start >= 0).all()
    assert (index.start + size <= strips.length[index.strip]).all()
    names = np.array(store.patients)[strips.record[index.strip]]
    able = {name for name, length in zip(store.patients, store.samples, strict=True) if length >= size}
    assert {name: int((names == name).sum()) for name in set(names)} == dict.fromkeys(able, count)
    # Numbers of patients: one for each, in the order of their names.
    assert sorted(set(zip(index.patient.tolist(), names.tolist(), strict=True))) == list(enumerate(sorted(able)))


def test_every_position_is_as_likely(store):
    strips = whole_leads(store, range(6), None)
    index = draw_frames(strips, 40_000, 20, np.random.default_rng(1))
    for patient in range(3):
        chosen = index.patient == patient
        _, counts = np.unique(np.column_stack([index.strip, index.start])[chosen], axis=0, return_counts=True)
        mine = np.array(store.patients)[strips.record] == "abc"[patient]
        assert len(counts) == (strips.length[mine] - 19).clip(0).sum(), "all positions are reached"
        assert stats.chisquare(counts).pvalue > 1e-3


def test_the_same_seed_gives_the_same_frames(store):
    strips = whole_leads(store, range(6), None)
    first, again, other = (draw_frames(strips, 50, 10, np.random.default_rng(seed)) for seed in (1, 1, 2))
    for column in ("strip", "start", "patient"):
        assert np.array_equal(getattr(first, column), getattr(again, column))
    assert not np.array_equal(first.start, other.start)


@settings(max_examples=5)
@given(st.integers(1, 5))
def test_no_room_gives_no_frames(store, count):
    none = draw_frames(whole_leads(store, range(6), None), count, 1000, np.random.default_rng(0))
    nowhere = draw_frames(Strips(store, *np.zeros((5, 0), np.int64)), count, 10, np.random.default_rng(0))
    assert len(none) == len(nowhere) == 0
    assert len(none.take(slice(None))) == 0
