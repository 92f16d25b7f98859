from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from heartkit.errors import DataError
from heartkit.metrics.classification import (
    class_scores,
    classification_report,
    classification_scores,
    confusion_by_group,
    confusion_matrix,
)

CLASSES = 4

labels = st.lists(st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=60)


@given(labels)
def test_agrees_with_scikit_learn(pairs):
    y_true, y_pred = np.array(pairs).T
    confusion = confusion_matrix(y_true, y_pred, CLASSES)
    every = range(CLASSES)
    np.testing.assert_array_equal(confusion, sk.confusion_matrix(y_true, y_pred, labels=every))
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        y_true, y_pred, labels=every, zero_division=np.nan
    )
    scores = classification_scores(confusion)
    np.testing.assert_allclose(scores["ppv"], precision)
    np.testing.assert_allclose(scores["se"], recall)
    np.testing.assert_allclose(scores["f1"], f1)
    np.testing.assert_array_equal(confusion.sum(1), support)
    present = np.union1d(y_true, y_pred)  # scikit-learn has no undefined Jaccard index: it gives 0
    expected = sk.jaccard_score(y_true, y_pred, labels=present, average=None)
    np.testing.assert_allclose(scores["iou"][present], expected)
    np.testing.assert_allclose(scores["macro_f1"], f1[present].mean())
    np.testing.assert_allclose(scores["accuracy"], sk.accuracy_score(y_true, y_pred))


@given(labels)
def test_specificity_is_the_sensitivity_of_the_rest(pairs):
    y_true, y_pred = np.array(pairs).T
    scores = class_scores(confusion_matrix(y_true, y_pred, CLASSES))
    for label in range(CLASSES):
        rest = y_true != label
        expected = np.mean(y_pred[rest] != label) if rest.any() else np.nan
        np.testing.assert_allclose(scores["sp"][label], expected)


def test_groups_add_up_and_unknown_is_left_out():
    rng = np.random.default_rng(5)
    y_true, y_pred = rng.integers(-1, CLASSES, (50, 20)).astype(np.int8), rng.integers(0, CLASSES, (50, 20))
    patient = rng.integers(0, 6, (50, 1))
    confusions = confusion_by_group(y_true, y_pred, patient, 7, CLASSES)
    for who in range(7):
        chosen = (y_true >= 0) & (patient == who)
        expected = np.zeros((CLASSES, CLASSES))
        np.add.at(expected, (y_true[chosen], y_pred[chosen]), 1)
        np.testing.assert_array_equal(confusions[who], expected)
    np.testing.assert_array_equal(confusions.sum(0), confusion_matrix(y_true, y_pred, CLASSES))


def test_scores_are_vectorised_over_leading_axes():
    stack = np.random.default_rng(2).integers(0, 9, (2, 3, CLASSES, CLASSES))
    whole = classification_scores(stack)
    for name, values in classification_scores(stack[1, 2]).items():
        np.testing.assert_array_equal(whole[name][1, 2], values)


def test_what_is_undefined_is_null_and_left_out_of_the_macro():
    # Class 2 is neither in the reference nor predicted; class 1 is never predicted.
    report = classification_report(np.array([[[8, 0, 0], [2, 0, 0], [0, 0, 0]]] * 2), "abc", np.random.default_rng(0))
    assert report["classes"]["c"]["support"] == 0
    assert report["classes"]["c"]["f1"] == {"value": None, "low": None, "high": None}
    assert report["classes"]["b"]["ppv"]["value"] is None
    assert report["classes"]["b"]["f1"]["value"] == 0
    assert report["macro_f1"]["value"] == pytest.approx((16 / 18 + 0) / 2)
    json.dumps(report, allow_nan=False)


def test_report_has_intervals_around_its_values():
    confusions = np.random.default_rng(4).integers(1, 30, (12, 3, 3)) + 60 * np.eye(3, dtype=int)
    report = classification_report(confusions, ["x", "y", "z"], np.random.default_rng(1))
    again = classification_report(confusions, ["x", "y", "z"], np.random.default_rng(1))
    assert report == again
    assert report["patients"] == 12
    assert report["confusion"] == confusions.sum(0).tolist()
    for score in (report["macro_f1"], report["accuracy"], report["classes"]["y"]["iou"]):
        assert 0 < score["low"] < score["value"] < score["high"] < 1
        assert not any(math.isnan(number) for number in score.values())


@pytest.mark.parametrize(
    ("y_true", "y_pred"), [([0, 3], [0, 1]), ([0, -2], [0, 1]), ([0, 1], [0, -1]), ([0, 1], [3, 1]), ([0], [0, 1])]
)
def test_labels_that_do_not_fit_are_refused(y_true, y_pred):
    with pytest.raises(DataError, match=r"expected 0 to 2|expected -1 to 2|must have one shape"):
        confusion_matrix(np.array(y_true), np.array(y_pred), 3)


def test_nothing_to_score_is_all_undefined():
    scores = classification_scores(confusion_matrix(np.empty(0, int), np.empty(0, int), 2))
    assert all(np.isnan(values).all() for values in scores.values())
