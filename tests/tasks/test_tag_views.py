"""What the views of diagnoses and embeddings make of recordings, with models that know the answer."""

import dataclasses

import numpy as np
import pytest

from heartkit.errors import DataError
from heartkit.objectives.classify import FrameAnswer
from heartkit.objectives.probabilities import to_shares
from heartkit.records.record import Spans
from heartkit.records.vocabulary import Rhythm
from heartkit.synthesis.ecg import generate
from heartkit.synthesis.params import EcgParams
from heartkit.tasks import diagnostic_view, foundation_view
from heartkit.tasks.base import Demonstration
from pages import unpack

RATE, SIZE = 100.0, 200
NAMES = ["normal", "MI", "conduction disturbance", "<HYP>"]
CHOSEN = {"normal": 0.3, "MI": 0.95, "conduction disturbance": 0.4, "<HYP>": 0.2}


@pytest.fixture(scope="module")
def record():
    """Ten seconds with two diagnoses and a statement of form."""
    made = generate(EcgParams(presets=["SR"], duration=10, heart_rate=(70, 70)), 0, [4])[0]
    return dataclasses.replace(made, diagnoses={"IMI": 35.0, "CRBBB": 100.0, "ABQRS": 0.0})


def shown(record, thresholds=CHOSEN):
    """Lead II, and a model whose probabilities depend on where a frame begins: high for MI in the first half alone."""
    signal = record.signals[1]
    windows = np.lib.stride_tricks.sliding_window_view(signal, SIZE) if len(signal) >= SIZE else None

    def predict(frames):
        rows = []
        for frame in frames:
            start = int(np.flatnonzero((windows == frame[:, 0]).all(axis=1))[0])
            rows.append([0.1, 0.99 if start < 400 else 0.5, 0.8, 0.25])
        shares = np.array(rows, np.float32)
        return np.log(shares / (1 - shares))

    answer = FrameAnswer(lambda frames: frames, predict, SIZE, RATE, to_shares)
    return Demonstration("made", record, 1, answer, NAMES, "model.keras", "pc", thresholds=thresholds)


def test_diagnoses_of_a_model_that_knows(record, page):
    (line,), found = page(diagnostic_view, shown(record))
    # Nine frames, one a second; those that begin at 0, 1, 2, 3 s are sure of MI.
    mean = (4 * 99 + 5 * 50) / 9
    expected = f"conduction disturbance 80 % (found), MI {mean:.0f} %, <HYP> 25 % (found), normal 10 %."
    assert line == f"10.0 s of lead II: {expected}"
    (classes,) = found.tables
    assert [row[:3] for row in classes[1:]] == [
        ["normal", "no", "no"], ["MI", "no", "yes"], ["conduction disturbance", "yes", "yes"], ["<HYP>", "yes", "no"],
    ]  # fmt: skip
    assert classes[2][3:] == [f"{mean / 100:.3f}", "0.500–0.990", "0.950"]
    assert "Stated: myocardial infarction, conduction disturbance." in found.words
    assert "chosen on the validation patients" in found.words
    means, trace = found.charts
    bar, frames, ticks = means["data"]
    np.testing.assert_allclose(unpack(bar["x"]), [10, mean, 80, 25], rtol=1e-5)
    np.testing.assert_allclose(unpack(ticks["x"]), 100 * np.array(list(CHOSEN.values())), rtol=1e-6)
    assert len(unpack(frames["x"])) == 9 * 4
    assert "MI (stated)" in means["layout"]["yaxis"]["ticktext"]
    spans = {one["name"]: unpack(one["x"]) for one in trace["data"] if one.get("yaxis") == "y2"}
    # Middles are at 1, 2, ... s, so the last sure frame speaks until 4.5 s.
    assert spans["MI, found"][:2].tolist() == [0, 4.5]
    assert spans["conduction disturbance, found"][:2].tolist() == [0, 10]
    assert "normal, found" not in spans


def test_without_kept_thresholds_and_statements(record, page):
    bare = dataclasses.replace(record, diagnoses={})
    _, found = page(diagnostic_view, shown(bare, {}))
    assert "No thresholds were kept" in found.words
    assert "no diagnostic statements" in found.words
    assert {row[5] for row in found.tables[0][1:]} == {"0.500"}
    assert {row[2] for row in found.tables[0][1:]} == {"not known"}
    odd = dataclasses.replace(record, diagnoses={"SR": 0.0})
    assert "None of the recording's statements" in page(diagnostic_view, shown(odd))[1].words


@pytest.mark.parametrize("view", [diagnostic_view, foundation_view])
def test_a_recording_shorter_than_a_frame_is_an_error(record, view, tmp_path):
    with pytest.raises(DataError, match="150 samples"):
        view.show(shown(record.head(150)), tmp_path / "r.html", tmp_path / "d.png")


def embedded(records, leads=None):
    """A model that embeds the mean of a frame on a circle, and the other recordings."""

    def predict(frames):
        turn = frames.mean(axis=(1, 2))
        return np.stack([np.cos(turn), np.sin(turn)], axis=1)

    answer = FrameAnswer(lambda frames: frames, predict, SIZE, RATE, lambda outputs: outputs)
    first, *others = records
    return Demonstration(
        "made", first, 1, answer, [], "model.keras", "pc", others=lambda count: [(one, 0) for one in others][:count]
    )


def flat(record, name, level, **changes):
    """A recording that is a constant, so that a frame's place is known."""
    signals = np.full_like(record.signals, level)
    return dataclasses.replace(record, id=name, patient=f"p{name}", signals=signals, **changes)


def test_a_map_of_recordings(record, page):
    records = [flat(record, "a", 0.0), flat(record, "b", 0.1), flat(record, "c", 3.0, diagnoses={"NORM": 100.0})]
    (line,), found = page(foundation_view, embedded(records))
    assert line.startswith("24 frames of 3 recordings, diagnoses as colour; 100 %")
    assert [row[:3] for row in found.tables[0][1:]] == [
        ["a (this one)", "MI+CD", "8"], ["b", "MI+CD", "8"], ["c", "NORM", "8"],
    ]  # fmt: skip
    cosines = [float(row[3]) for row in found.tables[0][1:]]
    assert cosines == pytest.approx([1, np.cos(0.1), np.cos(3)], abs=6e-4)
    points = {one["name"]: one for one in found.charts[0]["data"]}
    assert len(unpack(points["MI+CD"]["x"])) == 16
    np.testing.assert_array_equal(unpack(points["this recording"]["x"]), unpack(points["MI+CD"]["x"])[:8])
    assert points["MI+CD"]["marker"]["symbol"] != points["NORM"]["marker"]["symbol"]


def test_a_recording_alone_and_others_that_are_too_short(record, page):
    (line,), _ = page(foundation_view, embedded([flat(record, "a", 1.0), record.head(150)]))
    assert line == "8 frames of 1 recordings, patient as colour."


def test_what_colours_stand_for(record):
    spans = [Spans(np.array([kind], np.int16), np.zeros(1), np.full(1, 10.0)) for kind in (Rhythm.SR, Rhythm.AFIB)]
    plain = [dataclasses.replace(record, diagnoses={}, rhythms=one) for one in spans]
    assert foundation_view.coloured_by(plain) == (["sinus rhythm", "atrial fibrillation"], "rhythm")
    same = [flat(one, str(n), 0.0, rhythms=spans[0]) for n, one in enumerate(plain)]
    assert foundation_view.coloured_by(same) == (["p0", "p1"], "patient")
    many = [flat(record, str(n), 0.0, diagnoses={}, rhythms=Spans.empty()) for n in range(10)]
    assert len(set(foundation_view.coloured_by(many)[0])) == 10
