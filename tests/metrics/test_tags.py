"""Scores of several tags per item against scikit-learn."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from heartkit.errors import DataError
from heartkit.metrics.classification import UNKNOWN
from heartkit.metrics.probabilities import auroc
from heartkit.metrics.tags import (
    DEFAULT_THRESHOLD,
    TAG_SCORES,
    best_thresholds,
    tag_counts,
    tag_report,
    threshold_scores,
)

seeds = st.integers(0, 2**32 - 1)
NAMES = ["NORM", "MI", "STTC"]


def items(seed: int, count: int = 40, levels: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Tags that are told from each other somewhat, with tied probabilities; each holds at least once and not always."""
    rng = np.random.default_rng(seed)
    truth = (rng.random((count, 3)) < [0.5, 0.3, 0.15]).astype(np.int8)
    truth[0], truth[1] = 1, 0
    score = np.clip(0.3 * truth + rng.random((count, 3)) * 0.8, 0, 1)
    return truth, np.round(score * levels) / levels


@settings(max_examples=25)
@given(seeds, st.integers(2, 40))
def test_point_values_are_those_of_scikit_learn(seed: int, levels: int) -> None:
    truth, probabilities = items(seed, levels=levels)
    report = tag_report(truth, probabilities, [0.5, 0.4, 0.7], NAMES, np.zeros(40), np.random.default_rng(0))
    said = probabilities >= [0.5, 0.4, 0.7]
    for at, name in enumerate(NAMES):
        tag = report["tags"][name]
        true, called = truth[:, at], said[:, at]
        assert tag["auroc"]["value"] == pytest.approx(sk.roc_auc_score(true, probabilities[:, at]))
        assert tag["auroc"]["value"] == pytest.approx(auroc(true == 1, probabilities[:, at]))
        expected = sk.average_precision_score(true, probabilities[:, at])
        assert tag["average_precision"]["value"] == pytest.approx(expected)
        assert tag["f1"]["value"] == pytest.approx(sk.f1_score(true, called))
        assert tag["se"]["value"] == pytest.approx(sk.recall_score(true, called))
        assert tag["sp"]["value"] == pytest.approx(sk.recall_score(true, called, pos_label=0))
        if called.any():
            assert tag["ppv"]["value"] == pytest.approx(sk.precision_score(true, called))
        else:
            assert tag["ppv"]["value"] is None
        tn, fp, fn, tp = sk.confusion_matrix(true, called).ravel()
        assert [tag[cell] for cell in ("tp", "fn", "fp", "tn")] == [tp, fn, fp, tn]
        assert (tag["support"], tag["known"]) == (true.sum(), 40)
    assert report["macro_auroc"]["value"] == pytest.approx(sk.roc_auc_score(truth, probabilities, average="macro"))
    assert report["macro_f1"]["value"] == pytest.approx(sk.f1_score(truth, said, average="macro"))
    expected = sk.average_precision_score(truth, probabilities, average="macro")
    assert report["macro_average_precision"]["value"] == pytest.approx(expected)


@given(seeds, st.integers(1, 40))
def test_no_threshold_is_better_than_the_best(seed: int, levels: int) -> None:
    truth, probabilities = items(seed, levels=levels)
    best = best_thresholds(truth, probabilities)
    f1 = threshold_scores(tag_counts(truth, probabilities, best).sum(0))["f1"]
    for at in range(3):
        precision, recall, _ = sk.precision_recall_curve(truth[:, at], probabilities[:, at])
        highest = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-300))
        assert f1[at] == pytest.approx(highest)
        assert np.min(np.abs(probabilities[:, at] - best[at])) > 1e-9 or best[at] == probabilities[:, at].min()


def test_best_threshold_lies_half_way_and_the_highest_is_taken() -> None:
    truth = np.array([[1], [0], [1], [0]])
    assert best_thresholds(truth, np.array([[0.9], [0.1], [0.7], [0.3]])) == pytest.approx(0.5)
    # Calling one (1 of 1, 1 missed) and three (2 of 3) both give 2/3 and 4/5: the better is taken, not the higher.
    assert best_thresholds(truth, np.array([[0.9], [0.8], [0.7], [0.3]])) == pytest.approx(0.5)
    # Calling the first alone and all three give the same F1 of 2/3.
    assert best_thresholds(np.array([[1], [0], [0], [1]]), np.array([[0.9], [0.8], [0.7], [0.3]])) == pytest.approx(
        0.85
    )
    lowest, above = 0.5, np.nextafter(0.5, 1)
    assert best_thresholds(np.array([[0], [1]]), np.array([[lowest], [above]])) == above


def test_a_tag_that_holds_nowhere_keeps_its_threshold_and_is_said(caplog) -> None:
    found = best_thresholds(np.zeros((3, 1), int), np.array([[0.1], [0.2], [0.3]]))
    assert found == DEFAULT_THRESHOLD
    assert "Tag 0 holds for no item" in caplog.text


@settings(max_examples=25)
@given(seeds)
def test_unknown_tags_count_for_nothing(seed: int) -> None:
    truth, probabilities = items(seed)
    gone = np.random.default_rng(seed).random(40) < 0.4
    gone[:2] = False
    masked = truth.copy()
    masked[gone, 1] = UNKNOWN
    report = tag_report(masked, probabilities, 0.5, NAMES, np.zeros(40), np.random.default_rng(0))
    without = tag_report(
        truth[~gone], probabilities[~gone], 0.5, NAMES, np.zeros((~gone).sum()), np.random.default_rng(0)
    )
    for name, value in without["tags"]["MI"].items():
        assert report["tags"]["MI"][name] == (pytest.approx(value) if isinstance(value, dict) else value)
    assert report["tags"]["MI"]["known"] == (~gone).sum()
    assert best_thresholds(masked, probabilities)[1] == best_thresholds(truth[~gone], probabilities[~gone])[1]


def test_intervals_are_those_of_drawing_patients_the_long_way() -> None:
    truth, probabilities = items(3, 300, 50)
    patients = np.random.default_rng(5).integers(0, 40, 300)
    report = tag_report(truth, probabilities, 0.6, NAMES, patients, np.random.default_rng(0), resamples=1000)
    rng = np.random.default_rng(9)
    who = np.unique(patients)
    members = [np.flatnonzero(patients == one) for one in who]
    values = []
    for _ in range(150):
        drawn = np.concatenate([members[at] for at in rng.integers(0, len(who), len(who))])
        true, score = truth[drawn], probabilities[drawn]
        values.append(
            [
                sk.roc_auc_score(true[:, 1], score[:, 1]),
                sk.average_precision_score(true[:, 1], score[:, 1]),
                sk.f1_score(true[:, 1], score[:, 1] >= 0.6),
                sk.roc_auc_score(true, score, average="macro"),
            ]
        )
    expected = np.quantile(values, [0.025, 0.975], axis=0).T
    tag = report["tags"]["MI"]
    found = [tag["auroc"], tag["average_precision"], tag["f1"], report["macro_auroc"]]
    np.testing.assert_allclose([[score["low"], score["high"]] for score in found], expected, atol=0.03)
    assert report["patients"] == len(who)


def test_a_tag_that_never_holds_is_null_and_left_out_of_the_macro() -> None:
    truth, probabilities = items(1)
    truth[:, 2] = 0
    report = tag_report(truth, probabilities, 0.5, NAMES, np.arange(40) // 4, np.random.default_rng(0))
    assert report["tags"]["STTC"]["auroc"] == {"value": None, "low": None, "high": None}
    assert report["tags"]["STTC"]["se"]["value"] is None
    assert report["tags"]["STTC"]["sp"]["value"] is not None
    both = [report["tags"][name]["auroc"]["value"] for name in NAMES[:2]]
    assert report["macro_auroc"]["value"] == pytest.approx(np.mean(both))
    assert set(TAG_SCORES) < set(report["tags"]["NORM"])
    assert json.loads(json.dumps(report, allow_nan=False)) == report


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"truth": np.full((4, 2), 2)}, "A tag is 2; expected 1"),
        ({"truth": np.zeros((4, 3), int)}, r"\(4, 3\).*\(4, 2\)"),
        ({"probabilities": np.full((4, 2), np.nan)}, "not finite"),
        ({"patients": [1, 2]}, "2 patients for 4 items"),
    ],
)
def test_what_does_not_fit_is_refused(change, words) -> None:
    right = {"truth": np.zeros((4, 2), int), "probabilities": np.zeros((4, 2)), "patients": [1, 1, 2, 2]} | change
    with pytest.raises(DataError, match=words):
        tag_report(**right, thresholds=0.5, names=["a", "b"], rng=np.random.default_rng(0))
