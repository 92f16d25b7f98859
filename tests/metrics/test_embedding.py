"""Neighbours against scikit-learn, alignment and uniformity against their definition and closed forms."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from scipy.special import ive
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors

from heartkit.errors import DataError
from heartkit.metrics import embedding as module
from heartkit.metrics.classification import UNKNOWN
from heartkit.metrics.embedding import alignment, neighbour_agreement, neighbours, uniformity

seeds = st.integers(0, 2**32 - 1)


def unit(frames: np.ndarray) -> np.ndarray:
    return frames / np.linalg.norm(frames, axis=1, keepdims=True)


def test_neighbours_are_those_of_scikit_learn(monkeypatch) -> None:
    frames = np.random.default_rng(0).normal(size=(300, 16)) * np.random.default_rng(1).uniform(0.1, 50, (300, 1))
    theirs = NearestNeighbors(n_neighbors=8, metric="cosine").fit(frames).kneighbors(frames)[1]
    found = neighbours(frames, 7)
    np.testing.assert_array_equal(found, theirs[:, 1:])
    monkeypatch.setattr(module, "_BLOCK", 300 * 11)
    np.testing.assert_array_equal(neighbours(frames.astype(np.float32), 7), found)


@given(seeds, st.integers(1, 9), st.integers(1, 12))
def test_neighbours_of_other_patients_the_long_way(seed: int, count: int, frames: int) -> None:
    rng = np.random.default_rng(seed)
    vectors, patients = rng.normal(size=(frames, 3)), rng.choice(["a", "b", "c"], frames)
    found = neighbours(vectors, count, patients)
    similarity = cosine_similarity(vectors)
    for at in range(frames):
        others = [other for other in range(frames) if patients[other] != patients[at]]
        expected = sorted(others, key=lambda other: -similarity[at, other])[:count]
        assert found[at].tolist() == expected + [-1] * (count - len(expected))


def test_equals_come_in_order_and_what_has_no_direction_is_nobodys_neighbour() -> None:
    frames = np.array([[1.0, 0], [2, 0], [0, 0], [3, 0], [0, 1e-30], [0, 1e30]])
    assert neighbours(frames, 2).tolist() == [[1, 3], [0, 3], [-1, -1], [0, 1], [5, 0], [4, 0]]


def test_agreement_by_hand() -> None:
    # Two bundles of three directions. In the first one label is odd; patients a and b have frames in both.
    frames = np.array([[1, 0.01], [1, 0.02], [1, 0.03], [0.01, 1], [0.02, 1], [0.03, 1]])
    labels = {"kind": np.array([0, 0, 1, 1, 1, UNKNOWN])}
    patients = np.array(["a", "a", "b", "b", "c", "c"])
    report = neighbour_agreement(frames, labels, patients, np.random.default_rng(0), 2, other_patients=False)
    # Shares: 1/2, 1/2, 0 in the first bundle; 1 and 1 (its unknown neighbour does not count) in the second.
    assert report["labels"]["kind"]["agreement"]["value"] == pytest.approx((0.5 + 0.5 + 0 + 1 + 1) / 5)
    # Drawn blindly from the four others that are known: 1 of 4 for label 0, 2 of 4 for label 1.
    assert report["labels"]["kind"]["chance"]["value"] == pytest.approx((2 * 1 / 4 + 3 * 2 / 4) / 5)
    # Neighbours of the patient's own: 1 of 2 for a, none for b, 1 of 2 for c.
    assert report["labels"]["patient"]["agreement"]["value"] == pytest.approx((0.5 + 0.5 + 0 + 0 + 0.5 + 0.5) / 6)
    assert report["labels"]["patient"]["chance"]["value"] == pytest.approx(1 / 5)
    others = neighbour_agreement(frames, labels, patients, np.random.default_rng(0), 1)
    # Nearest frame of another patient: 2, 2, 1, 4, 3, 3.
    assert others["labels"]["kind"]["agreement"]["value"] == pytest.approx((0 + 0 + 0 + 1 + 1) / 5)
    assert others["labels"]["kind"]["chance"]["value"] == pytest.approx((0 + 0 + 1 / 3 + 1 / 3 + 2 / 4) / 5)
    assert tuple(others["labels"]) == ("kind",)
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_an_embedding_that_knows_only_the_patient_agrees_with_labels_by_chance_among_other_patients() -> None:
    rng = np.random.default_rng(2)
    patients = np.repeat(np.arange(30), 5)
    gains = []
    for _ in range(40):
        labels = {"label": (rng.random(30) < 0.4).astype(int)[patients]}  # one label per patient
        frames = rng.normal(size=(30, 16))[patients] + 0.1 * rng.normal(size=(150, 16))
        own = neighbour_agreement(frames, labels, patients, rng, 4, other_patients=False, resamples=10)
        assert own["labels"]["label"]["agreement"]["value"] == own["labels"]["patient"]["agreement"]["value"] == 1
        others = neighbour_agreement(frames, labels, patients, rng, 4, resamples=10)["labels"]["label"]
        gains.append(others["agreement"]["value"] - others["chance"]["value"])
    assert abs(np.mean(gains)) < 3 * np.std(gains) / np.sqrt(len(gains)) < 0.07
    frames[:, 0] += 20 * labels["label"] - 10
    learned = neighbour_agreement(frames, labels, patients, rng, 4)["labels"]["label"]
    assert learned["agreement"]["low"] > 0.9 > learned["chance"]["high"]


def test_frames_without_a_direction_are_left_out_and_counted() -> None:
    frames = np.array([[1.0, 0], [1, 0.1], [0, 0], [0, 1]])
    report = neighbour_agreement(frames, {"x": np.array([0, 0, 0, 1])}, [0, 1, 2, 3], np.random.default_rng(0), count=1)
    assert report["left_out"] == 1
    assert report["labels"]["x"]["agreement"]["value"] == pytest.approx(2 / 3)
    assert report["labels"]["x"]["chance"]["value"] == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)


@given(seeds)
def test_uniformity_and_alignment_are_those_of_their_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(2, 25, 5)) * rng.uniform(0.1, 10, (2, 25, 1))
    expected = np.log(np.mean(np.exp(-2 * pdist(unit(first)) ** 2)))
    assert uniformity(first) == pytest.approx(expected, abs=1e-5)
    distance = np.linalg.norm(unit(first) - unit(second), axis=1)
    assert alignment(first, second) == pytest.approx(np.mean(distance**2), rel=1e-5)
    assert alignment(first, second, power=1) == pytest.approx(np.mean(distance), rel=1e-5)


def test_closed_forms(monkeypatch) -> None:
    frames = np.random.default_rng(0).normal(size=(4000, 2))
    # On a circle the mean of exp(2 t (cos - 1)) is the scaled modified Bessel function of order 0.
    even = uniformity(frames)
    assert even == pytest.approx(np.log(ive(0, 4.0)), abs=0.01)
    monkeypatch.setattr(module, "_BLOCK", 4000 * 37)
    assert uniformity(frames) == pytest.approx(even, abs=1e-6)
    assert uniformity(np.ones((5, 3))) == pytest.approx(0, abs=1e-5)
    assert uniformity(np.array([[1.0, 0], [-1, 0]])) == pytest.approx(-8, abs=1e-5)
    assert np.isnan(uniformity(np.array([[1.0, 0], [0, 0]])))
    assert alignment(frames, 3 * frames) == pytest.approx(0, abs=1e-6)
    assert alignment(frames, -frames) == pytest.approx(4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: neighbours(np.zeros((3, 2)), 0), "neighbours is 0; expected at least 1"),
        (lambda: neighbours(np.full((3, 2), np.nan), 1), r"\(3, 2\) must be \(n, d\) and finite"),
        (lambda: neighbours(np.ones((3, 2)), 1, [1, 2]), "2 patients for 3 frames"),
        (lambda: alignment(np.ones((3, 2)), np.ones((2, 2))), r"\(3, 2\) and \(2, 2\)"),
    ],
)
def test_what_does_not_fit_is_refused(call, words) -> None:
    with pytest.raises(DataError, match=words):
        call()
