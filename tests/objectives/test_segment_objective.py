"""One class per sample: what is watched and scored, against scikit-learn."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, jaccard_score, log_loss, precision_score, recall_score

from heartkit.errors import ModelError
from heartkit.objectives.losses import balanced_weights, masked_crossentropy
from heartkit.objectives.segment import Segment
from heartkit.params import HKTrainParams
from scorings import held, scoring

OBJECTIVE = Segment()
NAMES = ["none", "P", "QRS", "T"]


@pytest.fixture
def frames():
    """(truth with unknown samples, logits that are right more often than not, patients)."""
    rng = np.random.default_rng(0)
    classes = rng.integers(-1, 4, (30, 50)).astype(np.int8)
    logits = rng.normal(size=(30, 50, 4)) + 1.5 * (np.arange(4) == classes[..., None])
    return classes, logits.astype(np.float32), rng.integers(10, 15, 30)


def flat(classes, logits):
    known = classes >= 0
    return classes[known], logits[known]


def test_what_training_watches(frames):
    classes, logits, _ = frames
    truth, outputs = flat(classes, logits)
    answers = outputs.argmax(-1)
    powers = np.exp(outputs.astype(np.float64))
    watched = OBJECTIVE.watch(classes, logits)
    assert watched["acc"] == pytest.approx(accuracy_score(truth, answers))
    assert watched["f1"] == pytest.approx(f1_score(truth, answers, average="macro"))
    assert watched["loss"] == pytest.approx(log_loss(truth, powers / powers.sum(-1, keepdims=True)), rel=1e-4)


def test_what_is_scored(frames):
    classes, logits, patients = frames
    truth, answers = flat(classes, logits.argmax(-1))
    report = OBJECTIVE.score(held(classes, patients), logits, scoring(NAMES))["frames"]
    assert report["coverage"] is None
    assert report["patients"] == len(np.unique(patients))
    for name, score in (("f1", f1_score), ("se", recall_score), ("ppv", precision_score), ("iou", jaccard_score)):
        expected = score(truth, answers, average=None)
        assert [report["classes"][one][name]["value"] for one in NAMES] == pytest.approx(list(expected))
        assert report[f"macro_{name}"]["value"] == pytest.approx(expected.mean())
        assert report[f"macro_{name}"]["low"] <= expected.mean() <= report[f"macro_{name}"]["high"]


def test_a_threshold_scores_only_what_is_sure_and_says_how_much_that_is(frames):
    classes, logits, patients = frames
    powers = np.exp(logits)
    sure = (powers / powers.sum(-1, keepdims=True)).max(-1)
    coverages = []
    for threshold in (0.0, 0.5, 0.8, 1.0):
        report = OBJECTIVE.score(held(classes, patients), logits, scoring(NAMES, threshold=threshold))["frames"]
        kept = (classes >= 0) & (sure >= threshold)
        assert report["coverage"] == pytest.approx(kept.sum() / (classes >= 0).sum())
        assert np.sum(report["confusion"]) == kept.sum()
        if kept.any():
            expected = accuracy_score(classes[kept], logits.argmax(-1)[kept])
            assert report["accuracy"]["value"] == pytest.approx(expected)
        coverages.append(report["coverage"])
    assert coverages[0] == 1
    assert coverages == sorted(coverages, reverse=True)
    assert report["accuracy"] is None or report["accuracy"]["value"] is None  # nothing is as sure as 1


def test_class_weights_are_even_or_balanced():
    classes = np.array([[0] * 6 + [1] * 3 + [3] + [-1] * 5])
    assert balanced_weights(classes, 4).tolist() == pytest.approx([10 / 18, 10 / 9, 1, 10 / 3])
    logits = np.zeros((1, 15, 4), np.float32)
    logits[0, 9] = [9, 0, 0, 0]  # the one of class 3 is taken for another
    even, balanced = (
        float(OBJECTIVE.loss(HKTrainParams(num_classes=4, class_weights=mode), classes)(classes, logits))
        for mode in ("fixed", "balanced")
    )
    guess, miss = np.log(4), np.log(np.exp(9) + 3)
    assert even == pytest.approx((9 * guess + miss) / 10, rel=1e-5)
    assert balanced == pytest.approx((2 * guess + miss) / 3, rel=1e-5)


def test_the_loss_minds_weights_and_smoothing():
    classes = np.array([[0, 1, 1, -1]], np.int8)
    logits = np.array([[[3, 0], [3, 0], [0, 3], [9, -9]]], np.float32)
    plain = float(masked_crossentropy(np.ones(2, np.float32), 0.0)(classes, logits))
    heavy = float(masked_crossentropy(np.array([1, 9], np.float32), 0.0)(classes, logits))
    smooth = float(OBJECTIVE.loss(HKTrainParams(num_classes=2, label_smoothing=0.2), classes)(classes, logits))
    right, wrong = np.log1p(np.exp(-3)), np.log1p(np.exp(3))
    assert plain == pytest.approx((right + wrong + right) / 3, rel=1e-5)
    assert heavy == pytest.approx((right + 9 * wrong + 9 * right) / 19, rel=1e-5)
    assert smooth == pytest.approx(0.9 * plain + 0.1 * (wrong + right + wrong) / 3, rel=1e-5)


def test_a_model_must_answer_for_each_sample_and_class():
    OBJECTIVE.require_output((64, 4), 64, 4, Path("m.keras"))
    for shape in ((64, 3), (32, 4), (4,)):
        with pytest.raises(ModelError, match=r"'m.keras'.*\(64, 4\).*num_classes"):
            OBJECTIVE.require_output(shape, 64, 4, Path("m.keras"))
