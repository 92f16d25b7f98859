import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from heartkit.metrics.probabilities import auroc, brier_score, calibration_error


@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.integers(1, 6))
def test_auroc_and_brier_are_those_of_scikit_learn(seed, count, levels):
    rng = np.random.default_rng(seed)
    positive = rng.random(count) < 0.5
    positive[:2] = True, False
    score = rng.integers(0, levels + 1, count) / levels  # with ties
    assert auroc(positive, score) == pytest.approx(roc_auc_score(positive, score))
    assert brier_score(positive, score) == pytest.approx(brier_score_loss(positive, score))


def test_auroc_needs_both_kinds():
    assert np.isnan(auroc(np.ones(3, bool), np.arange(3.0)))


def test_calibration_error_by_hand():
    # Two bins: 0.9 said and 1 of 2 right; 0.6 said and 2 of 2 right: (2 * 0.4 + 2 * 0.4) / 4.
    correct = np.array([True, False, True, True])
    assert calibration_error(correct, np.array([0.9, 0.9, 0.6, 0.6]), bins=10) == pytest.approx(0.4)


def test_calibrated_predictions_have_a_small_error():
    rng = np.random.default_rng(0)
    confidence = rng.random(200_000)
    assert calibration_error(rng.random(200_000) < confidence, confidence) < 0.01
