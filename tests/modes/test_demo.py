"""Demo: a recording shown, whatever is found in it."""

import webbrowser
from dataclasses import replace

import numpy as np
import pytest

from heartkit.errors import ConfigError, DataError, ModelError
from heartkit.modes import demo as demo_mode
from heartkit.modes.data import TaskData
from heartkit.modes.demo import choose_recording, demo, lead_to_show
from tiny_runs import FRAME, RATE, dataset_of
from wfdb_files import Mark, ecg_like, write_marks, write_signals


@pytest.fixture
def run(make_params, task, trained):
    """Show a recording by the trained model; changes win."""

    def go(**changes):
        params = make_params("demo", **{"model_file": str(trained.model_file)} | changes)
        return params.job_dir, demo(params, task)

    return go


@pytest.fixture
def prepared(make_params, task):
    return TaskData(make_params("demo"), task, 3).prepared


@pytest.fixture
def shown(monkeypatch):
    """What the task's view is given, in the order of the calls."""
    seen = []
    load = demo_mode.load_object

    def spying(name):
        view = load(name)

        def show(demonstration, report, picture):
            seen.append(demonstration)
            return view(demonstration, report, picture)

        return show

    monkeypatch.setattr(demo_mode, "load_object", spying)
    return seen


def test_a_test_patient_is_shown_on_lead_two(run, prepared, shown, capsys):
    folder, result = run()
    assert result["split"] == "test"
    assert result["record"] in {prepared[0].store.ids[n] for n in prepared[0].records("test")}
    (demonstration,) = shown
    assert demonstration.record.leads[demonstration.lead] == "II"
    assert demonstration.record.duration == 6
    assert (result["report"], result["picture"]) == (folder / "report.html", folder / "demo.png")
    assert result["picture"].read_bytes().startswith(b"\x89PNG")
    page = result["report"].read_text()
    assert result["record"] in page
    assert "model.keras" in page
    assert (folder / "demo.html").read_text() == page
    assert f"recording {result['record']} (test)" in capsys.readouterr().err


@pytest.mark.parametrize("wanted", ["5", "ecg-synthetic/5"])
def test_a_chosen_recording(prepared, wanted):
    one, number, split = choose_recording(prepared, wanted, 0)
    assert one.store.ids[number] == "5"
    assert number in one.records(split)


def test_another_seed_may_choose_another_recording(prepared):
    chosen = {choose_recording(prepared, None, seed)[1] for seed in range(20)}
    assert chosen == set(prepared[0].records("test"))


def test_an_unknown_recording_names_the_nearest(run):
    with pytest.raises(ConfigError, match=r"No recording is called '112'. Did you mean '11'.*There are 12, e.g. '0'"):
        run(record="112")


def test_demo_size_cuts_the_recording(run, shown):
    run(demo_size=250, record="3")
    (demonstration,) = shown
    assert demonstration.record.signals.shape[1] == 250
    assert demonstration.record.waves.offset.max() <= 250 / RATE
    with pytest.raises(DataError, match=f"demo_size = 32 is less than one frame of {FRAME}"):
        run(demo_size=32)


def test_a_tflite_model_and_tflite_micro(run, exported, shown):
    folder, _ = exported
    for backend in ("pc", "tflm"):
        run(model_file=str(folder / "model.tflite"), backend=backend, record="3")
    first, second = (one.answer.probabilities(one.record.signals[one.lead]) for one in shown)
    np.testing.assert_allclose(first, second, atol=0.1)  # LiteRT's fast kernels differ by some units
    assert np.mean(first.argmax(-1) == second.argmax(-1)) > 0.95


def test_nothing_to_find_is_shown_all_the_same(run, capsys):
    with dataset_of({"flat": np.zeros((2, 500), np.float32)}) as given:
        folder, result = run(datasets=[given], record="flat")
    assert (folder / "demo.png").stat().st_size > 1000
    assert "flat" in result["report"].read_text()
    assert "no heart rate" in capsys.readouterr().err


def test_a_recording_shorter_than_a_frame_is_an_error(run):
    with (
        dataset_of({"short": np.zeros((2, FRAME - 1), np.float32)}) as given,
        pytest.raises(DataError, match=f"The recording has {FRAME - 1} samples, but the model takes frames of {FRAME}"),
    ):
        run(datasets=[given], record="short")


def test_missing_samples_are_bridged(run, shown):
    signals = np.sin(np.arange(1000) / 5).astype(np.float32).reshape(2, 500)
    signals[:, 100:120] = np.nan
    with dataset_of({"gap": signals}) as given:
        run(datasets=[given], record="gap")
    (demonstration,) = shown
    assert np.isfinite(demonstration.record.signals).all()


def test_a_recording_of_nothing_but_gaps_is_an_error(run):
    with (
        dataset_of({"nan": np.full((2, 500), np.nan, np.float32)}) as given,
        pytest.raises(DataError, match=r"no usable recording.*every sample is NaN"),
    ):
        run(datasets=[given], record="nan")


def test_the_report_is_opened_only_where_there_is_a_display(run, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(demo_mode.sys, "platform", "linux")
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    folder, _ = run(display_report=True)
    assert opened == []
    monkeypatch.setenv("DISPLAY", ":0")
    run(display_report=False)
    assert opened == []
    run(display_report=True)
    assert opened == [(folder / "report.html").resolve().as_uri()]


def test_a_model_that_does_not_fit_is_an_error(run):
    with pytest.raises(ModelError, match="Set frame_size to 64"):
        run(frame_size=128)
    with pytest.raises(ModelError, match="is not there"):
        run(model_file="/nowhere/model.keras")


def test_a_recording_that_lacks_the_configured_leads_says_which_it_has(prepared):
    [one] = prepared
    elsewhere = replace(one, leads=["MLII"])
    with pytest.raises(ConfigError, match=r"has none of the configured leads \(MLII\); it has I, II, III"):
        lead_to_show(elsewhere, 0, "ecg")
    assert one.store.leads[0][lead_to_show(one, 0, "ecg")] == "II"
    assert one.store.leads[0][lead_to_show(one, 0, "ppg")] == one.leads[0]  # there is no PPG


def test_a_recording_need_not_be_annotated_to_be_shown(run, shown, tmp_path):
    write_signals(tmp_path / "mitdb", "101", ecg_like(3600, 2), 360, ["MLII", "V1"])
    write_marks(tmp_path / "mitdb", "101", "atr", [Mark(100, "N")])
    _, result = run(datasets=[{"name": "mitdb", "path": str(tmp_path / "mitdb")}])
    assert result["record"] == "101"
    (demonstration,) = shown
    assert len(demonstration.record.waves) == 0
