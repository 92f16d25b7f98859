"""Whole recordings: scores of methods whose answers are known."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from heartkit.datasets.ecg_synthetic import EcgSynthetic
from heartkit.datasets.ppg_synthetic import PpgSynthetic
from heartkit.frames.prepared import Prepared
from heartkit.objectives.labels import to_classes
from heartkit.objectives.recordings import (
    DelineatorAnswer,
    MajorityAnswer,
    ModelAnswer,
    joined,
    score_recordings,
    split_recordings,
    to_probabilities,
)
from heartkit.objectives.segment import Segment
from heartkit.objectives.waves import decode_waves, wave_classes
from heartkit.records.record import Waves
from heartkit.records.store import prepare
from heartkit.records.vocabulary import Wave
from scorings import scoring

RATE, LEADS = 100.0, ["II", "V5"]
FOUR = {0: 0, 1: 1, 2: 2, 3: 3}
NAMES = ["none", "P", "QRS", "T"]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Prepared:
    """Four clean recordings of sinus rhythm, of four patients, one of them for testing."""
    params = {"presets": ["SR"], "duration": 6, "noise_multiplier": 0.02, "heart_rate": [60, 80]}
    dataset = EcgSynthetic(tmp_path_factory.mktemp("none"), {"num_pts": 4, "params": params})
    store = prepare(dataset, RATE, tmp_path_factory.mktemp("cache"), progress=False)
    groups = {"train": store.patients[1:], "val": [], "test": store.patients[:1]}
    return Prepared("ecg-synthetic", store, groups, LEADS, 1.0)


def oracle(prepared, class_map):
    """A method that knows the annotations by heart."""
    store = prepared.store
    tracks = {
        store.signals(record)[lead].tobytes(): store.track(record)[lead]
        for record in range(len(store))
        for lead in range(len(store.leads[record]))
    }

    def answer(signal, lead):
        classes = np.maximum(to_classes(tracks[signal.tobytes()], class_map), 0)
        chances = np.eye(4, dtype=np.float32)[classes]
        return classes, decode_waves(chances, signal, RATE, wave_classes(class_map), lead)

    return answer


def scored(prepared, answer, split="all", class_map=FOUR, names=NAMES):
    return score_recordings([prepared], answer, scoring(names, class_map, split))


@pytest.mark.parametrize("split", ["all", "test"])
def test_a_perfect_answer_has_perfect_scores(prepared, split):
    report = scored(prepared, oracle(prepared, FOUR), split)
    assert report["samples"]["patients"] == report["boundaries"]["patients"] == {"all": 4, "test": 1}[split]
    assert report["samples"]["macro_f1"]["value"] == report["samples"]["accuracy"]["value"] == 1
    for wave in ("P", "QRS", "T"):
        for fiducial, scores in report["boundaries"]["waves"][wave].items():
            assert scores["f1"]["value"] == 1
            if fiducial in ("onset", "offset"):
                assert abs(scores["error_mean"]["value"]) < 500 / RATE
                assert scores["error_sd"]["value"] < 500 / RATE


def test_only_the_chosen_leads_and_the_split_are_scored(prepared):
    seen = []

    def answer(signal, lead):
        seen.append(lead)
        return np.zeros(len(signal), np.int8), Waves.empty()

    report = scored(prepared, answer, "train")
    wanted = [prepared.store.leads[0].index(name) for name in LEADS]
    assert seen == wanted * 3
    known = [
        prepared.store.track(n)[wanted] >= 0 for n in range(4) if prepared.store.patients[n] in prepared.groups["train"]
    ]
    assert np.sum(report["samples"]["confusion"]) == np.sum(known)


def test_every_recording_moves_the_progress_on(prepared):
    steps = []
    answer = MajorityAnswer(0)
    score_recordings([prepared], answer, scoring(NAMES, FOUR, "all"), lambda: steps.append(1))
    assert len(steps) == len(list(split_recordings([prepared], "all"))) == 4


def test_recordings_of_one_patient_are_one_patient(prepared):
    store = prepared.store

    class SamePatient:
        def __getattr__(self, name):
            return getattr(store, name)

        def __init__(self):
            self.patients = ["one"] * len(store)

    one = Prepared("same", SamePatient(), {"train": ["one"], "val": [], "test": []}, LEADS, 1.0)
    merged, apart = scored(one, MajorityAnswer(2)), scored(prepared, MajorityAnswer(2))
    assert (merged["samples"]["patients"], apart["samples"]["patients"]) == (1, 4)
    assert merged["samples"]["confusion"] == apart["samples"]["confusion"]


def test_without_delineated_classes_there_are_no_boundaries(prepared):
    both = {0: 0, 1: 1, 2: 1, 3: 1}
    report = scored(prepared, oracle(prepared, both), class_map=both, names=["none", "wave"])
    assert "boundaries" not in report
    assert report["samples"]["macro_f1"]["value"] == 1


def test_the_delineator_finds_clean_beats(prepared):
    report = scored(prepared, DelineatorAnswer(RATE, FOUR))
    assert report["boundaries"]["waves"]["QRS"]["peak"]["f1"]["value"] > 0.9
    assert report["samples"]["macro_f1"]["value"] > 0.6


def test_the_delineator_says_nothing_about_a_flat_line():
    classes, waves = DelineatorAnswer(RATE, {0: 1, 2: 0})(np.zeros(600, np.float32), 3)
    assert (classes == 1).all()
    assert len(waves) == 0


def test_baselines_stand_beside_the_model(prepared):
    objective = Segment()
    truth = oracle(prepared, FOUR)
    scores = objective.score_recordings([prepared], truth, scoring(NAMES, FOUR, "all"))
    assert scores["recordings"]["samples"]["macro_f1"]["value"] == 1
    assert set(scores["baselines"]) == {"NeuroKit2 delineator", "majority class"}
    leads = [prepared.store.leads[0].index(name) for name in LEADS]
    labels = np.concatenate([prepared.store.track(n)[leads].ravel() for n in range(4)])
    labels = labels[labels >= 0]
    most = np.bincount(labels).argmax()
    majority = scores["baselines"]["majority class"]["samples"]
    assert majority["accuracy"]["value"] == pytest.approx((labels == most).mean())
    expected = f1_score(labels, np.full(len(labels), most), average=None, zero_division=0)
    assert [one["f1"]["value"] for one in majority["classes"].values()] == pytest.approx(list(expected))


def test_the_majority_is_that_of_the_classes_not_of_the_vocabulary(prepared):
    """With nothing but P and T against QRS the largest class is not the one of what is no wave."""
    waves = {0: -1, 1: 1, 2: 0, 3: 1}
    scores = Segment().score_recordings([prepared], oracle(prepared, waves), scoring(["QRS", "P or T"], waves, "all"))
    majority = scores["baselines"]["majority class"]["samples"]
    assert majority["classes"]["P or T"]["se"]["value"] == 1
    assert majority["classes"]["QRS"]["se"]["value"] == 0


def test_a_model_answers_for_a_lead_by_overlapping_windows():
    """A model that looks at one sample gives the same by windows as at once."""
    signal = np.random.default_rng(0).normal(size=500).astype(np.float32)
    logits = lambda frames: np.concatenate([frames, -frames, 0 * frames], axis=-1)  # noqa: E731
    answer = ModelAnswer(lambda frames: 2 * frames, logits, 64, RATE, {0: Wave.QRS})
    powers = np.exp(np.stack([2 * signal, -2 * signal, 0 * signal], axis=1))
    np.testing.assert_allclose(answer.probabilities(signal), powers / powers.sum(1, keepdims=True), rtol=1e-4)
    classes, waves = answer(signal, 4)
    np.testing.assert_array_equal(classes, powers.argmax(1))
    assert (waves.lead == 4).all()


def test_logits_become_probabilities_and_probabilities_stay():
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (5, 20, 4)).astype(np.float32)
    chances = to_probabilities(logits)
    np.testing.assert_allclose(chances.sum(-1), 1, rtol=1e-5)
    np.testing.assert_array_equal(chances.argmax(-1), logits.argmax(-1))
    assert to_probabilities(chances) is chances
    quantised = np.round(chances * 256) / 256
    assert to_probabilities(quantised) is quantised
    assert to_probabilities(np.empty((0, 20, 4), np.float32)).shape == (0, 20, 4)
    assert not np.isclose(to_probabilities(np.abs(logits)).max(), np.abs(logits).max())


def test_joined_waves_are_all_of_them():
    one = Waves(np.array([2], np.int8), *np.array([[0.1], [0.2], [0.3]]), np.array([0], np.int16))
    two = Waves(np.array([1, 3], np.int8), *np.array([[0.4, 0.7], [0.5, 0.8], [0.6, 0.9]]), np.array([1, 1], np.int16))
    both = joined([one, Waves.empty(), two])
    assert both.kind.tolist() == [2, 1, 3]
    assert both.lead.tolist() == [0, 1, 1]
    assert len(joined([Waves.empty()])) == 0


def test_recordings_without_a_used_lead_are_passed_over(prepared, monkeypatch):
    named = [["aVR"] * 12, *prepared.store.leads[1:]]  # the first recording has none of the used leads
    monkeypatch.setattr(prepared.store, "leads", named)
    assert prepared.records("test") == []
    assert prepared.records("all") == [1, 2, 3]
    assert scored(prepared, oracle(prepared, FOUR))["samples"]["patients"] == 3


def test_pulses_are_scored_with_their_own_delineator(tmp_path):
    dataset = PpgSynthetic(tmp_path, {"num_pts": 3, "params": {"presets": ["SR"], "noise_multiplier": 0}})
    store = prepare(dataset, RATE, tmp_path / "cache", progress=False)
    one = Prepared("ppg-synthetic", store, {"train": store.patients, "val": [], "test": []}, None, 1.0)
    pulses = {6: 0, 7: 1}
    truth = {store.signals(n)[0].tobytes(): store.track(n)[0] for n in range(len(store))}

    def answer(signal, lead):
        classes = np.where(truth[signal.tobytes()] == 7, 1, 0).astype(np.int8)
        chances = np.eye(2, dtype=np.float32)[classes]
        return classes, decode_waves(chances, signal, RATE, wave_classes(pulses), lead)

    scores = Segment().score_recordings([one], answer, scoring(["systolic", "diastolic"], pulses, "all"))
    assert set(scores["baselines"]) == {"NeuroKit2 pulses", "majority class"}
    assert scores["recordings"]["samples"]["macro_f1"]["value"] == 1
    for wave in ("SYSTOLIC", "DIASTOLIC"):
        points = scores["recordings"]["boundaries"]["waves"][wave]
        assert points["onset"]["f1"]["value"] > 0.95
        assert abs(points["onset"]["error_mean"]["value"]) < 5
    peaks = scores["recordings"]["boundaries"]["waves"]["SYSTOLIC"]["peak"]
    assert abs(peaks["error_mean"]["value"]) < 10
    classical = scores["baselines"]["NeuroKit2 pulses"]
    assert classical["samples"]["macro_f1"]["value"] > 0.85
    assert classical["boundaries"]["waves"]["SYSTOLIC"]["peak"]["f1"]["value"] > 0.95
    assert "r_peaks" not in scores["recordings"]
