"""The scores of signals on an evaluation's page and on the console."""

import json

import numpy as np
import pytest
from matplotlib import image

from heartkit.job import Job
from heartkit.metrics.rates import rate_report
from heartkit.metrics.signals import frame_scores, scores_report
from heartkit.reports.evaluation import summary_tables, write_evaluation

PATIENTS = np.repeat(np.arange(6), 10)


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path, "evaluate", 0)


def reports(noise):
    rng = np.random.default_rng(int(100 * noise))
    clean = rng.normal(0, 1, (60, 50))
    noisy, output = (clean + rng.normal(0, size, clean.shape) for size in (1, noise))
    return clean, noisy, output


def denoised(**more):
    def report(noise):
        clean, noisy, output = reports(noise)
        scores, before = frame_scores(clean, output), frame_scores(clean, noisy)
        return scores_report(scores, before, PATIENTS, np.random.default_rng(0), 200)

    metrics = {
        "task": "denoise", "split": "val", "protocol": None, "frames": report(0.2),
        "baselines": {"band-pass filter 0.5-40 Hz": {"signals": report(0.6)}},
    }  # fmt: skip
    return json.loads(json.dumps(metrics | more))


def translated():
    def report(noise):
        clean, _, output = reports(noise)
        rates = rate_report(
            np.full(60, 70.0), np.where(np.arange(60) % 3, 71.0, np.nan), PATIENTS, np.random.default_rng(0)
        )
        report = scores_report(frame_scores(clean, output), None, PATIENTS, np.random.default_rng(0), 200)
        return report | {"heart_rate": rates}

    flat = report(5)
    flat["heart_rate"] |= {"mean_absolute_error": {"value": None, "low": None, "high": None}}
    flat["output"]["correlation"]["mean"] = {"value": None, "low": None, "high": None}
    metrics = {
        "task": "translate",
        "split": "val",
        "frames": report(0.2),
        "baselines": {"flat line": {"signals": flat}},
    }
    return json.loads(json.dumps(metrics))


def by_name(table):
    head, *rows = table
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


def test_the_page_shows_model_input_and_baselines(job, read_page):
    metrics = denoised()
    write_evaluation(job, metrics)
    page = read_page(job.report)
    means, medians = by_name(page.tables[0]), by_name(page.tables[1])
    assert list(means) == ["this model", "input as it is", "band-pass filter 0.5-40 Hz"]
    output, before = metrics["frames"]["output"]["snr"], metrics["frames"]["input"]["snr"]
    for part, table in (("mean", means), ("median", medians)):
        one = output[part]
        assert table["this model"]["SNR, dB (95 %)"] == f"{one['value']:.1f} ({one['low']:.1f} to {one['high']:.1f})"
        assert table["input as it is"]["SNR, dB (95 %)"].startswith(f"{before[part]['value']:.1f} (")
    rise = metrics["frames"]["snr_improvement"]["mean"]["value"]
    assert means["this model"]["improvement, dB (95 %)"].startswith(f"{rise:.1f} (")
    assert means["input as it is"]["improvement, dB (95 %)"] == "–"
    assert "over 6 patients" in page.words
    picture = image.imread(job.plots / "signals.png")
    assert picture.shape[1] == 1500
    assert picture[..., :3].std() > 0.02
    assert "nan" not in page.words.lower()


def test_the_console_shows_the_means(job):
    (table,) = summary_tables(denoised())
    rows = {row[0]: row for row in table.rows}
    assert set(rows) == {"this model", "input as it is", "band-pass filter 0.5-40 Hz"}
    assert table.columns[1] == "SNR,\ndB"
    assert rows["this model"][1] == f"{denoised()['frames']['output']['snr']['mean']['value']:.1f}"
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_heart_rates_have_their_table_with_coverage(job, read_page):
    metrics = translated()
    write_evaluation(job, metrics)
    page = read_page(job.report)
    rates = by_name(page.tables[2])
    assert rates["this model"]["coverage"] == "0.667"
    assert rates["this model"]["mean error, /min"].startswith("1.0")
    assert rates["flat line"]["mean error, /min"] == "–"
    assert by_name(page.tables[0])["flat line"]["correlation (95 %)"] == "–"
    assert "input as it is" not in page.words
    scores, console_rates = summary_tables(metrics)
    assert "SNR,\ndB" in scores.columns
    assert [row[1] for row in console_rates.rows] == ["0.667", "0.667"]


def test_a_protocol_shows_what_others_published(job, read_page):
    metrics = denoised(protocol="deepfilter", published={"FIR": {"ssd": [47.464, 88.496], "cosine": [0.692, 0.216]}})
    write_evaluation(job, metrics)
    page = read_page(job.report)
    assert "Protocol deepfilter" in page.words
    assert page.tables[2] == [["method", "SSD", "cosine"], ["FIR", "47.464 ± 88.496", "0.692 ± 0.216"]]


def test_a_later_evaluation_without_signals_removes_the_plot(job):
    write_evaluation(job, denoised())
    write_evaluation(job, {"task": "rhythm", "split": "val"})
    assert not (job.plots / "signals.png").exists()
    assert summary_tables({"task": "rhythm", "split": "val"}) == []
