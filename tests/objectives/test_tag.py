"""Tags of frames and recordings, against scikit-learn and formulas written out; thresholds of other patients."""

import dataclasses
import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn import metrics

from heartkit.errors import ConfigError, NoRecordsError
from heartkit.frames.framing import TagFrames
from heartkit.frames.prepared import Prepared
from heartkit.metrics.tags import best_thresholds
from heartkit.models.backend import keras
from heartkit.objectives.losses import tag_crossentropy
from heartkit.objectives.probabilities import to_shares
from heartkit.objectives.tag import Tag
from heartkit.objectives.tag_scores import CROSS_FITTED, FIXED, ON_VALIDATION, cross_fitted
from heartkit.tasks.base import TaskCutter
from made_records import plain_record, stored
from scorings import held, scoring

NAMES = ["normal", "infarction", "block"]
SEEDS = st.integers(0, 2**32 - 1)


def made(seed, count=600, patients=30):
    """Tags that hold by patient, logits that lean towards them, and whose frames they are."""
    rng = np.random.default_rng(seed)
    owner = rng.integers(0, patients, count)
    truth = (rng.random((patients, 3)) < [0.5, 0.3, 0.2])[owner].astype(np.float32)
    return truth, (rng.normal(-1, 1.5, (count, 3)) + 2 * truth).astype(np.float32), owner


def test_tags_become_classes():
    targets = np.array([[1, 0, 0, 0, 1], [0, 0, 1, 0, 0], [0, 1, 0, 0, 0]], np.int8)
    answers = Tag().answers(targets, {0: 0, 2: 1, 4: 1, 1: -1})
    assert answers.tolist() == [[1, 1], [0, 1], [0, 0]]
    with pytest.raises(ConfigError, match="label 5, but tags are 0 to 4"):
        Tag().answers(targets, {0: 0, 5: 1})


def test_every_class_needs_a_tag():
    with pytest.raises(ConfigError, match="maps nothing to class 1"):
        Tag().require_classes({0: 0, 1: 2}, 3)


@settings(max_examples=15)
@given(SEEDS, st.sampled_from([0.0, 0.2]), st.booleans())
def test_the_loss_is_the_weighed_cross_entropy(seed, smoothing, balanced):
    rng = np.random.default_rng(seed)
    tags, logits = rng.integers(0, 2, (9, 3)), rng.normal(0, 3, (9, 3)).astype(np.float32)
    shares = rng.uniform(0.05, 0.95, 3).astype(np.float32) if balanced else None
    expected = []
    for row in range(9):
        for tag in range(3):
            p, holds = expit(float(logits[row, tag])), tags[row, tag]
            soft = holds * (1 - smoothing) + smoothing / 2
            weight = 1.0 if shares is None else 0.5 / (shares[tag] if holds else 1 - shares[tag])
            expected.append(-weight * (soft * np.log(p) + (1 - soft) * np.log1p(-p)))
    loss = tag_crossentropy(shares, smoothing)(tags, keras.ops.convert_to_tensor(logits))
    assert float(loss) == pytest.approx(np.mean(expected), rel=1e-4)


def test_balanced_tags_that_hold_and_that_do_not_weigh_the_same():
    rng = np.random.default_rng(1)
    tags = (rng.random((4000, 2)) < [0.1, 0.7]).astype(np.float32)
    params = types.SimpleNamespace(class_weights="balanced", label_smoothing=0.0, focal_gamma=0.0)
    loss = Tag().loss(params, tags)
    flat = np.zeros_like(tags)  # logits of one half: each element costs log(2) times its weight
    for tag in range(2):
        one = tags[:, tag] == 1
        cost = [float(loss(tags[rows], flat[rows])) for rows in (one, ~one)]
        assert np.isfinite(cost).all()
    assert float(loss(tags, flat)) == pytest.approx(np.log(2), rel=1e-3)


def test_what_training_watches():
    truth, outputs, _ = made(1)
    watched = Tag().watch(truth, outputs)
    shares = expit(outputs.astype(np.float64))
    assert watched["loss"] == pytest.approx(
        np.mean([metrics.log_loss(truth[:, tag], shares[:, tag]) for tag in range(3)]), rel=1e-4
    )
    assert watched["acc"] == pytest.approx((truth == (shares >= 0.5)).mean())
    assert watched["f1"] == pytest.approx(metrics.f1_score(truth, shares >= 0.5, average="macro"))
    assert watched["auroc"] == pytest.approx(metrics.roc_auc_score(truth, shares, average="macro"))
    given_probabilities = Tag().watch(truth, shares.astype(np.float32))
    assert given_probabilities == pytest.approx(watched, rel=1e-4)
    np.testing.assert_allclose(to_shares(outputs), shares, rtol=1e-4)


def tags_of(report):
    return {name: one["threshold"] for name, one in report["tags"].items()}


def test_frames_are_scored_at_thresholds_of_validation_patients():
    truth, outputs, owner = made(2)
    other_truth, other_outputs, other_owner = made(3)
    other_outputs += 0.7  # else both have about the same thresholds
    asked = scoring(NAMES, validation=lambda: (held(other_truth, other_owner), other_outputs))
    scored = Tag().score(held(truth, owner), outputs, asked)
    report = scored["frames"]
    expected = best_thresholds(other_truth.astype(np.int8), to_shares(other_outputs))
    assert list(tags_of(report).values()) == pytest.approx(expected)
    assert report["thresholds"] == ON_VALIDATION
    shares = to_shares(outputs)
    for at, name in enumerate(NAMES):
        one = report["tags"][name]
        said = shares[:, at] >= expected[at]
        assert one["f1"]["value"] == pytest.approx(metrics.f1_score(truth[:, at], said))
        assert one["se"]["value"] == pytest.approx(metrics.recall_score(truth[:, at], said))
        assert one["auroc"]["value"] == pytest.approx(metrics.roc_auc_score(truth[:, at], shares[:, at]))
        expected_ap = metrics.average_precision_score(truth[:, at], shares[:, at])
        assert one["average_precision"]["value"] == pytest.approx(expected_ap)
    prevalence = scored["baselines"]["prevalence"]["frames"]
    assert prevalence["macro_auroc"]["value"] == 0.5
    everywhere = metrics.f1_score(truth, np.ones_like(truth), average="macro")
    assert prevalence["macro_f1"]["value"] == pytest.approx(everywhere)


def test_without_validation_patients_thresholds_are_one_half():
    def none():
        raise NoRecordsError("none")

    truth, outputs, owner = made(2)
    report = Tag().score(held(truth, owner), outputs, scoring(NAMES, validation=none))["frames"]
    assert set(tags_of(report).values()) == {0.5}
    assert report["thresholds"] == FIXED


def test_scored_validation_patients_choose_for_each_other():
    truth, outputs, owner = made(4)
    report = Tag().score(held(truth, owner), outputs, scoring(NAMES, split="val"))["frames"]
    assert report["thresholds"] == CROSS_FITTED


@settings(max_examples=20)
@given(SEEDS, st.integers(2, 12))
def test_no_patient_is_scored_with_a_threshold_chosen_on_himself(seed, patients):
    truth, outputs, owner = made(seed, 80, patients)
    names, number = np.unique(owner, return_inverse=True)
    shares = to_shares(outputs)
    before = cross_fitted(truth.astype(np.int8), shares, owner)
    rng = np.random.default_rng(seed)
    for one in range(len(names)):
        changed = shares.copy()
        mine = number == one
        changed[mine] = rng.random(changed[mine].shape)
        after = cross_fitted(truth.astype(np.int8), changed, owner)
        np.testing.assert_array_equal(before[mine], after[mine])
    assert len(np.unique(before, axis=0)) <= 2


def test_what_is_kept_with_a_model():
    truth, outputs, owner = made(5)
    kept = Tag().thresholds(lambda: (held(truth, owner), outputs), NAMES)
    assert list(kept) == NAMES
    assert list(kept.values()) == pytest.approx(best_thresholds(truth.astype(np.int8), to_shares(outputs)))


@pytest.mark.parametrize(("overlap", "frames"), [(0.0, 3), (0.5, 5), (0.75, 9)])
def test_recordings_are_looked_at_in_windows_that_overlap_as_asked(tmp_path, overlap, frames):
    stated = {"1": {"NORM": 100.0}, "2": {"IMI": 100.0}}
    records = [dataclasses.replace(plain_record(name, samples=300), diagnoses=stated[name]) for name in stated]
    prepared = Prepared("made", stored(records, tmp_path), {"train": [], "val": [], "test": ["p1", "p2"]}, ["I"], 1.0)
    classes, seen = {0: 0, 2: 1}, []

    def predict(x):
        seen.append(len(x))
        return np.where(x[:, 0] >= 20_000, [-1.0, 1.0], [1.0, -1.0])  # samples of record 2 start there

    answer = Tag().answer(lambda x: x, predict, 100, 100.0, classes, overlap)
    asked = dataclasses.replace(
        scoring(["normal", "infarction"], split="all"), cutter=TaskCutter(TagFrames(), Tag(), classes)
    )
    report = Tag().score_recordings([prepared], answer, asked)["recordings"]["tags"]
    assert sum(seen) == 2 * frames
    assert report["macro_auroc"]["value"] == 1
