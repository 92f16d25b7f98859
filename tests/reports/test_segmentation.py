"""The demo of wave segmentation: what its page and picture show, and that they always come about."""

import dataclasses
import time

import numpy as np
import pytest
from matplotlib import image

from heartkit.records.record import Waves
from heartkit.reports.lead_chart import LONGEST
from heartkit.reports.segmentation import write_demo
from heartkit.reports.style import WAVE_COLOURS

HOSTILE = "</script><script>alert(1)</script><img src=http://a.example/x>$x_{"


@pytest.fixture
def written(tmp_path, read_page):
    """Write a demo and read its page back."""

    def write(demo):
        write_demo(demo, tmp_path / "report.html", tmp_path / "demo.png")
        return read_page(tmp_path / "report.html")

    return write


def test_ten_seconds_make_a_small_page_quickly(written, make_demo, tmp_path):
    demo = make_demo(rate=500)
    start = time.process_time()
    written(demo)
    assert time.process_time() - start < 3
    assert (tmp_path / "report.html").stat().st_size < 6_000_000
    height, width, _ = image.imread(tmp_path / "demo.png").shape
    assert width == 1800
    assert 600 < height < 1200


@pytest.fixture(scope="module")
def shown(make_demo, read_page, tmp_path_factory):
    """A demo and its page."""
    demo, folder = make_demo(), tmp_path_factory.mktemp("shown")
    write_demo(demo, folder / "report.html", folder / "demo.png")
    return demo, read_page(folder / "report.html")


def test_the_page_shows_the_numbers_of_the_demo(shown):
    demo, page = shown
    waves = {row[0]: row for row in page.tables[0]}
    for number, name in ((1, "P"), (2, "QRS"), (3, "T")):
        found = demo.waves.of_kind(number)
        duration = f"{1000 * np.median(found.offset - found.onset):.0f}"
        assert waves[name] == [name, str(len(found)), str(len(found)), duration, duration]
    measures = {row[0]: row[1:] for row in page.tables[1]}
    assert measures["Heart rate, mean"] == [f"{60 / demo.rr.interval.mean():.1f}", "bpm"]
    assert measures["SDNN"] == [f"{1000 * demo.rr.interval.std(ddof=1):.1f}", "ms"]
    assert measures["LF power"] == ["–", "ms²"]
    assert "HF (needs 60 s)" in page.words
    for fact in ("ecg-synthetic", "model.tflite", "10.0 s", "100 Hz", "0.50 ms"):
        assert fact in page.words


def test_the_trace_holds_signal_waves_and_peaks(shown, unpack):
    demo, page = shown
    trace, tachogram, poincare = page.charts
    named = {one["name"]: one for one in trace["data"] if "name" in one and one.get("yaxis") != "y3"}
    shares = {one["name"]: unpack(one["y"]) for one in trace["data"] if one.get("yaxis") == "y3"}
    np.testing.assert_array_equal(np.stack(list(shares.values()), axis=1), 100 * demo.probabilities)
    assert list(shares) == demo.class_names
    np.testing.assert_array_equal(unpack(named["II"]["y"]), demo.signal)
    assert named["II"]["dx"] == pytest.approx(0.01)
    for number, name in ((1, "P"), (2, "QRS"), (3, "T")):
        assert named[name]["line"]["color"] == WAVE_COLOURS[name]
        found = demo.waves.of_kind(number)
        assert np.isnan(unpack(named[name]["y"])).sum() == len(found)
        bars = unpack(named[f"{name}, found"]["x"]).reshape(-1, 3)
        np.testing.assert_allclose(bars[:, 0], found.onset, atol=1e-5)
        np.testing.assert_allclose(bars[:, 1], found.offset, atol=1e-5)
    np.testing.assert_allclose(unpack(named["R peak"]["x"]), demo.beats, atol=1e-5)
    np.testing.assert_allclose(unpack(tachogram["data"][0]["y"]), 1000 * demo.rr.interval, rtol=1e-6)
    dots = next(one for one in poincare["data"] if one.get("name") == "normal")
    assert len(unpack(dots["x"])) == len(demo.rr.interval) - 1


def test_long_recordings_give_bands_and_fast_lines(written, make_demo):
    page = written(make_demo(duration=320.0))
    trace, _, _, spectrum = page.charts
    assert {one["type"] for one in trace["data"] if one.get("name") in ("II", "P", "QRS", "T")} == {"scattergl"}
    assert [one["name"][:2] for one in spectrum["data"]] == ["VL", "LF", "HF"]
    measures = {row[0]: row[1] for row in page.tables[1]}
    assert float(measures["HF power"].replace(",", "")) > 0
    assert "Too short" not in page.words


def test_nothing_found_is_said_plainly(written, make_demo, nothing_found, tmp_path):
    flat = {"signal": np.zeros(1000, np.float32), "probabilities": np.eye(4, dtype=np.float32)[np.zeros(1000, int)]}
    page = written(make_demo(**nothing_found, **flat))
    assert "found no waves" in page.words
    assert "fewer than two R peaks" in page.words
    assert len(page.charts) == 1
    assert not page.tables
    assert image.imread(tmp_path / "demo.png").shape[1] == 1800


@pytest.mark.parametrize("samples", [0, 1, 7])
def test_hardly_any_signal(written, make_demo, nothing_found, samples):
    short = {"signal": np.zeros(samples, np.float32), "probabilities": np.full((samples, 4), 0.25, np.float32)}
    page = written(make_demo(**nothing_found, **short, frames=0))
    assert ("empty" in page.words) == (samples == 0)


def test_missing_samples_are_gaps_and_counted(written, make_demo, unpack):
    demo = make_demo()
    signal = demo.signal.copy()
    signal[100:350] = np.nan
    page = written(dataclasses.replace(demo, signal=signal))
    assert "25.0 %" in page.words
    (line,) = [one for one in page.charts[0]["data"] if one["name" if "name" in one else "type"] == "II"]
    assert np.isnan(unpack(line["y"])).sum() == 250
    everything = np.full_like(signal, np.nan)
    assert "100.0 %" in written(dataclasses.replace(demo, signal=everything)).words


def test_without_annotation_none_is_shown(written, make_demo):
    page = written(make_demo(reference=Waves.empty()))
    assert "annotated" not in page.words
    assert page.charts[0]["layout"]["yaxis2"]["ticktext"] == ["found"]


def test_intervals_left_out_are_marked(written, make_demo, unpack):
    demo = make_demo()
    kept = demo.rr.kept.copy()
    kept[2] = False
    page = written(dataclasses.replace(demo, rr=dataclasses.replace(demo.rr, kept=kept)))
    crosses = [one for one in page.charts[1]["data"] if one.get("name") == "left out"]
    np.testing.assert_allclose(unpack(crosses[0]["x"]), demo.rr.time[2:3], rtol=1e-6)
    assert "1 of them" in page.words


def test_hostile_names_stay_text(written, make_demo):
    names = dict.fromkeys(("dataset", "record", "patient", "lead", "unit", "model", "backend"), HOSTILE)
    page = written(make_demo(**names, class_names=[HOSTILE, "P", "QRS", "T+U"]))
    assert "img" not in {tag for tag, _ in page.tags}
    assert len(page.attributes("script")) == len(page.charts) + 2  # plotly, and the page's own lines
    assert HOSTILE in page.words
    # Plotly reads tags in names: they must arrive there escaped once more.
    assert all("<" not in one.get("name", "") for one in page.charts[0]["data"])


def test_very_long_recordings_are_cut_and_that_is_said(written, make_demo, unpack):
    demo = make_demo()
    times = LONGEST // len(demo.signal) + 2
    long = dataclasses.replace(
        demo, signal=np.tile(demo.signal, times), probabilities=np.tile(demo.probabilities, (times, 1))
    )
    page = written(long)
    assert "Shown are the first 100 min 0 s of" in page.words
    line = next(one for one in page.charts[0]["data"] if one.get("name") == "II")
    assert len(unpack(line["y"])) == LONGEST


def test_charts_are_what_plotly_understands(written, make_demo):
    from plotly import graph_objects

    page = written(make_demo(duration=130.0))
    assert len(page.charts) == 4
    slider = page.charts[0]["layout"]["xaxis"]["rangeslider"]
    for number in (2, 3, 4):  # plotly.js knows these, though plotly's Python names the first only
        assert set(slider.pop(f"yaxis{number}")) <= {"rangemode", "range"}
    for chart in page.charts:
        # It checks every name and value and raises for those it does not know.
        assert graph_objects.Figure(chart).data
