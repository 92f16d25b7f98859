"""Cross-entropy that leaves unknown samples out, and class weights, against NumPy and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_class_weight

from heartkit.models.backend import keras
from heartkit.objectives.losses import balanced_weights, crossentropy, masked_crossentropy, tag_crossentropy
from heartkit.objectives.segment import Segment


def softmax(logits):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def expected_loss(labels, logits, weights, smoothing):
    """The definition, sample by sample in float64: weighted mean of -sum(target * log p)."""
    total, weight = 0.0, 0.0
    for label, row in zip(labels.ravel(), softmax(logits.astype(np.float64)).reshape(-1, len(weights)), strict=True):
        if label >= 0:
            target = smoothing / len(weights) + (1 - smoothing) * (np.arange(len(weights)) == label)
            total += weights[label] * -(target * np.log(row)).sum()
            weight += weights[label]
    return total / weight if weight else 0.0


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1, 0.5]), st.integers(2, 5))
def test_the_loss_is_the_weighted_mean_over_what_is_known(seed, smoothing, classes):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, (2, 7, classes)).astype(np.float32)
    labels = rng.integers(-1, classes, (2, 7)).astype(np.int8)
    weights = rng.uniform(0.2, 3, classes).astype(np.float32)
    loss = masked_crossentropy(weights, smoothing)(labels, logits)
    assert float(loss) == pytest.approx(expected_loss(labels, logits, weights, smoothing), rel=1e-4, abs=1e-6)


def test_unknown_samples_give_no_gradient():
    import tensorflow as tf

    logits = tf.Variable(np.random.default_rng(0).normal(size=(1, 6, 3)).astype(np.float32))
    labels = np.array([[0, -1, 2, -1, 1, 1]], np.int8)
    with tf.GradientTape() as tape:
        loss = masked_crossentropy(np.ones(3, np.float32), 0.1)(labels, logits)
    gradient = tape.gradient(loss, logits).numpy()[0]
    assert (gradient[[1, 3]] == 0).all()
    assert (np.abs(gradient[[0, 2, 4, 5]]).max(-1) > 1e-3).all()


def test_nothing_known_costs_nothing():
    loss = masked_crossentropy(np.ones(3, np.float32))
    assert float(loss(np.full((2, 4), -1, np.int8), np.ones((2, 4, 3), np.float32))) == 0.0


def test_it_trains_in_keras():
    model = keras.Sequential([keras.Input((4, 2)), keras.layers.Dense(3)])
    model.compile(keras.optimizers.Adam(0.1), masked_crossentropy(np.ones(3, np.float32)), jit_compile=False)
    frames = np.random.default_rng(0).normal(size=(8, 4, 2)).astype(np.float32)
    labels = (frames[..., 0] > 0).astype(np.int8)
    before = model.train_on_batch(frames, labels)
    for _ in range(20):
        after = model.train_on_batch(frames, labels)
    assert after < 0.7 * before


@given(st.integers(0, 2**32 - 1))
def test_validation_loss_is_that_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    probabilities = softmax(rng.normal(0, 2, (3, 5, 4)))
    classes = rng.integers(-1, 4, (3, 5))
    classes[0, 0] = 1
    known = classes >= 0
    expected = log_loss(classes[known], probabilities[known], labels=range(4))
    assert crossentropy(probabilities.astype(np.float32), classes) == pytest.approx(expected, rel=1e-5)


def test_a_probability_of_zero_costs_much_but_not_infinitely():
    assert crossentropy(np.array([[0.0, 1.0]], np.float32), np.array([0])) == pytest.approx(-np.log(1e-7), rel=1e-5)


@given(st.lists(st.integers(-1, 3), min_size=1).filter(lambda labels: max(labels) >= 0))
def test_balanced_weights_are_those_of_scikit_learn(labels):
    labels = np.array(labels)
    known = labels[labels >= 0]
    weights = balanced_weights(labels, 4)
    present = np.unique(known)
    np.testing.assert_allclose(weights[present], compute_class_weight("balanced", classes=present, y=known), rtol=1e-6)
    assert (weights[np.setdiff1d(np.arange(4), present)] == 1).all()
    assert weights[known].mean() == pytest.approx(1, rel=1e-5)


def test_focal_loss_is_that_of_its_formula():
    rng = np.random.default_rng(5)
    logits, labels = rng.normal(size=(30, 4)).astype(np.float32), rng.integers(0, 4, 30)
    p = (np.exp(logits) / np.exp(logits).sum(-1, keepdims=True))[np.arange(30), labels]
    for gamma in (0.0, 1.0, 2.5):
        found = float(masked_crossentropy(np.ones(4, np.float32), focal_gamma=gamma)(labels, logits))
        assert found == pytest.approx(float(np.mean(-((1 - p) ** gamma) * np.log(p))), rel=1e-4)
    tags = rng.integers(0, 2, (30, 4)).astype(np.float32)
    right = np.where(tags > 0, 1 / (1 + np.exp(-logits)), 1 / (1 + np.exp(logits)))
    found = float(tag_crossentropy(None, focal_gamma=2.0)(tags, logits))
    assert found == pytest.approx(float(np.mean(-((1 - right) ** 2) * np.log(right))), rel=1e-4)


def test_shares_of_classes_are_labels_too():
    rng = np.random.default_rng(6)
    logits, labels = rng.normal(size=(5, 9, 3)).astype(np.float32), rng.integers(-1, 3, (5, 9)).astype(np.int8)
    weights = np.array([1, 2, 5], np.float32)
    loss = masked_crossentropy(weights, 0.1)
    shares = Segment().soft(labels, 3)
    assert (shares.sum(-1) == (labels >= 0)).all()
    assert float(loss(shares, logits)) == pytest.approx(float(loss(labels, logits)), rel=1e-6)


def test_tags_without_and_with_label_smoothing_and_balance():
    logits, tags = np.array([[2.0, -1.0]], np.float32), np.array([[1.0, 0.0]], np.float32)
    plus, minus = np.log1p(np.exp(-2.0)), np.log1p(np.exp(-1.0))
    assert float(tag_crossentropy(None)(tags, logits)) == pytest.approx((plus + minus) / 2, rel=1e-5)
    smooth = (0.9 * plus + 0.1 * (plus + 2) + 0.9 * minus + 0.1 * (minus + 1)) / 2
    assert float(tag_crossentropy(None, 0.2)(tags, logits)) == pytest.approx(smooth, rel=1e-5)
    shares = np.array([0.1, 0.5], np.float32)  # the first tag is rare: having it counts 5 times as much
    assert float(tag_crossentropy(shares)(tags, logits)) == pytest.approx((5 * plus + minus) / 2, rel=1e-5)
