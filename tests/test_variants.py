"""Trials of training options: what is stored is what the training itself validated, and nothing is trained twice."""

import csv
from dataclasses import replace

import pytest
from tools import variants

TRIAL = variants.Trial(
    "segmentation",
    ["epochs=1", "steps_per_epoch=20", "datasets.0.params.num_pts=40"],
    gated=(1, 2),
    teacher="seg-4-tcn-lg",
)


def test_every_variant_of_every_trial_is_a_configuration_of_its_own():
    for trial in variants.TRIALS.values():
        changes = list(trial.variants().values())
        assert changes[0] == []
        assert len({tuple(change) for change in changes}) == len(changes) == 10


def test_gates_are_changed_in_the_blocks_that_have_them():
    assert TRIAL.variants()["without squeeze-excite"] == [
        "architecture.params.blocks.1.se_ratio=0", "architecture.params.blocks.2.se_ratio=0",
    ]  # fmt: skip


@pytest.mark.slow
def test_a_variant_is_trained_once_and_scored_as_it_was_validated(tmp_path, monkeypatch):
    monkeypatch.setitem(
        variants.TRIALS, "demo", replace(TRIAL, short=[*TRIAL.short, f"cache_dir={tmp_path / 'cache'}"])
    )
    stored = {"demo": {"task": "segmentation", "short": [], "variants": {"as it is": {"1": {"f1": 0.5}}}}}
    said = next(variants.run("demo", "nowhere", tmp_path / "jobs", [1], stored))
    assert said.startswith("demo, warm-up over 50 steps, seed 1")
    found = stored["demo"]["variants"]
    assert found["as it is"] == {"1": {"f1": 0.5}}
    (job,) = (tmp_path / "jobs").iterdir()
    (row,) = csv.DictReader((job / "history.csv").read_text().splitlines())
    scores = found["warm-up over 50 steps"]["1"]
    assert scores["f1"] == pytest.approx(float(row["val_f1"]), abs=1e-3)
    assert scores["int8"] == pytest.approx(scores["f1"], abs=0.05)
    assert scores["epoch"] == 1
