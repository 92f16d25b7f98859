"""Rhythms of whole recordings, window by window: methods whose answers are known."""

import numpy as np
import pytest

from heartkit.frames.prepared import Prepared
from heartkit.objectives.classify import FrameAnswer
from heartkit.objectives.rhythms import IRREGULARITY_BASELINE, ClassifyRhythm
from heartkit.records.record import Record, Spans
from heartkit.records.vocabulary import Rhythm
from made_records import stored
from scorings import scoring

RATE, SIZE = 100.0, 800
NAMES, MAP = ["SR", "AFIB"], {0: 0, 7: 1}
SPANS = [(Rhythm.SR, 0, 30.5), (Rhythm.NOISE, 30.5, 50), (Rhythm.AFIB, 50, 83), (Rhythm.SR, 83, 90)]
WINDOWS = [0] * 3 + [1] * 4
"""The windows of 8 s that lie wholly within a rhythm that has a class."""


def made(name, rng):
    """Ninety seconds of two leads with an R wave at each beat, which come unevenly while fibrillation lasts."""
    times, at = [], 0.5
    while at < 90:
        times.append(at)
        at += rng.uniform(0.45, 1.15) if 50 <= at < 83 else rng.normal(0.8, 0.01)
    clock = np.arange(9000) / RATE
    signal = sum(np.exp(-(((clock - time) / 0.012) ** 2)) for time in times) + rng.normal(0, 0.01, 9000)
    kinds, starts, stops = zip(*SPANS, strict=True)
    return Record(
        name, f"p{name}", RATE, ("I", "II"), ("mV", "mV"), np.stack([signal, signal + 5]).astype(np.float32),
        rhythms=Spans(np.array(kinds, np.int16), np.array(starts, float), np.array(stops, float)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    rng = np.random.default_rng(0)
    store = stored([made(str(n), rng) for n in range(4)], tmp_path_factory.mktemp("cache"))
    return Prepared("made", store, {"train": ["p0", "p1"], "val": [], "test": ["p2", "p3"]}, ["II"], 1.0)


def test_windows_and_what_is_made_of_them(prepared):
    """A model that doubts every second window: it and the baselines are scored on the others."""
    seen = []

    def predict(frames):
        seen.append(len(frames))
        return np.tile(np.array([[4.0, 0.0], [0.2, 0.0]], np.float32), (len(frames), 1))[: len(frames)]

    answer = FrameAnswer(lambda frames: frames, predict, SIZE, RATE)
    found = ClassifyRhythm().score_recordings([prepared], answer, scoring(NAMES, MAP))
    assert seen == [7, 7]
    assert found["recordings"]["samples"]["confusion"] == [[6, 0], [8, 0]]
    assert found["baselines"]["majority class"]["samples"]["confusion"] == [[0, 6], [0, 8]]
    assert found["recordings"]["samples"]["coverage"] is None
    assert found["recordings"]["samples"]["patients"] == 2

    found = ClassifyRhythm().score_recordings([prepared], answer, scoring(NAMES, MAP, threshold=0.9))
    # Windows 0, 2, 4, 6 of each recording: two of sinus rhythm, two of fibrillation.
    assert found["recordings"]["samples"]["confusion"] == [[4, 0], [4, 0]]
    assert found["recordings"]["samples"]["coverage"] == pytest.approx(4 / 7)
    assert found["baselines"]["majority class"]["samples"]["confusion"] == [[0, 4], [0, 4]]
    assert np.sum(found["baselines"][IRREGULARITY_BASELINE]["samples"]["confusion"]) == 8


def test_irregular_beats_alone_tell_fibrillation(prepared):
    answer = FrameAnswer(lambda frames: frames, lambda frames: np.zeros((len(frames), 2), np.float32), SIZE, RATE)
    found = ClassifyRhythm().score_recordings([prepared], answer, scoring(NAMES, MAP))
    assert found["baselines"][IRREGULARITY_BASELINE]["samples"]["macro_f1"]["value"] > 0.9


def test_rhythms_that_are_too_short_for_a_window(prepared):
    answer = FrameAnswer(lambda frames: frames, lambda frames: np.zeros((len(frames), 2), np.float32), 4000, RATE)
    assert ClassifyRhythm().score_recordings([prepared], answer, scoring(NAMES, MAP)) == {}
