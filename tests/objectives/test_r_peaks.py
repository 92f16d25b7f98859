"""R peaks of whole recordings after EC57: which recordings and beats count, by hand."""

import numpy as np
import pytest

from heartkit.frames.prepared import Prepared
from heartkit.metrics.ec57 import CLASSES
from heartkit.objectives.beat_classes import EC57_CLASS
from heartkit.objectives.r_peaks import scorable, score_r_peaks
from heartkit.objectives.segment import Segment
from heartkit.records.codes import AAMI
from heartkit.records.record import Beats, Record, Spans, Waves
from heartkit.records.vocabulary import Beat, Rhythm
from made_records import stored
from scorings import scoring

RATE = 20.0
NAMES, FOUR = ["none", "P", "QRS", "T"], {0: 0, 1: 1, 2: 2, 3: 3}


def recording(name, seconds=420, leads=("V5", "MLII"), beats=None, rhythms=()):
    """Beats each second from 0.5 s on; each lead's samples are its number, so that a finder knows them apart."""
    times = np.arange(0.5, seconds - 0.4, 1.0) if beats is None else np.asarray(beats, float)
    kinds = np.resize(np.array([Beat.NORMAL, Beat.PVC, Beat.NORMAL, Beat.NOISE], np.int8), len(times))
    kind, start, stop = zip(*rhythms, strict=True) if rhythms else ((), (), ())
    signals = np.arange(len(leads), dtype=np.float32)[:, None] + np.zeros(round(seconds * RATE), np.float32)
    return Record(
        name, name, RATE, leads, ("mV",) * len(leads), signals, beats=Beats(times, kinds),
        rhythms=Spans(np.array(kind, np.int16), np.array(start, float), np.array(stop, float)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    records = [
        recording("1"),
        recording("2", seconds=360, leads=("MLII", "V1"), rhythms=[(Rhythm.SR, 0, 330), (Rhythm.VFLUT, 330, 340.2)]),
        recording("3", seconds=280),  # ends before the five minutes that are left out
        recording("4", leads=("PPG",)),
        recording("5", beats=[]),
    ]
    store = stored(records, tmp_path_factory.mktemp("cache"), RATE)
    return Prepared("made", store, {"train": store.patients, "val": [], "test": []}, None, 1.0)


def test_recordings_with_beats_after_the_first_five_minutes_on_the_lead_of_rhythm(prepared):
    found = [
        (one.store.ids[number], one.store.leads[number][lead]) for one, number, lead in scorable([prepared], "all")
    ]
    assert found == [("1", "MLII"), ("2", "MLII")]
    assert list(scorable([prepared], "test")) == []


def test_what_counts_is_counted(prepared):
    """Of the beats of recording 1 one in four is no beat; the finder sees it, misses one and adds one."""
    seen = []

    def find(signal):
        seen.append(float(signal[0]))
        peaks = np.arange(0.6, len(signal) / RATE - 0.3, 1.0)  # 100 ms late
        first = len(seen) == 1
        return np.append(np.delete(peaks, [310]), [399.0]) if first else peaks

    steps = []
    found = list(scorable([prepared], "all"))
    report = score_r_peaks(found, find, scoring(NAMES), lambda: steps.append(1))
    assert seen == [1, 0]  # MLII is the second lead of one, the first of the other
    assert len(steps) == 2
    assert report["leads"] == {"made/1": "MLII", "made/2": "MLII"}
    one, two = (report["records"][name] for name in ("made/1", "made/2"))
    # From 300 s on: 120 marks, of which 30 are noise. 310 is 310 % 4 == 2, a normal beat that was taken out.
    assert np.sum(np.array(one["counts"])[:-1]) == 90
    assert one["qrs_se"] == pytest.approx(89 / 90)
    assert one["qrs_ppv"] == pytest.approx(89 / (89 + 30 + 1))
    # 60 marks in 300..360 s, ten of them in flutter (330.5 to 339.5), of which 330.5 + 4k.. are as above by position.
    kinds = np.resize([0, 2, 0, -1], 360)[300:]
    outside = np.ones(60, bool)
    outside[30:40] = False
    beats = (kinds >= 0) & outside
    assert np.sum(np.array(two["counts"])[:-1]) == beats.sum()
    assert two["qrs_se"] == 1
    # What is found within the flutter, but for what lies at its edges, counts neither way.
    extra = (~beats & outside).sum()
    assert two["qrs_ppv"] == pytest.approx(beats.sum() / (beats.sum() + extra))
    hits = 89 + beats.sum()
    assert report["gross"]["qrs_se"]["value"] == pytest.approx(hits / (hits + 1))
    assert report["average"]["qrs_se"]["value"] == pytest.approx((89 / 90 + 1) / 2)


def test_kinds_of_beats_are_those_of_the_standard():
    for kind, number in EC57_CLASS.items():
        if kind != Beat.NOISE:
            assert CLASSES[number] == AAMI[kind]
    assert set(EC57_CLASS) == set(Beat)


def test_recordings_with_nothing_but_beats_are_scored_by_these_alone(prepared):
    def answer(signal, lead):
        times = np.arange(0.5, len(signal) / RATE - 0.4, 1.0)
        waves = Waves(np.full(len(times), 2, np.int8), times, times, times, np.full(len(times), lead, np.int16))
        return np.zeros(len(signal), np.int8), waves

    scores = Segment().score_recordings([prepared], answer, scoring(NAMES, FOUR, "all"))
    assert set(scores["recordings"]) == {"r_peaks"}
    assert scores["recordings"]["r_peaks"]["gross"]["qrs_se"]["value"] == 1
    assert set(scores["baselines"]) == {"NeuroKit2 delineator"}
    # A flat line has no R peaks for the classical detector.
    assert scores["baselines"]["NeuroKit2 delineator"]["r_peaks"]["gross"]["qrs_se"]["value"] == 0


def test_classes_that_tell_no_qrs_have_no_r_peaks(prepared):
    pulses = scoring(["systolic", "diastolic"], {6: 0, 7: 1}, "all")
    assert Segment().score_recordings([prepared], lambda signal, lead: None, pulses) == {}
