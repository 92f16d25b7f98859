"""The evaluation's report: what it shows is what was measured, whatever is missing."""

import json
import logging

import numpy as np
import pytest
from matplotlib import image

from heartkit import files
from heartkit.job import Job
from heartkit.metrics.classification import classification_report
from heartkit.metrics.delineation import delineation_report
from heartkit.reports.evaluation import PLOTS, summary_tables, write_evaluation

NAMES = ["NONE", "P", "QRS", "T"]
RESAMPLES = 100


def samples(rng, patients=6, names=NAMES, absent=()):
    confusions = rng.integers(0, 40, (patients, len(names), len(names))) + 300 * np.eye(len(names), dtype=int)
    for one in absent:
        confusions[:, one] = confusions[:, :, one] = 0
    return classification_report(confusions, names, rng, RESAMPLES)


def delineation(rng, patients=6, names=("P", "QRS", "T"), empty=False):
    tables = np.zeros((patients, len(names), 3, 5))
    if not empty:
        tables[..., 0] = rng.integers(80, 120, tables.shape[:-1])
        tables[..., 1:3] = rng.integers(0, 9, (*tables.shape[:-1], 2))
        errors = rng.normal(3, 12, (*tables.shape[:-1], 80))
        tables[..., 3], tables[..., 4] = errors.sum(-1), (errors**2).sum(-1)
    return delineation_report(tables, names, rng, RESAMPLES)


@pytest.fixture(scope="module")
def metrics(tmp_path_factory):
    """All that an evaluation of segmentation measures, as it comes back from metrics.json."""
    rng = np.random.default_rng(1)
    made = {
        "task": "segmentation", "split": "val", "model_file": "model.keras", "backend": "pc", "class_names": NAMES,
        "sampling_rate": 100, "frame_size": 256, "seed": 42,
        "datasets": [{"name": "ludb", "patients": 6, "recordings": 1234}],
        "frames": {**samples(rng), "coverage": 0.75},
        "recordings": {"samples": samples(rng), "boundaries": delineation(rng)},
        "baselines": {
            "NeuroKit2 delineator": {"samples": samples(rng), "boundaries": delineation(rng)},
            "majority class": {"samples": samples(rng)},
        },
    }  # fmt: skip
    path = tmp_path_factory.mktemp("metrics") / "metrics.json"
    files.write_json(path, made)
    return json.loads(path.read_text())


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path, "evaluate", 0)


def interval(score):
    return f"{score['value']:.3f} ({score['low']:.3f}–{score['high']:.3f})"


def by_name(table):
    """Return rows by their first cell, each a mapping from heading to cell."""
    head, *rows = table
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


def test_the_page_shows_the_numbers_of_metrics(job, metrics, read_page):
    write_evaluation(job, metrics)
    page = read_page(job.report)
    whole, boundaries, frames = (by_name(page.tables[at]) for at in (0, 2, 1))
    for name in NAMES:
        expected = metrics["recordings"]["samples"]["classes"][name]
        shown = whole[name]
        assert shown["annotated"] == f"{expected['support']:,}"
        for score, heading in (("f1", "F1 (95 %)"), ("se", "Se (95 %)"), ("ppv", "PPV (95 %)"), ("iou", "IoU (95 %)")):
            assert shown[heading] == interval(expected[score])
        baseline = metrics["baselines"]["majority class"]["samples"]["classes"][name]
        assert shown["F1, majority class"] == f"{baseline['f1']['value']:.3f}"
    macro = metrics["frames"]["macro_f1"]
    assert interval(macro) in frames["macro average"].values()
    expected = metrics["recordings"]["boundaries"]["waves"]["QRS"]["onset"]
    assert interval(expected["f1"]) in boundaries["QRS onset"].values()
    error = f"{expected['error_mean']['value']:+.1f} ± {expected['error_sd']['value']:.1f}"
    assert boundaries["QRS onset"]["error, ms"] == error
    assert set(boundaries) == {
        f"{wave} {point}" for wave in ("P", "QRS", "T") for point in ("onset", "peak", "offset", "all")
    }
    for fact in ("model.keras", "100 Hz", "256 samples", "42", "75.0 %", "1,234", "ludb"):
        assert fact in page.words


def test_plots_are_pictures_of_a_readable_size(job, metrics, read_page):
    write_evaluation(job, metrics)
    assert {path.name for path in job.plots.iterdir()} == set(PLOTS)
    for path in job.plots.iterdir():
        height, width, _ = image.imread(path).shape
        assert 500 < width < 2000
        assert 300 < height < 2000
        assert image.imread(path)[..., :3].std() > 0.02
    images = read_page(job.report).attributes("img")
    assert len(images) == 3
    assert all(found["alt"] for found in images)


def test_the_console_shows_what_counts_most_within_eighty_columns(metrics):
    classes, boundaries = summary_tables(metrics)
    assert "whole recordings" in classes.title
    rows = {row[0]: row for row in classes.rows}
    expected = metrics["recordings"]["samples"]
    assert rows["P"][1] == interval(expected["classes"]["P"]["f1"])
    assert rows["macro average"][1] == interval(expected["macro_f1"])
    assert [row[0] for row in boundaries.rows][:5] == ["P onset", "P peak", "P offset", "P all", "QRS onset"]
    for table in (classes, boundaries):
        assert all(len(row) == len(table.columns) for row in table.rows)
        widths = [
            max(len(line) for line in [*heading.split("\n"), *(row[at] for row in table.rows)])
            for at, heading in enumerate(table.columns)
        ]
        assert sum(width + 3 for width in widths) <= 82


def test_without_recordings_the_frames_count(job, metrics, read_page):
    part = {**metrics, "recordings": None, "baselines": {}}
    (table,) = summary_tables(part)
    assert "frames" in table.title
    write_evaluation(job, part)
    assert {path.name for path in job.plots.iterdir()} == {"confusion.png", "f1.png"}
    assert "Wave boundaries" not in read_page(job.report).words


def test_a_later_evaluation_removes_plots_it_has_no_scores_for(job, metrics):
    write_evaluation(job, metrics)
    (job.plots / "mine.png").write_bytes(b"not ours")
    write_evaluation(job, {"task": "segmentation", "split": "val"})
    assert [path.name for path in job.plots.iterdir()] == ["mine.png"]


def test_nothing_scored_is_said(job, read_page):
    write_evaluation(job, {"task": "rhythm", "split": "test"})
    page = read_page(job.report)
    assert "nothing was scored" in page.words
    assert summary_tables({"task": "rhythm", "split": "test"}) == []


def test_one_patient_and_an_absent_class(job, read_page, caplog):
    rng = np.random.default_rng(2)
    with caplog.at_level(logging.ERROR):
        one = samples(rng, patients=1, absent=[3])
        waves = delineation(rng, patients=1, empty=True)
    metrics = {"task": "t", "split": "val", "recordings": {"samples": one, "boundaries": waves}}
    write_evaluation(job, json.loads(json.dumps(metrics)))
    page = read_page(job.report)
    assert "One patient only" in page.words
    absent = by_name(page.tables[0])["T"]
    assert list(absent.values())[1:] == ["0", "–", "–", "–", "–"]
    assert "nan" not in page.words.lower()
    assert by_name(page.tables[1])["P onset"]["error, ms"] == "–"


def test_other_waves_other_classes_and_hostile_names(job, read_page):
    rng = np.random.default_rng(3)
    names = ["<script>x</script>", "SYSTOLIC $a_{", "DIASTOLIC+U"]
    metrics = {
        "task": "<b>", "split": "val", "model_file": "<i>.keras",
        "datasets": [{"name": "<u>", "patients": 3, "recordings": 3}],
        "recordings": {"samples": samples(rng, names=names), "boundaries": delineation(rng, names=("SYSTOLIC",))},
        "baselines": {"<script>": {"samples": samples(rng, names=names)}},
    }  # fmt: skip
    write_evaluation(job, metrics)
    page = read_page(job.report)
    assert not {"script", "b", "i", "u"} & {tag for tag, _ in page.tags}
    assert names[0] in by_name(page.tables[0])
    assert "SYSTOLIC onset" in by_name(page.tables[1])


def with_probabilities(undefined):
    """Metrics of frames with one class each, the area of the last class undefined."""
    rng = np.random.default_rng(4)
    areas = dict(zip(NAMES, (0.9123, 0.8, 0.7, undefined), strict=True))
    scores = {"auroc": areas, "macro_auroc": 0.8041, "brier": dict.fromkeys(NAMES, 0.1234), "calibration_error": 0.0567}
    return {
        "task": "rhythm", "split": "test", "frames": {**samples(rng), "coverage": None, "probabilities": scores},
        "baselines": {"majority class": {"samples": samples(rng)}},
    }  # fmt: skip


@pytest.mark.parametrize("undefined", [float("nan"), None])
def test_probabilities_of_frames_have_their_table(job, read_page, undefined):
    metrics = with_probabilities(undefined)
    write_evaluation(job, metrics)
    page = read_page(job.report)
    assert "Classes, frames" in page.words
    classes, shown = by_name(page.tables[0]), by_name(page.tables[1])
    assert classes["P"]["Sp (95 %)"] == interval(metrics["frames"]["classes"]["P"]["sp"])
    assert classes["P"]["F1, majority class"] != "–"
    assert shown["NONE"] == {"class": "NONE", "AUROC": "0.912", "Brier score": "0.123"}
    assert shown["T"]["AUROC"] == "–"
    assert shown["macro average"]["AUROC"] == "0.804"
    assert "calibration error 0.057" in page.words
    assert "nan" not in page.words.lower()
    on_console = summary_tables(metrics)
    assert [table.title.split(";")[0] for table in on_console] == ["Classes, frames", "Probabilities, frames"]
    assert [row[1] for row in on_console[1].rows] == ["0.912", "0.800", "0.700", "–", "0.804"]
