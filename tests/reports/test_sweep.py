"""The page, table and picture of a sweep."""

import csv
import json

import matplotlib.axes
import numpy as np
import pytest
from matplotlib.image import imread

from heartkit.job import Job
from heartkit.reports.pareto_plot import plot_pareto, round_numbers, si
from heartkit.reports.sweep import write_sweep, write_tables
from heartkit.reports.trials import FAILED, OVER, TRAINED, SweepFacts, Trial, best, front

FACTS = SweepFacts("segmentation", "f1", 9, 7, "pareto", {"parameters": None, "macs": 400_000, "arena": 9000}, ["a.b"])


def made(number: int, score: float | None, macs: int, **more) -> Trial:
    outcome = more.pop("outcome", TRAINED)
    costs = {"parameters": macs // 100, "activation_bytes": 512, "best_epoch": 2, "epochs": 3, "seconds": 12.4}
    return Trial(number, outcome, {"a.b": [number, "<x>"]}, score=score, macs=macs, **costs, **more)


TRIALS = [
    made(0, 0.80, 200_000, as_configured=True), made(1, 0.82, 300_000), made(3, 0.70, 50_000), made(4, 0.79, 210_000),
    made(5, 0.82, 300_000), made(6, None, 900_000, outcome=OVER, reason="900,000 MACs, the limit is 400,000"),
    made(7, None, 60_000, outcome=FAILED, reason="The training diverged"),
]  # fmt: skip


@pytest.fixture
def drawn(monkeypatch):
    """What is drawn: label (or marker) -> points, and each text."""
    points, texts = {}, []
    plot, annotate = matplotlib.axes.Axes.plot, matplotlib.axes.Axes.annotate

    def spy(self, x, y, *args, **kwargs):
        points[kwargs.get("label", args[0] if args else "line")] = list(zip(x, y, strict=True))
        return plot(self, x, y, *args, **kwargs)

    def note(self, text, at, *args, **kwargs):
        texts.append(text)
        return annotate(self, text, at, *args, **kwargs)

    monkeypatch.setattr(matplotlib.axes.Axes, "plot", spy)
    monkeypatch.setattr(matplotlib.axes.Axes, "annotate", note)
    return points, texts


def test_front_and_best_of_either_kind_of_score():
    assert [one.number for one in front(TRIALS, "f1")] == [3, 0, 1, 5]
    assert best(TRIALS, "f1").number == 1
    assert [one.number for one in front(TRIALS, "loss")] == [3]
    assert best(TRIALS, "loss").number == 3
    assert best(TRIALS[-2:], "f1") is None
    assert front([], "f1") == []


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (43_100, 65_300, "45 k, 50 k, 55 k, 60 k, 65 k"),
        (40_000, 240_000, "50 k, 100 k, 200 k"),
        (900, 12_000_000, "1 k, 10 k, 100 k, 1 M, 10 M"),
        (1_150_000, 1_270_000, "1.16 M, 1.18 M, 1.2 M, 1.22 M, 1.24 M, 1.26 M"),
        (592_000, 655_000, "600 k, 610 k, 620 k, 630 k, 640 k, 650 k"),
    ],
)
def test_the_axis_of_costs_has_round_numbers_in_any_range(low, high, wanted):
    assert ", ".join(map(si, round_numbers(low, high))) == wanted


def test_an_axis_around_one_cost_has_several_numbers_that_are_told_apart():
    for cost in np.geomspace(100, 1e9, 400):
        written = [si(one) for one in round_numbers(cost / 1.05, cost * 1.05)]
        assert len(written) >= 3
        assert len(set(written)) == len(written)


def test_every_trial_is_drawn_in_its_place(tmp_path, drawn):
    plot_pareto(tmp_path / "pareto.png", FACTS, TRIALS)
    points, texts = drawn
    assert points["line"] == [(50_000, 0.70), (200_000, 0.80), (300_000, 0.82), (300_000, 0.82)]
    assert points["other trials"] == [(210_000, 0.79)]
    assert points["best score"] == [(300_000, 0.82)]
    assert points["as configured"] == [(200_000, 0.80)]
    assert points["x"] == [(900_000, 0)]
    assert texts == ["1", "3", "0"], "of two in one place the first has its number"
    assert imread(tmp_path / "pareto.png").shape[1] > 1000


@pytest.mark.parametrize("trials", [TRIALS[:1], TRIALS[1:2] * 2])
def test_one_point_is_enough(tmp_path, drawn, trials):
    plot_pareto(tmp_path / "pareto.png", FACTS, trials)
    assert "x" not in drawn[0]
    assert drawn[1] == [str(trials[0].number)]


def test_the_page_has_every_trial_and_what_the_numbers_are_worth(tmp_path, read_page):
    with Job.open(tmp_path, "tune", {}, 7) as job:
        write_sweep(job, FACTS, TRIALS)
    page = read_page(tmp_path / "report.html")
    assert (tmp_path / "tune.html").read_bytes() == (tmp_path / "report.html").read_bytes()
    chosen, every = page.tables
    assert [row[0] for row in chosen[1:]] == ["3", "0", "1", "5"]
    assert chosen[0] == ["trial", "val_f1", "MACs", "parameters", "activations, bytes", "arena, bytes", "a.b"]
    assert chosen[1] == ["3", "0.7000", "50,000", "500", "512", "–", '[3, "<x>"]']
    assert [row[1] for row in every[1:]] == [
        "trained, as configured", "trained", "trained", "trained", "trained",
        "over a limit: 900,000 MACs, the limit is 400,000", "failed: The training diverged",
    ]  # fmt: skip
    assert "5 of 9 trials trained, 1 over a limit, 1 failed" in page.words
    assert "400,000 MACs, 9,000 bytes of arena" in page.words
    assert "its score is optimistic" in " ".join(page.words.split())
    assert page.attributes("img")[0]["src"].startswith("data:image/png;base64,")


def test_without_a_score_there_is_a_page_all_the_same(tmp_path, read_page):
    with Job.open(tmp_path, "tune", {}, 7) as job:
        write_sweep(job, FACTS, TRIALS[-2:])
    page = read_page(tmp_path / "report.html")
    assert "No trial has a score yet." in page.words
    assert len(page.tables) == 1
    assert not (tmp_path / "plots").exists()


def test_tables_hold_what_the_trials_hold(tmp_path):
    write_tables(tmp_path, FACTS, TRIALS)
    with (tmp_path / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["trial"]) for row in rows] == [0, 1, 3, 4, 5, 6, 7]
    assert [row["front"] for row in rows] == ["1", "1", "1", "0", "1", "0", "0"]
    assert [row["val_f1"] for row in rows] == ["0.8", "0.82", "0.7", "0.79", "0.82", "", ""]
    assert json.loads(rows[2]["a.b"]) == [3, "<x>"]
    summary = json.loads((tmp_path / "tune.json").read_text())
    assert (summary["front"], summary["best"]) == ([3, 0, 1, 5], 1)
    assert summary["outcomes"] == {"trained": 5, "over a limit": 1, "failed": 1}
    assert Trial(**summary["trials"][5]) == TRIALS[5]


@pytest.mark.parametrize(
    ("value", "text"), [(950, "950"), (12_000, "12 k"), (1_170_752, "1.17 M"), (2.5e9, "2.5 G"), (999_999, "1 M")]
)
def test_large_numbers_are_written_short(value, text):
    assert si(value) == text
