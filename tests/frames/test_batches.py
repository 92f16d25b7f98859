"""Batches: pure functions of their number, always full, each set in its share, each frame once a pass."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.errors import ConfigError
from heartkit.frames.batches import Batches, FrameSet, all_frames
from heartkit.frames.sampling import FrameIndex, draw_frames
from heartkit.frames.strips import whole_leads
from made_records import plain_record, stored

SIZE = 8


@pytest.fixture(scope="module")
def strips(tmp_path_factory):
    records = [plain_record(str(n), samples=300) for n in range(4)]
    return whole_leads(stored(records, tmp_path_factory.mktemp("cache")), range(4), None)


def first_samples(strips, frames, size):
    """Answer each frame with its own first sample: it names the frame."""
    cut = strips.cut("signals", frames.strip, frames.start, size)
    return cut[:, :, None], cut[:, 0]


def frame_set(strips, number: int, count: int, weight: float = 1.0) -> FrameSet:
    """`count` different frames of record `number`."""
    index = FrameIndex(np.full(count, number), np.arange(count), np.arange(count) // 3)
    return FrameSet(f"set{number}", strips, index, SIZE, first_samples, weight)


def noisy(frames, rng):
    return frames + rng.standard_normal(frames.shape).astype(np.float32)


def unchanged(frames, rng=None):
    return frames


def batches(sets, size=5, seed=1, augment=unchanged, preprocess=unchanged) -> Batches:
    return Batches(sets, size, seed, arranged(augment, preprocess))


def arranged(augment=unchanged, preprocess=unchanged):
    return lambda frames, answers, rng: (preprocess(augment(frames, rng)), answers)


def test_frames_and_answers_belong_together(strips):
    signals, answers = batches([frame_set(strips, 1, 20)]).batch(3)
    assert signals.shape == (5, SIZE, 1)
    assert signals.dtype == np.float32
    assert np.array_equal(signals[:, 0, 0], answers)
    assert np.array_equal(np.diff(signals[:, :, 0]), np.ones((5, SIZE - 1)))


def test_first_augmented_then_preprocessed(strips):
    made = batches([frame_set(strips, 0, 20)], augment=lambda x, rng: x + 1, preprocess=lambda x: x * 2)
    signals, answers = made.batch(0)
    assert np.array_equal(signals[:, 0, 0], (answers + 1) * 2)


@given(
    st.lists(st.tuples(st.integers(1, 40), st.floats(0.01, 10)), min_size=1, max_size=4),
    st.integers(1, 17), st.integers(0, 99), st.permutations(range(8)),
)  # fmt: skip
@settings(max_examples=40)
def test_a_batch_is_the_same_whatever_was_made_before(strips, sets, size, seed, order):
    made = [frame_set(strips, n, count, weight) for n, (count, weight) in enumerate(sets)]
    one, other = batches(made, size, seed, noisy), batches(made, size, seed, noisy)
    in_order = [one.batch(n) for n in range(8)]
    assert all(len(signals) == len(answers) == size for signals, answers in in_order), "every batch is full"
    for number in order:
        for left, right in zip(other.batch(number), in_order[number], strict=True):
            assert left.tobytes() == right.tobytes()


def test_a_batch_is_the_same_from_any_number_of_threads(strips):
    sets = [frame_set(strips, 0, 30, 0.7), frame_set(strips, 1, 7, 0.3)]
    one = batches(sets, 16, 3, noisy)
    expected = [one.batch(n)[0].tobytes() for n in range(200)]
    shared = batches(sets, 16, 3, noisy)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: shared.batch(n)[0].tobytes(), reversed(range(200))))
    assert found[::-1] == expected


def test_seeds_differ(strips):
    sets = [frame_set(strips, 0, 200)]
    first = {batches(sets, seed=seed, augment=noisy).batch(0)[0].tobytes() for seed in range(5)}
    assert len(first) == 5
    assert len({batches(sets, augment=noisy).batch(n)[0].tobytes() for n in range(5)}) == 5


@given(
    st.lists(st.tuples(st.integers(1, 60), st.floats(0.001, 100)), min_size=1, max_size=4),
    st.integers(1, 20), st.integers(1, 60),
)  # fmt: skip
@settings(max_examples=60)
def test_every_set_is_walked_through_frame_by_frame_in_its_share(strips, sets, size, number):
    made = [frame_set(strips, n, count, weight) for n, (count, weight) in enumerate(sets)]
    loader = batches(made, size)
    used = Counter(int(answer) for n in range(number) for answer in loader.batch(n)[1])
    total = sum(weight for _, weight in sets)
    for which, (count, weight) in enumerate(sets):
        mine = [used[10_000 * which + at] for at in range(count)]
        # After so many passes and a bit, every frame was met so often or once more.
        assert max(mine) - min(mine) <= 1
        assert sum(mine) == pytest.approx(size * number * weight / total, abs=len(sets))


def test_a_pass_is_in_another_order_than_the_last(strips):
    loader = batches([frame_set(strips, 0, 50)], 50)
    orders = [loader.batch(n)[1].tolist() for n in range(3)]
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(orders[2])
    assert orders[0] != orders[1] != orders[2] != orders[0]


def test_a_set_of_weight_0_is_left_out(strips):
    loader = batches([frame_set(strips, 0, 10, 0.0), frame_set(strips, 1, 10), frame_set(strips, 2, 10, 0.0)], 8)
    for number in range(10):
        answers = loader.batch(number)[1]
        assert len(answers) == 8
        assert (answers // 10_000 == 1).all()


def test_a_light_set_is_not_read_for_batches_that_hold_none_of_it(strips):
    light = frame_set(strips, 0, 10, 0.1)

    def at_least_one(strips, frames, size):
        assert len(frames)
        return first_samples(strips, frames, size)

    loader = batches([replace(light, read=at_least_one), frame_set(strips, 1, 10, 0.9)], 4)
    held = [int((loader.batch(number)[1] < 10_000).sum()) for number in range(20)]
    assert sorted(set(held)) == [0, 1]
    assert sum(held) == 8


def test_a_small_set_does_not_make_a_large_one_shuffle_for_each_batch(strips, monkeypatch):
    shuffled = []
    real = Batches._shuffled
    monkeypatch.setattr(Batches, "_shuffled", lambda self, *which: shuffled.append(which) or real(self, *which))
    loader = batches([frame_set(strips, 0, 2, 0.5), frame_set(strips, 1, 200, 0.5)], 32)
    for number in range(10):
        loader.batch(number)
    assert shuffled.count((1, 0)) == 1


def test_frames_that_change_their_size_are_an_error(strips):
    for steps in ({"preprocess": lambda x: x[:, :5]}, {"augment": lambda x, rng: np.repeat(x, 2, axis=1)}):
        with pytest.raises(ConfigError, match=r"frames of 8 samples into (5|16), but the model takes frame_size = 8"):
            batches([frame_set(strips, 0, 10)], **steps).batch(0)


def test_all_frames_in_their_order_with_their_patients(strips):
    sets = [frame_set(strips, 2, 10), frame_set(strips, 0, 4)]
    signals, answers, patients = all_frames(sets, arranged(preprocess=lambda x: x * 2))
    assert answers.tolist() == [20_000 + n for n in range(10)] + list(range(4))
    assert np.array_equal(signals[:, 0, 0], answers * 2)
    assert patients.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4, 4, 4, 5], "nobody is in two datasets"


@given(st.lists(st.integers(1, 50), min_size=1, max_size=4), st.integers(1, 250))
def test_a_limit_is_kept_exactly_and_taken_evenly(strips, counts, limit):
    sets = [frame_set(strips, n, count) for n, count in enumerate(counts)]
    signals, answers, patients = all_frames(sets, arranged(), limit=limit)
    assert len(signals) == len(answers) == len(patients) == min(limit, sum(counts))
    assert len(set(answers.tolist())) == len(answers), "no frame twice"
    for which, count in enumerate(counts):
        mine = np.sort(answers[answers // 10_000 == which] % 10_000)
        assert len(mine) == pytest.approx(limit * count / sum(counts) if limit < sum(counts) else count, abs=1)
        if len(mine) > 1:
            assert np.ptp(np.diff(mine)) <= 1, "evenly from the first to the last"
            assert (mine[0], mine[-1]) == (0, count - 1)


def test_drawn_frames_make_batches(strips):
    index = draw_frames(strips, 25, SIZE, np.random.default_rng(0))
    frames = FrameSet("drawn", strips, index, SIZE, first_samples)
    assert len(frames) == 100
    loader = batches([frames], 100)
    signals, answers = loader.batch(0)
    expected = frames.frames(slice(None))[1]
    assert sorted(answers) == sorted(expected)
    assert np.isin(signals[:, 0, 0], expected).all()
