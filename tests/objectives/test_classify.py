"""Scores of frames with one class each, against scikit-learn."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn import metrics

from heartkit.errors import DataError
from heartkit.objectives.classify import Classify, FrameAnswer
from scorings import held, scoring

NAMES = ["normal", "PAC", "PVC"]


@pytest.fixture
def scored():
    """Truth with some unknown frames, logits that lean towards it, patients, and the report."""
    rng = np.random.default_rng(8)
    truth = rng.choice([-1, 0, 1, 2], 900, p=[0.1, 0.6, 0.2, 0.1]).astype(np.int8)
    outputs = rng.normal(0, 1, (900, 3)).astype(np.float32)
    outputs[np.arange(900), truth.clip(0)] += 1.2
    patients = rng.integers(0, 12, 900)
    return truth, outputs, patients, Classify().score(held(truth, patients), outputs, scoring(NAMES))


def test_classes_are_scored_as_scikit_learn_does(scored):
    truth, outputs, _, scores = scored
    report = scores["frames"]
    known = truth >= 0
    answers = outputs.argmax(1)
    assert report["confusion"] == metrics.confusion_matrix(truth[known], answers[known]).tolist()
    assert report["macro_f1"]["value"] == pytest.approx(metrics.f1_score(truth[known], answers[known], average="macro"))
    expected = metrics.recall_score(truth[known], answers[known], average=None)
    assert [report["classes"][name]["se"]["value"] for name in NAMES] == pytest.approx(expected)
    for number, name in enumerate(NAMES):  # specificity is the sensitivity to all that is another class
        others = metrics.recall_score(truth[known] != number, answers[known] != number)
        assert report["classes"][name]["sp"]["value"] == pytest.approx(others)
    assert report["macro_f1"]["low"] < report["macro_f1"]["value"] < report["macro_f1"]["high"]
    assert report["patients"] == 12
    assert report["coverage"] is None


def test_probabilities_are_scored_as_scikit_learn_does(scored):
    truth, outputs, _, report = scored
    known = truth >= 0
    probabilities = softmax(outputs[known].astype(np.float64), axis=1)
    scores = report["frames"]["probabilities"]
    for number, name in enumerate(NAMES):
        positive = truth[known] == number
        assert scores["auroc"][name] == pytest.approx(metrics.roc_auc_score(positive, probabilities[:, number]))
        expected = metrics.brier_score_loss(positive, probabilities[:, number])
        assert scores["brier"][name] == pytest.approx(expected, abs=1e-6)
    expected = metrics.roc_auc_score(truth[known], probabilities, multi_class="ovr", average="macro")
    assert scores["macro_auroc"] == pytest.approx(expected)
    right = probabilities.argmax(1) == truth[known]
    # Fifteen bins of confidence, each weighed by its frames.
    bins = np.digitize(probabilities.max(1), np.linspace(0, 1, 16)[1:-1])
    gaps = [abs((right - probabilities.max(1))[bins == one].sum()) for one in range(15)]
    assert scores["calibration_error"] == pytest.approx(sum(gaps) / known.sum(), abs=1e-5)


def test_the_majority_class_stands_beside(scored):
    truth, _, _, report = scored
    known = truth >= 0
    answers = np.zeros(known.sum())
    majority = report["baselines"]["majority class"]["samples"]
    expected = metrics.f1_score(truth[known], answers, average="macro", zero_division=0)
    assert majority["macro_f1"]["value"] == pytest.approx(expected)
    assert majority["accuracy"]["value"] == pytest.approx(np.mean(truth[known] == 0))
    assert majority["confusion"] == metrics.confusion_matrix(truth[known], answers).tolist()


def test_a_class_that_does_not_occur_has_no_auroc():
    rng = np.random.default_rng(1)
    truth = np.tile([0, 1], 50).astype(np.int8)
    outputs = rng.normal(0, 1, (100, 3)).astype(np.float32)
    scores = Classify().score(held(truth, np.arange(100) % 4), outputs, scoring(NAMES))["frames"]["probabilities"]
    assert np.isnan(scores["auroc"]["PVC"])
    assert scores["macro_auroc"] == pytest.approx((scores["auroc"]["normal"] + scores["auroc"]["PAC"]) / 2)


def test_with_a_threshold_only_sure_frames_are_scored(scored):
    truth, outputs, patients, _ = scored
    scores = Classify().score(held(truth, patients), outputs, scoring(NAMES, threshold=0.7))
    report, majority = scores["frames"], scores["baselines"]["majority class"]["samples"]
    known = truth >= 0
    sure = known & (softmax(outputs.astype(np.float64), axis=1).max(1) >= 0.7)
    assert report["coverage"] == pytest.approx(sure.sum() / known.sum())
    assert report["accuracy"]["value"] == pytest.approx(metrics.accuracy_score(truth[sure], outputs.argmax(1)[sure]))
    assert np.sum(majority["confusion"]) == sure.sum()  # on the same frames


def test_an_answer_along_a_lead_is_that_of_its_frames():
    signal = np.arange(250, dtype=np.float32)
    answer = FrameAnswer(
        lambda frames: frames - 1,
        lambda frames: np.stack([frames[:, 0, 0] / 100, -frames[:, -1, 0] / 100], axis=1),
        100,
        50.0,
    )
    starts, probabilities = answer.along(signal, 50)
    assert starts.tolist() == [0, 50, 100, 150]
    logits = np.stack([(starts - 1) / 100, -(starts + 98) / 100], axis=1)
    np.testing.assert_allclose(probabilities, softmax(logits, axis=1), rtol=1e-5)
    with pytest.raises(DataError, match="250 samples, but the model takes frames of 300"):
        FrameAnswer(lambda f: f, lambda f: f, 300, 50.0).along(signal, 150)
