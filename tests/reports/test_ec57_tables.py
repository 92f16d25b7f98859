"""Beats after EC57 on page and console: what was counted, and what the classes cannot tell."""

import json

import numpy as np
import pytest

from heartkit.job import Job
from heartkit.metrics.ec57 import SCORES, ec57_report
from heartkit.reports.evaluation import summary_tables, write_evaluation

VEB_AND_SVEB = [score for score in SCORES if not score.startswith("qrs")]


def reported(rng, missing=None, short=0, scores=VEB_AND_SVEB):
    matrices = rng.integers(1, 30, (3, 6, 6)) + 200 * np.eye(6, dtype=int)
    matrices[:, -1] = 0
    report = ec57_report(matrices, ["a/100", "a/<b>", "a/102"], [0, 1, 2], rng, scores, resamples=50)
    return {**report, "missing": missing or {}, "short": short}


@pytest.fixture
def metrics():
    rng = np.random.default_rng(3)
    made = {
        "task": "beat", "split": "test", "recordings": {"ec57": reported(rng, short=2)},
        "baselines": {"majority class": {"ec57": reported(rng)}, "other": {}},
    }  # fmt: skip
    return json.loads(json.dumps(made))


def test_the_page_shows_what_was_counted(tmp_path, metrics, read_page):
    job = Job(tmp_path, "evaluate", 0)
    write_evaluation(job, metrics)
    page = read_page(job.report)
    assert "Beats after EC57, whole recordings" in page.words
    assert "2 recordings are no longer than five minutes" in page.words
    scores, matrix, each = page.tables[:3]
    assert [row[:3] for row in scores[1:5]] == [
        ["this model", "VEB", "gross"], ["this model", "VEB", "average"],
        ["majority class", "VEB", "gross"], ["majority class", "VEB", "average"],
    ]  # fmt: skip
    model = metrics["recordings"]["ec57"]
    one = model["gross"]["sveb_ppv"]
    assert scores[5][4] == f"{one['value']:.3f} ({one['low']:.3f}–{one['high']:.3f})"
    assert [int(cell.replace(",", "")) for cell in matrix[3][1:]] == model["matrix"]["counts"][2]
    assert [row[0] for row in each[1:]] == ["a/100", "a/<b>", "a/102"]
    first = model["records"]["a/100"]
    assert each[1][1:4] == [f"{np.sum(first['counts']):,}", f"{sum(first['counts'][2]):,}", f"{first['veb_se']:.3f}"]


def test_the_console_has_the_scores_without_intervals(metrics):
    (table,) = summary_tables(metrics)
    assert table.columns[3:] == ["Se", "+P", "FPR", "accuracy"]
    assert len(table.rows) == 8
    value = metrics["baselines"]["majority class"]["ec57"]["average"]["veb_fpr"]["value"]
    assert table.rows[3] == [*table.rows[3][:5], f"{value:.3f}", table.rows[3][6]]


def test_tables_that_the_classes_cannot_fill_are_missed_aloud(tmp_path, read_page):
    rng = np.random.default_rng(0)
    only = reported(rng, {"sveb": "class 'N+S' holds other beats than S too"}, scores=VEB_AND_SVEB[:4])
    for report, rows in ((only, 2), ({"missing": {"veb": "no", "sveb": "neither"}, "short": 0}, 0)):
        metrics = {"task": "beat", "split": "test", "recordings": {"ec57": report}}
        job = Job(tmp_path, "evaluate", 0)
        write_evaluation(job, metrics)
        page = read_page(job.report)
        assert "There is no table of SVEB: " in page.words
        assert sum(len(table.rows) for table in summary_tables(metrics)) == rows
