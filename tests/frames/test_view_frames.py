"""Pairs of frames of one patient: who they are of, and what becomes of them in a batch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.errors import ConfigError
from heartkit.frames.arranging import Steps, Views
from heartkit.frames.signal_frames import ViewFrames
from made_records import plain_record, stored

SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Two datasets with patients of the same names, several recordings and leads, no sample twice."""
    made = []
    for first in (1, 6):
        records = [
            plain_record(str(first + n), patient, 40 + 20 * n, leads=("I", "II")) for n, patient in enumerate("aabcc")
        ]
        made.append(stored(records, tmp_path_factory.mktemp("cache")))
    return made


def drawn(store, size, count, seed):
    framing = ViewFrames()
    strips = framing.strips(store, range(len(store)), None, size)
    index = framing.draw(None, strips, count, size, np.random.default_rng(seed))
    return framing.cut(strips, index, size), framing.targets(strips, index, size), index


@given(st.integers(1, 40), st.integers(1, 20), SEEDS)
def test_both_views_are_of_the_patient(stores, size, count, seed):
    frames, numbers, index = drawn(stores[0], size, count, seed)
    assert frames.shape == (3 * count, size, 2)
    # A sample's value says which recording it is of: 10,000 times its number and less than 10,000 more.
    records = (frames[:, 0] // 10_000).astype(int)
    owner = np.array(["", *stores[0].patients])[records]
    assert (owner[:, 0] == owner[:, 1]).all()
    assert len(np.unique(numbers)) == 3
    assert {number: set(owner[numbers == number, 0]) for number in np.unique(numbers)} == dict(
        zip(np.unique(numbers), ({"a"}, {"b"}, {"c"}), strict=True)
    )
    assert index.patient.shape == numbers.shape


def test_the_two_views_differ(stores):
    frames, _, _ = drawn(stores[0], 20, 200, 0)
    same = (frames[..., 0] == frames[..., 1]).all(axis=1)
    assert same.mean() < 0.05


@given(SEEDS)
def test_numbers_of_two_datasets_never_meet(stores, seed):
    (_, first, _), (_, second, _) = (drawn(store, 10, 5, seed) for store in stores)
    assert not set(first) & set(second)
    assert min(first.min(), second.min()) >= 0


def test_frames_by_class_are_refused(stores):
    with pytest.raises(ConfigError, match="no single class"):
        drawn(stores[0], 10, [1, 2], 0)


def steps(shift):
    return Steps(lambda frames, rng: frames + shift, lambda frames: frames * 2)


@given(st.integers(1, 9), SEEDS)
def test_views_are_below_each_other_with_the_answers_of_both(count, seed):
    rng = np.random.default_rng(seed)
    frames = rng.normal(size=(count, 5, 2)).astype(np.float32)
    # Numbers that single precision cannot tell apart, as those of patients are.
    answers = (rng.integers(0, 2**30) << 32) + rng.integers(0, 4, count)
    held, same = Views()(frames, answers, rng, steps(1), training=False)
    np.testing.assert_array_equal(held, 2 * np.concatenate([frames[..., :1], frames[..., 1:]]))
    np.testing.assert_array_equal(same, np.concatenate([answers, answers]))
    made, numbered = Views()(frames, answers, rng, steps(1), training=True)
    np.testing.assert_allclose(made, 2 * (np.concatenate([frames[..., :1], frames[..., 1:]]) + 1), rtol=1e-5)
    numbered = numbered.astype(np.float32)
    np.testing.assert_array_equal(numbered[:, None] == numbered, same[:, None] == same)
