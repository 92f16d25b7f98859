import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from heartkit.metrics.probabilities import auroc, brier_score, calibration_error, rank_scores


@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.integers(1, 6))
def test_auroc_and_brier_are_those_of_scikit_learn(seed, count, levels):
    rng = np.random.default_rng(seed)
    positive = rng.random(count) < 0.5
    positive[:2] = True, False
    score = rng.integers(0, levels + 1, count) / levels  # with ties
    assert auroc(positive, score) == pytest.approx(roc_auc_score(positive, score))
    assert brier_score(positive, score) == pytest.approx(brier_score_loss(positive, score))


@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.integers(1, 6))
def test_weighted_rankings_are_those_of_scikit_learn(seed, count, levels):
    rng = np.random.default_rng(seed)
    positive = rng.random(count) < 0.5
    positive[:2] = True, False
    score = rng.integers(0, levels + 1, count) / levels  # with ties
    alike = rank_scores(positive, score)(np.ones(count))
    assert alike["average_precision"] == pytest.approx(average_precision_score(positive, score))
    weights = rng.integers(0, 4, (2, 3, count)).astype(float)
    weights[..., :2] += 1
    found = rank_scores(positive, score)(weights)
    for at in np.ndindex(2, 3):
        weight = {"sample_weight": weights[at]}
        assert found["auroc"][at] == pytest.approx(roc_auc_score(positive, score, **weight))
        assert found["average_precision"][at] == pytest.approx(average_precision_score(positive, score, **weight))


def test_auroc_needs_both_kinds_and_average_precision_a_positive():
    assert np.isnan(auroc(np.ones(3, bool), np.arange(3.0)))
    assert np.isnan(auroc(np.zeros(0, bool), np.zeros(0)))
    every, none = (rank_scores(np.full(3, truth), np.arange(3.0))(np.ones(3)) for truth in (True, False))
    assert every["average_precision"] == 1
    assert np.isnan(none["average_precision"])


def test_calibration_error_is_the_weighted_gap_of_scikit_learns_curve():
    rng = np.random.default_rng(1)
    confidence = rng.random(500)
    correct = rng.random(500) < confidence**2
    right, said = calibration_curve(correct, confidence, n_bins=15)
    count = np.histogram(confidence, np.linspace(0, 1, 16))[0]
    expected = np.average(np.abs(right - said), weights=count)
    assert calibration_error(correct, confidence) == pytest.approx(expected)


def test_calibration_error_by_hand():
    # Two bins: 0.9 said and 1 of 2 right; 0.6 said and 2 of 2 right: (2 * 0.4 + 2 * 0.4) / 4.
    correct = np.array([True, False, True, True])
    assert calibration_error(correct, np.array([0.9, 0.9, 0.6, 0.6]), bins=10) == pytest.approx(0.4)


def test_calibrated_predictions_have_a_small_error():
    rng = np.random.default_rng(0)
    confidence = rng.random(200_000)
    assert calibration_error(rng.random(200_000) < confidence, confidence) < 0.01
