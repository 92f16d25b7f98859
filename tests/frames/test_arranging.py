"""How cut frames become inputs and answers."""

import numpy as np
import pytest

from heartkit.frames.arranging import Noisy, Paired, Plain, Steps, Views
from heartkit.transforms.pipeline import Pipeline
from heartkit.transforms.znorm import ZNorm

RATE = 100.0
ANSWERS = np.arange(5)


def louder(frames, rng):
    """An augmentation that draws from the generator."""
    return frames * 3 + rng.normal(0, 0.5, frames.shape).astype(np.float32)


@pytest.fixture
def steps():
    return Steps(louder, Pipeline([ZNorm.create({"eps": 0.01, "axis": 0}, RATE)]))


@pytest.fixture
def frames():
    return np.random.default_rng(2).normal([1, -4], [0.5, 2], (5, 40, 2)).astype(np.float32)


def standardised(frames, by=None):
    by = frames if by is None else by
    return (frames - by.mean(1, keepdims=True)) / (by.std(1, keepdims=True) + 0.01)


def rng():
    return np.random.default_rng(9)


@pytest.mark.parametrize("training", [True, False])
def test_plain_frames_are_augmented_in_training_only(steps, frames, training):
    inputs, answers = Plain()(frames, ANSWERS, rng(), steps, training)
    expected = standardised(louder(frames, rng()) if training else frames)
    np.testing.assert_allclose(inputs, expected, atol=1e-4)
    assert answers is ANSWERS


@pytest.mark.parametrize("training", [True, False])
def test_noisy_frames_are_augmented_always_and_answers_share_their_statistics(steps, frames, training):
    assert Noisy.noise_belongs
    inputs, answers = Noisy()(frames, ANSWERS, rng(), steps, training)
    noisy = louder(frames, rng())
    np.testing.assert_allclose(inputs, standardised(noisy), atol=1e-4)
    np.testing.assert_allclose(answers, standardised(frames, noisy), atol=1e-4)
    # By its own statistics the clean frame would have a deviation of 1: it has that of the noisy one.
    assert (answers.std(1) < 0.4).all()


def test_clean_frames_with_a_zero_of_their_own_keep_it(steps, frames):
    arrangement = Noisy(own_zero=True)
    inputs, answers = arrangement(frames, ANSWERS, rng(), steps, True)
    noisy = louder(frames, rng())
    np.testing.assert_allclose(inputs, standardised(noisy), atol=1e-4)
    np.testing.assert_allclose(answers, frames / (noisy.std(1, keepdims=True) + 0.01), rtol=1e-4)
    # Answers come back without the noisy frame's mean.
    done = arrangement.preprocessing(steps.preprocess).measured(noisy)
    np.testing.assert_allclose(done.undo(answers), frames, rtol=1e-3, atol=1e-3)
    np.testing.assert_array_equal(arrangement.preprocessing(steps.preprocess)(noisy), inputs)
    assert Noisy().preprocessing(steps.preprocess) is steps.preprocess


@pytest.mark.parametrize("training", [True, False])
def test_of_a_pair_the_first_channel_alone_is_augmented(steps, frames, training):
    inputs, answers = Paired()(frames, ANSWERS, rng(), steps, training)
    source = louder(frames[..., :1], rng()) if training else frames[..., :1]
    np.testing.assert_allclose(inputs, standardised(source), atol=1e-4)
    np.testing.assert_allclose(answers, standardised(frames[..., 1:]), atol=1e-4)


@pytest.mark.parametrize("training", [True, False])
def test_views_are_inputs_of_their_own_with_the_same_answers(steps, frames, training):
    inputs, answers = Views()(frames, ANSWERS, rng(), steps, training)
    assert inputs.shape == (10, 40, 1)
    assert answers.tolist() == [*ANSWERS, *ANSWERS]
    if not training:
        np.testing.assert_allclose(inputs[:5, :, 0], standardised(frames)[..., 0], atol=1e-4)
        np.testing.assert_allclose(inputs[5:, :, 0], standardised(frames)[..., 1], atol=1e-4)


def test_the_same_numbers_give_the_same_batch(steps, frames):
    for kind in (Plain, Noisy, Paired, Views):
        first, again = (kind()(frames, ANSWERS, rng(), steps, True) for _ in range(2))
        for one, other in zip(first, again, strict=True):
            np.testing.assert_array_equal(one, other)
