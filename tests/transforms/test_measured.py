"""What preprocesses take from frames: done again to others, and undone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from heartkit.params import PreprocessParams
from heartkit.transforms.filter import Filter
from heartkit.transforms.layer_norm import LayerNorm
from heartkit.transforms.pipeline import Pipeline, build_preprocesses
from heartkit.transforms.white_noise import RandomNoise
from heartkit.transforms.znorm import ZNorm

RATE = 100.0
STEPS = [
    ZNorm.create({}, RATE), ZNorm.create({"axis": 0, "eps": 0.1}, RATE), LayerNorm.create({"epsilon": 0.01}, RATE),
]  # fmt: skip
VALUES = st.floats(-50, 50, width=32)


def frames(channels=2):
    return arrays(np.float32, (3, 20, channels), elements=VALUES)


@given(frames(), frames(), st.lists(st.sampled_from(STEPS), max_size=3))
def test_undoing_what_was_done_to_other_frames_gives_them_back(measured, others, steps):
    done = Pipeline(steps).measured(measured)
    np.testing.assert_allclose(done.undo(done.same(others)), others, rtol=1e-3, atol=1e-2)


@given(frames(), st.lists(st.sampled_from(STEPS), max_size=3))
def test_the_same_done_to_the_measured_frames_are_the_preprocessed_ones(measured, steps):
    pipeline = Pipeline(steps)
    done = pipeline.measured(measured)
    np.testing.assert_array_equal(done.frames, pipeline(measured))
    np.testing.assert_allclose(done.same(measured), done.frames, atol=1e-5)


def test_others_are_normalised_with_what_was_measured_on_the_first():
    rng = np.random.default_rng(0)
    measured, others = (rng.normal(place, size, (4, 50, 1)).astype(np.float32) for place, size in ((3, 2), (0, 1)))
    done = Pipeline([ZNorm.create({"eps": 0.01}, RATE)]).measured(measured)
    expected = (others - measured.mean(1, keepdims=True)) / (measured.std(1, keepdims=True) + 0.01)
    np.testing.assert_allclose(done.same(others), expected, atol=1e-5)


def test_a_filter_is_not_undone_but_what_comes_after_it_is():
    rng = np.random.default_rng(1)
    signal = rng.normal(5, 2, (2, 200, 1)).astype(np.float32)
    steps = [PreprocessParams(name="filter", params={"lowcut": 1, "highcut": 20}), PreprocessParams(name="znorm")]
    done = build_preprocesses(steps, RATE).measured(signal)
    filtered = Filter.create({"lowcut": 1, "highcut": 20}, RATE)(signal)
    np.testing.assert_allclose(done.undo(done.frames), filtered, atol=1e-4)


def test_a_step_that_draws_cannot_be_measured():
    with pytest.raises(ValueError, match="RandomNoise draws random numbers"):
        Pipeline([RandomNoise.create({}, RATE)]).measured(np.zeros((1, 10, 1), np.float32))
