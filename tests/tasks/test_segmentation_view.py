"""What the segmentation view makes of a recording, with a model that knows the answer."""

import re

import numpy as np
import pytest

from heartkit.objectives.recordings import ModelAnswer
from heartkit.objectives.waves import wave_classes
from heartkit.records.vocabulary import Wave
from heartkit.records.wave_track import wave_track
from heartkit.synthesis import ppg
from heartkit.synthesis.ecg import generate
from heartkit.synthesis.params import EcgParams
from heartkit.synthesis.ppg_params import PpgParams
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


def pulses():
    """A clean PPG, and a model that answers with its annotations."""
    params = PpgParams(presets=["SR"], duration=20, heart_rate=(70, 70), noise_multiplier=(0, 0))
    record = ppg.generate(params, 0, [4])[0]
    track = wave_track(record.waves, record.annotated, 1, record.signals.shape[1], RATE)[0]

    class Oracle(ModelAnswer):
        def probabilities(self, signal):
            return np.eye(2, dtype=np.float32)[np.where(track < 0, 1, track - Wave.SYSTOLIC)][: len(signal)]

    answer = Oracle(lambda frames: frames, lambda frames: frames, 256, RATE, wave_classes({6: 0, 7: 1}))
    assert answer.reads == "ppg"
    return Demonstration("made", record, 0, answer, ["systolic", "diastolic"], "model.keras", "pc")


def test_a_ppg_has_pulses_and_a_pulse_rate(tmp_path, written):
    shown = pulses()
    (line,) = segmentation_view.show(shown, tmp_path / "r.html", tmp_path / "d.png")
    (demo,) = written
    beats = shown.record.beats.time
    inside = beats[(beats > demo.beats[0] - 0.1) & (beats < demo.beats[-1] + 0.1)]
    np.testing.assert_allclose(demo.beats, inside, atol=0.02)
    assert demo.hrv.rate_mean == pytest.approx(60 / np.diff(inside).mean(), rel=0.01)
    assert re.search(r"SYSTOLIC, \d+ DIASTOLIC; pulse rate (\d+) per minute", line)[1] == f"{demo.hrv.rate_mean:.0f}"


def test_reports_of_a_ppg_speak_of_pulses(tmp_path):
    segmentation_view.show(pulses(), tmp_path / "r.html", tmp_path / "d.png")
    text = re.sub(r"<script.*?</script>", "", (tmp_path / "r.html").read_text(), flags=re.DOTALL)
    for word in ("Pulse-rate variability", "Pulse rate", "pulse intervals", "SYSTOLIC"):
        assert word in text
    for word in ("R peak", "RR interval", "Heart rate", "QRS"):
        assert word not in text


@pytest.mark.parametrize("length", [90, 150, 260])
def test_one_or_two_beats_are_too_few_for_variability_but_not_for_a_report(tmp_path, length):
    lines = segmentation_view.show(demonstration(length=length), tmp_path / "r.html", tmp_path / "d.png")
    assert lines
    assert (tmp_path / "r.html").stat().st_size > 1000
    assert (tmp_path / "d.png").stat().st_size > 1000
