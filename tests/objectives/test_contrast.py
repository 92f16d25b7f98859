"""Contrastive loss and what is reported of embeddings, against formulas written out and planted structure."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from heartkit.frames.arranging import Steps, Views
from heartkit.models.backend import keras
from heartkit.objectives.contrast import UNTRAINED, Contrast
from heartkit.objectives.embedding_scores import embedding_report, two_of_each
from heartkit.objectives.losses import contrast, contrastive
from heartkit.objectives.probe import BANDS, Probe, band_powers
from scorings import held, scoring

SEEDS = st.integers(0, 2**32 - 1)


def written_out(embeddings, patients, temperature):
    """Khosla et al. 2020, eq. 2, frame by frame in float64."""
    units = embeddings.astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    losses = []
    for i in range(len(units)):
        others = [a for a in range(len(units)) if a != i]
        positives = [p for p in others if patients[p] == patients[i]]
        if positives:
            total = sum(np.exp(units[i] @ units[a] / temperature) for a in others)
            losses.append(-np.mean([np.log(np.exp(units[i] @ units[p] / temperature) / total) for p in positives]))
    return np.mean(losses) if losses else None


@settings(max_examples=15)
@given(SEEDS, st.integers(2, 12), st.sampled_from([0.1, 0.5, 2.0]))
def test_both_forms_of_the_loss_are_the_formula(seed, count, temperature):
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(size=(count, 4)).astype(np.float32)
    patients = rng.integers(0, 4, count)
    expected = written_out(embeddings, patients, temperature)
    units = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    mine = contrast(units @ units.T / temperature, patients)
    in_keras = float(contrastive(temperature)(patients, keras.ops.convert_to_tensor(embeddings)))
    if expected is None:
        assert np.isnan(mine)
        assert in_keras == 0
    else:
        assert mine == pytest.approx(expected, rel=1e-4, abs=1e-5)
        assert in_keras == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_two_pairs_have_a_closed_form():
    """NT-Xent: pairs that are one direction each, at a right angle to the other pair."""
    embeddings = np.array([[1, 0], [0, 3], [2, 0], [0, 1]], np.float32)
    expected = np.log(1 + 2 * np.exp(-1 / 0.5))
    assert float(contrastive(0.5)(np.array([0, 1, 0, 1]), embeddings)) == pytest.approx(expected, rel=1e-5)
    # Two frames alone, of one patient: there is nothing else to take them for.
    assert float(contrastive(0.5)(np.array([0, 0]), embeddings[:2])) == pytest.approx(0, abs=1e-6)


def test_training_tells_patients_apart_whose_numbers_differ_in_the_last_digit():
    """Through Keras' own training, which hands answers to the loss in single precision."""
    rng = np.random.default_rng(0)
    frames = rng.normal(size=(16, 8, 2)).astype(np.float32)
    patients = (np.int64(123456789) << 32) + np.arange(16)
    steps = Steps(lambda frames, rng: frames, lambda frames: frames)
    inputs, answers = Views()(frames, patients, rng, steps, training=True)
    model = keras.Sequential([keras.Input((8, 1)), keras.layers.Flatten(), keras.layers.Dense(4)])
    model.compile("sgd", contrastive(0.1), jit_compile=False)
    expected = written_out(model.predict(inputs, verbose=0), np.tile(np.arange(16), 2), 0.1)
    assert model.evaluate(inputs, answers, batch_size=32, verbose=0) == pytest.approx(expected, rel=1e-3)
    assert expected > 1.5 * np.log(2)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_two_frames_of_each_patient_come_first(patients):
    rows = two_of_each(np.array(patients))
    assert sorted(rows) == list(range(len(patients)))
    turns = {}
    order = []
    for row in rows:
        turns[patients[row]] = turns.get(patients[row], -1) + 1
        order.append(turns[patients[row]] // 2)
    assert order == sorted(order)


def planted(rng, patients=20, each=6, noise=0.2):
    """Embeddings of which those of a patient lie near each other."""
    numbers = np.repeat(np.arange(patients), each)
    return numbers, (rng.normal(size=(patients, 8))[numbers] + noise * rng.normal(size=(len(numbers), 8))).astype("f4")


def test_report_of_an_embedding():
    rng = np.random.default_rng(2)
    numbers, embeddings = planted(rng)
    report = embedding_report(numbers, embeddings, rng)
    units = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    alike = units @ units.T - 2 * np.eye(len(units))
    assert report["agreement"]["value"] == pytest.approx((numbers[alike.argmax(1)] == numbers).mean())
    assert report["chance"]["value"] == pytest.approx(5 / 119)
    assert report["loss"] == pytest.approx(written_out(embeddings, numbers, 0.1), rel=1e-3)
    pairs = units.reshape(-1, 2, 8)  # frames stand patient by patient, so the first two are a pair, and so on
    assert report["alignment"] == pytest.approx(((pairs[:, 0] - pairs[:, 1]) ** 2).sum(1).mean(), rel=1e-4)
    assert (report["patients"], report["frames"]) == (20, 120)
    assert report["agreement"]["low"] <= report["agreement"]["value"] <= report["agreement"]["high"]


def test_baselines_are_scored_on_the_same_frames():
    rng = np.random.default_rng(3)
    numbers, embeddings = planted(rng)
    worse = rng.normal(size=embeddings.shape).astype(np.float32)
    plain = Contrast().score(held(numbers, numbers), embeddings, scoring([]))
    assert plain["baselines"] == {}
    import dataclasses

    with_fresh = dataclasses.replace(scoring([]), untrained=lambda: lambda frames: worse)
    report = Contrast().score(held(numbers, numbers), embeddings, with_fresh)
    assert report["embedding"]["agreement"] == plain["embedding"]["agreement"]
    assert report["baselines"][UNTRAINED]["embedding"]["agreement"]["value"] < 0.3
    watched = Contrast().watch(numbers, embeddings)
    assert watched["agreement"] == pytest.approx(report["embedding"]["agreement"]["value"])
    assert watched["loss"] == pytest.approx(report["embedding"]["loss"])


def test_a_probe_is_a_balanced_logistic_regression_of_each_tag():
    rng = np.random.default_rng(4)
    features = rng.normal(3, 5, (400, 6))
    truth = (features[:, :2] + rng.normal(0, 4, (400, 2)) > [3, 8]).astype(np.int8)
    shares = Probe.fit(features[:300], truth[:300]).shares(features[300:])
    units = (features - features[:300].mean(0)) / features[:300].std(0)
    for tag in range(2):
        model = LogisticRegression(class_weight="balanced", max_iter=2000).fit(units[:300], truth[:300, tag])
        np.testing.assert_allclose(shares[:, tag], model.predict_proba(units[300:])[:, 1], rtol=1e-4)
        assert roc_auc_score(truth[300:, tag], shares[:, tag]) > 0.7


def test_band_powers_know_the_frequency_and_not_the_phase():
    time = np.arange(512) / 100
    waves = np.stack([np.sin(2 * np.pi * (f * time + phase)) for f, phase in ((6.2, 0), (6.2, 0.4), (21.3, 0.1))])
    powers = band_powers(waves[..., None].astype(np.float32), 100)
    assert powers.shape == (3, BANDS)
    assert powers.argmax(axis=1).tolist() == [2, 2, 8]  # bands of 2.5 Hz
    np.testing.assert_allclose(powers[0, 2], powers[1, 2], atol=0.02)
    # Below 80 Hz the bands end at half of the rate.
    assert band_powers(waves[..., None].astype(np.float32), 50)[2].argmax() == int(21.3 / 2 / (25 / BANDS))
