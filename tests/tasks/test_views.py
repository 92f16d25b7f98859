"""What the views of rhythms and beats make of a recording, with models that know the answer."""

import dataclasses

import numpy as np
import pytest

from heartkit.errors import DataError
from heartkit.frames.beat_frames import BeatAnswer, frames_around
from heartkit.objectives.classify import FrameAnswer
from heartkit.records.record import Beats, Spans
from heartkit.records.vocabulary import Beat, Rhythm
from heartkit.reports.kinds import BEAT_WORDS, RHYTHM_WORDS, class_of
from heartkit.synthesis.ecg import generate
from heartkit.synthesis.params import EcgParams
from heartkit.tasks import beat_view, rhythm_view
from heartkit.tasks.base import Demonstration
from pages import unpack

RATE, SIZE = 100.0, 200
RHYTHMS = ["SR", "atrial fibrillation", "never"]
KINDS = ["normal", "PAC", "V"]


@pytest.fixture(scope="module")
def record():
    """Thirty seconds; sinus rhythm, then fibrillation from 12 s on, as far as the annotation goes."""
    made = generate(EcgParams(presets=["SR"], duration=30, heart_rate=(70, 70)), 0, [4])[0]
    kinds = np.zeros(len(made.beats), np.int8)
    kinds[4::5], kinds[6::9] = Beat.PVC, Beat.FUSION
    rhythms = Spans(np.array([Rhythm.SR, Rhythm.AFIB], np.int16), np.array([0.0, 12.0]), np.array([12.0, 30.0]))
    return dataclasses.replace(made, rhythms=rhythms, beats=Beats(made.beats.time, kinds))


def shown(record, answers, names, size=SIZE):
    """The second lead of a recording, and a model that knows each frame's class by where it begins."""
    signal = record.signals[1]

    def predict(frames):
        if len(signal) < size:
            return np.zeros((len(frames), len(names)), np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(signal, size)
        starts = [int(np.flatnonzero((windows == frame[:, 0]).all(axis=1))[0]) for frame in frames]
        return np.stack([5 * np.eye(len(names), dtype=np.float32)[answers(start)] for start in starts])

    answer = FrameAnswer(lambda frames: frames, predict, size, RATE)
    # The rhythm view asks for frames, the beat view for beats.
    asked = BeatAnswer(answer, rr=False) if names is KINDS else answer
    return Demonstration("made", record, 1, asked, names, "model.keras", "pc")


def rhythm_at(start):
    return int(start + SIZE / 2 >= 1200)


def named(chart):
    return {one["name"]: one for one in chart["data"] if "name" in one and one.get("yaxis") == "y2"}


def test_rhythms_of_a_model_that_knows(record, page):
    (line,), found = page(rhythm_view, shown(record, rhythm_at, RHYTHMS))
    # Frames every second; the first whose middle is at 12 s begins at 11 s, so the change is seen at 11.5 s.
    assert line == "30.0 s of lead II: 62 % atrial fibrillation, 38 % SR."
    classes, compared = found.tables
    assert [row[:4] for row in classes[1:]] == [
        ["SR", "38.3 %", "11.5 s", "1"], ["atrial fibrillation", "61.7 %", "18.5 s", "1"],
        ["never", "0.0 %", "0.0 s", "0"],
    ]  # fmt: skip
    assert compared[1:] == [
        ["sinus rhythm", "12.0 s", "95.8 %", "4.2 %", "0.0 %"],
        ["atrial fibrillation", "18.0 s", "0.0 %", "100.0 %", "0.0 %"],
    ]
    (trace,) = found.charts
    bars = named(trace)
    assert unpack(bars["SR, found"]["x"])[:2].tolist() == [0.0, 11.5]
    assert unpack(bars["atrial fibrillation, annotated"]["x"])[:2].tolist() == [12.0, 30.0]
    # What is annotated has the colour of the class that is named after it.
    pairs = [("SR, found", "sinus rhythm, annotated"), ("atrial fibrillation, found", "atrial fibrillation, annotated")]
    for mine, theirs in pairs:
        assert bars[mine]["line"]["color"] == bars[theirs]["line"]["color"]
    steps = {one["name"]: unpack(one["y"]) for one in trace["data"] if one.get("yaxis") == "y3"}
    assert set(steps) == set(RHYTHMS)
    np.testing.assert_allclose(sum(steps.values()), 100, rtol=1e-5)


def test_a_rhythm_recording_of_one_frame_without_annotation(record, page):
    bare = dataclasses.replace(record.head(SIZE), rhythms=Spans.empty())
    (line,), found = page(rhythm_view, shown(bare, rhythm_at, RHYTHMS))
    assert line == "2.0 s of lead II: 100 % SR."
    assert "No rhythm is annotated" in found.words
    assert found.charts[0]["layout"]["yaxis2"]["ticktext"] == ["found"]


def test_every_moment_belongs_to_the_frame_with_the_nearest_middle():
    starts = np.array([0, 100, 200, 230])
    edges = rhythm_view.stretches(starts, SIZE, 430)
    moments = np.arange(0.5, 430, 1.0)
    nearest = np.abs(moments[:, None] - (starts + SIZE / 2)).argmin(axis=1)
    np.testing.assert_array_equal(np.searchsorted(edges, moments, side="right") - 1, nearest)


def test_beats_of_a_model_that_knows(record, page):
    starts, whole = frames_around(record.beats.time, RATE, SIZE, record.signals.shape[1])
    known = dict(zip(starts.tolist(), record.beats.kind.tolist(), strict=True))
    answers = {start: 2 if kind == Beat.PVC else 0 for start, kind in known.items()}
    (line,), found = page(beat_view, shown(record, lambda start: answers.get(start, 0), KINDS))
    kinds = record.beats.kind[whole]
    ventricular = int((kinds == Beat.PVC).sum())
    rate = 60 / np.diff(record.beats.time).mean()
    counts = f"{whole.sum() - ventricular} normal, 0 PAC, {ventricular} V"
    assert line == f"30.0 s of lead II: {counts}; {rate:.0f} beats per minute."
    classes, compared = found.tables
    assert [row[1] for row in classes[1:]] == [str(whole.sum() - ventricular), "0", str(ventricular)]
    before = np.diff(record.beats.time)[(record.beats.kind == Beat.PVC)[1:] & whole[1:]]
    assert classes[3][3] == f"{1000 * np.median(before):.0f}"
    fused, normal = (int((kinds == kind).sum()) for kind in (Beat.FUSION, Beat.NORMAL))
    assert compared[1:] == [
        ["normal beat", str(normal), str(normal), "0", "0"],
        ["ventricular ectopic beat", str(ventricular), "0", "0", str(ventricular)],
        ["fusion beat", str(fused), str(fused), "0", "0"],
    ]
    assert f"{(~whole).sum()} too near the ends" in found.words
    trace, templates, tachogram = found.charts
    marks = next(one for one in trace["data"] if one.get("name") == "V" and "yaxis" not in one)
    expected = record.beats.time[whole & (record.beats.kind == Beat.PVC)]
    np.testing.assert_allclose(unpack(marks["x"]), expected, atol=1e-5)
    mean = next(one for one in templates["data"] if one["name"].startswith("V (") and "fill" not in one)
    middles = np.rint(expected * RATE).astype(int)
    waves = np.stack([record.signals[1, at - 30 : at + 51] for at in middles if at + 50 < record.signals.shape[1]])
    np.testing.assert_allclose(unpack(mean["y"]), (waves - waves.mean(1, keepdims=True)).mean(0), atol=1e-5)
    dots = [one for one in tachogram["data"] if one["mode"] == "markers"]
    assert sum(len(unpack(one["x"])) for one in dots) == len(record.beats) - 1


def test_without_annotation_the_classical_delineator_finds_the_beats(record, page):
    bare = dataclasses.replace(record, beats=Beats.empty())
    demonstration = shown(bare, lambda start: 0, KINDS)
    _, found = page(beat_view, demonstration)
    assert "none are annotated" in found.words
    assert len(found.tables) == 1
    beats, annotated = beat_view._beats(bare, bare.signals[1])
    assert not annotated
    times = beats.time
    distance = np.abs(times[:, None] - record.beats.time).min(axis=1)
    assert distance.max() < 0.05
    assert len(times) >= len(record.beats) - 2


def test_no_beats_at_all(record, page):
    flat = dataclasses.replace(record, beats=Beats.empty(), signals=np.zeros_like(record.signals))
    (line,), found = page(beat_view, shown(flat, lambda start: 0, KINDS))
    assert line == "30.0 s of lead II: 0 normal, 0 PAC, 0 V; no heart rate."
    assert "No beats were found" in found.words
    assert not found.tables


@pytest.mark.parametrize("time", [0.1, 1.0])
def test_one_beat_with_and_without_room_for_its_frame(record, page, time):
    single = dataclasses.replace(record, beats=Beats(np.array([time]), np.zeros(1, np.int8))).head(220)
    (line,), found = page(beat_view, shown(single, lambda start: 1, KINDS))
    assert f"{int(time == 1.0)} PAC" in line
    assert "an RR interval needs two beats" in found.words
    assert ("There are none: no classified beat" in found.words) == (time == 0.1)


def test_noise_is_no_beat_for_rr_intervals(record, page):
    kinds = record.beats.kind.copy()
    kinds[5] = Beat.NOISE
    noisy = dataclasses.replace(record, beats=Beats(record.beats.time, kinds))
    _, found = page(beat_view, shown(noisy, lambda start: 0, KINDS))
    longest = max(unpack(one["y"]).max() for one in found.charts[2]["data"])
    assert longest == pytest.approx(1000 * (record.beats.time[6] - record.beats.time[4]), rel=1e-5)


@pytest.mark.parametrize(("view", "names"), [(rhythm_view, RHYTHMS), (beat_view, KINDS)])
def test_a_recording_shorter_than_a_frame_is_an_error(record, tmp_path, view, names):
    with pytest.raises(DataError, match="has 199 samples, but the model takes frames of 200"):
        view.show(shown(record.head(199), lambda start: 0, names), tmp_path / "r.html", tmp_path / "d.png")


@pytest.mark.parametrize(
    ("kind", "names", "number"),
    [
        (Rhythm.AFIB, ["SR", "AFIB+AFLUT"], 1),
        (Rhythm.AFLUT, ["SR", "AFIB + aflut"], 1),
        (Rhythm.SR, ["abnormal", "Normal"], 1),
        (Rhythm.PACE, ["SR", "AFIB"], -1),
    ],
)
def test_classes_are_known_by_their_names(kind, names, number):
    assert class_of(kind, names, Rhythm, RHYTHM_WORDS) == number


def test_classes_of_ec57_are_known_by_their_letters():
    order = [Beat.NORMAL, Beat.PAC, Beat.PVC, Beat.FUSION, Beat.UNCLASSIFIED]
    assert [class_of(kind, list("NSVFQ"), Beat, BEAT_WORDS) for kind in order] == [0, 1, 2, 3, 4]
    assert set(BEAT_WORDS) == set(Beat)
    assert set(RHYTHM_WORDS) == set(Rhythm)
