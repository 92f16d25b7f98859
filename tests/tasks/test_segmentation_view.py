"""What the segmentation view makes of a recording, with a model that knows the answer."""

import re

import numpy as np
import pytest

from heartkit.objectives.recordings import ModelAnswer
from heartkit.objectives.waves import wave_classes
from heartkit.records.record import wave_track
from heartkit.records.vocabulary import Wave
from heartkit.synthesis.ecg import generate
from heartkit.synthesis.params import EcgParams
from heartkit.tasks import segmentation_view
from heartkit.tasks.base import Demonstration

FOUR, RATE = {0: 0, 1: 1, 2: 2, 3: 3}, 100.0


@pytest.fixture
def written(monkeypatch):
    """What is handed to the report."""
    given = []
    monkeypatch.setattr(segmentation_view, "write_demo", lambda demo, report, picture: given.append(demo))
    return given


def demonstration(class_map=FOUR, length=None, blind=False):
    """A clean recording of 60 beats per minute, and a model that answers with its annotations (or with nothing)."""
    params = EcgParams(presets=["SR"], duration=12, heart_rate=(60, 60), noise_multiplier=(0, 0))
    record = generate(params, 0, [4])[0]
    record = record if length is None else record.head(length)
    lead = record.leads.index("II")
    track = wave_track(record.waves, record.annotated, len(record.leads), record.signals.shape[1], RATE)[lead]
    table = np.array([max(class_map.get(label, 0), 0) for label in range(8)])
    classes = np.zeros_like(track) if blind else table[np.maximum(track, 0)]
    signal = record.signals[lead]

    def predict(frames):
        """Recognise each window by its samples."""
        windows = np.lib.stride_tricks.sliding_window_view(signal, 64)
        starts = [np.flatnonzero((windows == frame[:, 0]).all(axis=1))[0] for frame in frames]
        return np.stack([10 * np.eye(4, dtype=np.float32)[classes[at : at + 64]] for at in starts])

    answer = ModelAnswer(lambda frames: frames, predict, 64, RATE, wave_classes(class_map))
    names = ["none", "P", "QRS", "T"]
    return Demonstration("made", record, lead, answer, names, "model.keras", "pc")


def test_a_perfect_model_finds_every_wave_and_the_rate(tmp_path, written):
    shown = demonstration()
    (line,) = segmentation_view.show(shown, tmp_path / "r.html", tmp_path / "d.png")
    (demo,) = written
    reference = shown.record.waves.on_lead(shown.lead)
    for kind in (Wave.P, Wave.QRS, Wave.T):
        mine, theirs = demo.waves.of_kind(kind), reference.of_kind(kind)
        np.testing.assert_allclose(mine.onset, theirs.onset, atol=1 / RATE)
        np.testing.assert_allclose(mine.offset, theirs.offset, atol=1 / RATE)
        assert f"{len(theirs)} {kind.name}" in line
    np.testing.assert_allclose(demo.beats, shown.record.beats.time[: len(demo.beats)], atol=0.05)
    assert demo.hrv.rate_mean == pytest.approx(60 / np.diff(demo.beats).mean(), rel=0.02)
    assert int(re.search(r"heart rate (\d+) per minute", line)[1]) == round(demo.hrv.rate_mean)
    assert line.startswith("12.0 s of lead II:")
    assert demo.frames == len(range(0, 1200 - 64, 32)) + 1
    assert demo.milliseconds_per_frame > 0
    assert len(demo.reference) == len(reference)


def test_nothing_found(tmp_path, written):
    (line,) = segmentation_view.show(demonstration(blind=True), tmp_path / "r.html", tmp_path / "d.png")
    assert "0 P, 0 QRS, 0 T; no heart rate" in line
    (demo,) = written
    assert (len(demo.waves), len(demo.beats), demo.rr, demo.hrv) == (0, 0, None, None)


def test_classes_that_are_no_single_wave(tmp_path, written):
    shown = demonstration({0: 0, 1: 1, 2: 1, 3: 1})
    (line,) = segmentation_view.show(shown, tmp_path / "r.html", tmp_path / "d.png")
    assert "no delineated classes; no heart rate" in line
    assert written[0].probabilities.argmax(-1).max() == 1


@pytest.mark.parametrize("length", [90, 150, 260])
def test_one_or_two_beats_are_too_few_for_variability_but_not_for_a_report(tmp_path, length):
    lines = segmentation_view.show(demonstration(length=length), tmp_path / "r.html", tmp_path / "d.png")
    assert lines
    assert (tmp_path / "r.html").stat().st_size > 1000
    assert (tmp_path / "d.png").stat().st_size > 1000
