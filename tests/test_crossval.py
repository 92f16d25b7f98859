"""Cross-validation over patients: who is in which fold, and what all folds make together."""

import json
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tools import crossval

from heartkit.config import load
from heartkit.factories import DatasetFactory
from heartkit.records.source import RecordInfo
from heartkit.records.splits import split_patients
from tiny_runs import VALUES, synthetic

PATIENTS = st.sets(st.integers(100, 999).map(str), min_size=3, max_size=60)


@dataclass
class Listed:
    """A dataset of which only the listing matters: some patients test, one is in no split."""

    patients: list[str]
    name: str = "listed"

    def listing(self) -> list[RecordInfo]:
        kinds = ["test", "none", None, "train"]
        return [RecordInfo(f"{p}a", p, kinds[at] if at < 3 else None) for at, p in enumerate(self.patients)]


@given(PATIENTS, st.integers(2, 5))
def test_each_patient_is_unseen_once_and_the_published_test_patients_never_take_part(patients, folds):
    dataset, tested = Listed(sorted(patients)), []
    for fold in range(folds):
        one = crossval.Fold(dataset, fold, folds)
        groups = split_patients(one.name, one.listing(), one.published_splits)
        assert not set(groups["train"]) & set(groups["test"])
        assert not set(groups["val"]) & set(groups["test"])
        assert not {dataset.patients[0], dataset.patients[1]} & {p for group in groups.values() for p in group}
        tested += groups["test"]
    assert sorted(tested) == dataset.patients[2:]


def test_a_fold_can_be_sent_to_another_process():
    one = pickle.loads(pickle.dumps(crossval.Fold(Listed(["1", "2", "3"]), 1, 2)))
    assert (one.name, one.fold, one.patients) == ("listed", 1, ["1", "2", "3"])


def test_scores_of_all_patients_together_are_those_of_the_summed_counts():
    def report(confusion, f1):
        return {"confusion": confusion, "macro_f1": {"value": f1}, "patients": 2}

    parts = ([[8, 2], [1, 4]], 0.5), ([[3, 0], [5, 6]], 0.7)
    found = [
        {"class_names": ["a", "b"], "frames": report(*part), "baselines": {"majority": {"samples": report(*part)}}}
        for part in parts
    ]
    made = crossval.pooled(found)
    assert made["folds"] == [0.5, 0.7]
    assert made["patients"] == 4
    f1 = [2 * 11 / (2 * 11 + 2 + 6), 2 * 10 / (2 * 10 + 6 + 2)]
    assert made["frames"]["macro_f1"] == pytest.approx(np.mean(f1))
    assert made["baselines"]["majority"]["samples"]["classes"]["b"]["f1"] == pytest.approx(f1[1])


def test_scores_of_signals_count_by_frames():
    def report(correlation, frames, error, both):
        scores = {name: {"mean": {"value": correlation}, "frames": frames} for name in crossval.MEANS}
        rates = {"mean_absolute_error": {"value": error}, "both": both}
        return {"patients": 2, "frames": frames, "output": scores, "heart_rate": rates}

    flat = {"flat line": {"signals": report(None, 0, None, 0)}}
    found = [
        {"frames": report(0.5, 300, 1.0, 10), "baselines": flat},
        {"frames": report(0.1, 100, 4.0, 30), "baselines": flat},
    ]
    made = crossval.pooled(found)
    assert (made["patients"], made["frames"], made["folds"]) == (4, 400, [0.5, 0.1])
    assert made["signals"]["model"]["correlation"] == pytest.approx((0.5 * 3 + 0.1) / 4)
    assert made["signals"]["model"]["heart_rate_error"] == pytest.approx((1 + 4 * 3) / 4)
    assert set(made["signals"]["flat line"].values()) == {None}


@pytest.mark.slow
def test_two_folds_of_beats(tmp_path, monkeypatch):
    """From the command line to the file; the datasets that it registers are gone with the test."""
    values = {
        **VALUES, "datasets": [synthetic(params={"duration": 10, "presets": ["PVC", "SR"], "preset_weights": [1, 1]})],
        "num_classes": 2, "class_map": {"0": 0, "2": 1}, "class_names": ["normal", "PVC"], "epochs": 1,
        "augmentations": [], "job_dir": str(tmp_path), "cache_dir": str(tmp_path / "cache"),
        "task_params": {"rr": True},
    }  # fmt: skip
    file = tmp_path / "beats.json"
    file.write_text(json.dumps(values))
    monkeypatch.setattr("sys.argv", ["crossval", "-t", "beat", "-c", str(file), "--folds", "2"])
    try:
        crossval.main()
    finally:
        for fold in range(2):
            DatasetFactory.unregister(f"ecg-synthetic-fold-{fold}")
    made = json.loads((tmp_path / "crossval.json").read_text())
    assert made["patients"] == 12
    assert len(made["ec57"]["records"]) == 12 == load(file).values["datasets"][0]["params"]["num_pts"]
    assert set(made["baselines"]) == {"majority class", "RR intervals alone"}
