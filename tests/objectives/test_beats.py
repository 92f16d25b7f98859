"""Beats of whole recordings after EC57: methods whose answers are known, counted by hand."""

import numpy as np
import pytest

from heartkit.frames.beat_frames import BeatAnswer
from heartkit.frames.prepared import Prepared
from heartkit.metrics.ec57 import CLASSES
from heartkit.objectives.beat_classes import ec57_classes
from heartkit.objectives.beats import TIMING_BASELINE, ClassifyBeats
from heartkit.objectives.classify import FrameAnswer
from heartkit.records.record import Beats, Record, Spans
from heartkit.records.vocabulary import Beat, Rhythm
from made_records import stored
from scorings import scoring

RATE, SIZE = 20.0, 20
NAMES, MAP = ["normal", "PAC", "PVC"], {0: 0, 1: 1, 2: 2}


def made(name, seconds, seed):
    """A recording whose samples are the numbers of their place, with a beat each second or earlier, of any kind."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice([0, 1, 2, 3, 4, 5], int(seconds), p=[0.6, 0.12, 0.12, 0.04, 0.07, 0.05]).astype(np.int8)
    times = np.arange(int(seconds)) + 0.5 - 0.25 * (kinds == Beat.PAC) - 0.15 * (kinds == Beat.PVC)
    rhythms = Spans(np.array([Rhythm.VFLUT], np.int16), np.array([400.0]), np.array([420.0]))
    signal = np.arange(int(seconds * RATE), dtype=np.float32)[None]
    return Record(
        name, f"p{name}", RATE, ("II",), ("mV",), signal, beats=Beats(times, kinds),
        rhythms=rhythms if seconds > 420 else Spans.empty(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Two recordings for testing, one of them short, and one to train on."""
    records = [made("1", 500, 1), made("2", 200, 2), made("3", 450, 3)]
    store = stored(records, tmp_path_factory.mktemp("cache"), RATE)
    return Prepared("made", store, {"train": ["p3"], "val": [], "test": ["p1", "p2"]}, None, 1.0)


def answering(decide, size=3):
    """A model that is sure of ``decide(number of the sample in the middle of a frame)``."""

    def predict(frames):
        classes = [decide(int(frame[SIZE // 2, 0])) for frame in frames]
        return 6 * np.eye(size, dtype=np.float32)[np.array(classes, int)]

    return BeatAnswer(FrameAnswer(lambda frames: frames, predict, SIZE, RATE), rr=False)


def knowing(prepared, wrong=lambda kind, at: kind):
    """A decision by the annotation, with errors as a function says; recordings differ in their first beats only."""
    table = {}
    for number in (0, 1):
        beats = prepared.store.record(number).beats
        for at, (time, kind) in enumerate(zip(beats.time, beats.kind, strict=True)):
            table[number, round(time * RATE)] = wrong(int(kind), at)
    return table


def test_a_method_that_knows_is_right_and_baselines_stand_beside(prepared):
    one = Prepared("made", prepared.store, {**prepared.groups, "test": ["p1"]}, None, 1.0)
    table = knowing(one)
    answer = answering(lambda middle: min(table[0, middle], 2) if table[0, middle] < 3 else 0)
    found = ClassifyBeats().score_recordings([one], answer, scoring(NAMES, MAP))
    gross = found["recordings"]["ec57"]["gross"]
    assert {name: score["value"] for name, score in gross.items() if not name.endswith("fpr")} == dict.fromkeys(
        ("veb_se", "veb_ppv", "veb_accuracy", "sveb_se", "sveb_ppv", "sveb_accuracy"), 1.0
    )
    assert found["recordings"]["samples"]["macro_f1"]["value"] == 1
    beats = one.store.record(0).beats
    counted = (beats.time >= 300) & ~((beats.time >= 400) & (beats.time <= 420)) & (beats.kind != Beat.NOISE)
    # Beats whose frame is cut off by an end of the recording have no name: they are Q.
    matrix = np.array(found["recordings"]["ec57"]["matrix"]["counts"])
    assert matrix.sum() == counted.sum()
    for letter, kind in zip(CLASSES, (0, 1, 2, 4, 5), strict=True):
        assert matrix[CLASSES.index(letter)].sum() == (counted & (beats.kind == kind)).sum()
    assert matrix[:, -1].sum() == matrix[-1].sum() == 0
    assert found["recordings"]["ec57"]["short"] == 0
    majority = found["baselines"]["majority class"]
    assert majority["ec57"]["gross"]["veb_se"]["value"] == 0
    known = beats.kind[beats.kind <= 2]
    assert majority["samples"]["accuracy"]["value"] == pytest.approx((known == 0).mean())
    timing = found["baselines"][TIMING_BASELINE]["samples"]
    assert timing["macro_f1"]["value"] > majority["samples"]["macro_f1"]["value"] + 0.2


def test_errors_are_counted_as_the_standard_says(prepared):
    """Every other ventricular beat is called normal, every fusion beat ventricular, every third normal one SVEB."""

    def wrong(kind, at):
        return {0: 1 if at % 3 == 0 else 0, 1: 1, 2: 0 if at % 2 else 2, 4: 2, 5: 1}.get(kind, 0)

    one = Prepared("made", prepared.store, {**prepared.groups, "test": ["p1"]}, None, 1.0)
    table = knowing(one, wrong)
    found = ClassifyBeats().score_recordings([one], answering(lambda middle: table[0, middle]), scoring(NAMES, MAP))[
        "recordings"
    ]["ec57"]
    beats = one.store.record(0).beats
    starts = np.rint(beats.time * RATE) - SIZE // 2
    whole = (starts >= 0) & (starts + SIZE <= one.store.samples[0])
    use = (beats.time >= 300) & ~((beats.time >= 400) & (beats.time <= 420)) & (beats.kind != Beat.NOISE)
    called = np.array([wrong(int(kind), at) for at, kind in enumerate(beats.kind)])
    called[~whole] = -1
    hits = (use & (beats.kind == 2) & (called == 2)).sum()
    gross = {name: score["value"] for name, score in found["gross"].items()}
    assert gross["veb_se"] == pytest.approx(hits / (use & (beats.kind == 2)).sum())
    assert gross["veb_ppv"] == 1  # what is called ventricular besides is fusion, which costs nothing
    named = (use & (called == 1) & (beats.kind != 5)).sum()  # unclassified ones neither
    assert gross["sveb_ppv"] == pytest.approx((use & (beats.kind == 1)).sum() / named)
    assert gross["sveb_se"] == pytest.approx(
        ((called == 1) & use & (beats.kind == 1)).sum() / (use & (beats.kind == 1)).sum()
    )


def test_a_short_recording_is_scored_from_its_beginning_and_said_so(prepared):
    answer = answering(lambda middle: 0)
    found = ClassifyBeats().score_recordings([prepared], answer, scoring(NAMES, MAP))["recordings"]["ec57"]
    assert found["short"] == 1
    assert list(found["records"]) == ["made/1", "made/2"]
    beats = prepared.store.record(1).beats
    assert np.sum(found["records"]["made/2"]["counts"]) == (beats.kind != Beat.NOISE).sum()


def test_what_is_less_sure_than_the_threshold_is_named_by_nobody(prepared):
    def predict(frames):
        sure = np.array([int(frame[SIZE // 2, 0]) % 2 for frame in frames])
        return np.where(sure[:, None] > 0, [8.0, 0, 0], [0.2, 0, 0]).astype(np.float32)

    answer = BeatAnswer(FrameAnswer(lambda frames: frames, predict, SIZE, RATE), rr=False)
    report = ClassifyBeats().score_recordings([prepared], answer, scoring(NAMES, MAP, threshold=0.9))
    found = report["recordings"]
    for baseline in report["baselines"].values():  # on the same beats, however sure it is
        assert np.sum(baseline["samples"]["confusion"], 1).tolist() == np.sum(found["samples"]["confusion"], 1).tolist()
        counts, same = (np.array(one["ec57"]["matrix"]["counts"]) for one in (baseline, found))
        assert counts[:, CLASSES.index("Q")].tolist() == same[:, CLASSES.index("Q")].tolist()
    coverage = found["samples"]["coverage"]
    assert 0.05 < coverage < 0.95
    odd, known = 0, 0
    for number in (0, 1):
        beats = prepared.store.record(number).beats
        at = np.rint(beats.time * RATE).astype(int)
        whole = (at - SIZE // 2 >= 0) & (at - SIZE // 2 + SIZE <= prepared.store.samples[number]) & (beats.kind <= 2)
        odd, known = odd + (at[whole] % 2).sum(), known + whole.sum()
    assert coverage == pytest.approx(odd / known)
    matrix = np.array(found["ec57"]["matrix"]["counts"])
    assert matrix[:5, CLASSES.index("Q")].sum() > 0


@pytest.mark.parametrize(
    ("class_map", "names", "letters", "tables"),
    [
        ({0: 0, 1: 1, 2: 2}, NAMES, "NSV", {"veb", "sveb"}),
        ({0: 0, 1: 1, 2: 2, 4: 3, 5: 4}, list(CLASSES), "NSVFQ", {"veb", "sveb"}),
        ({0: 0, 1: 1, 2: 1}, ["normal", "ectopic"], "NS", set()),
        ({0: 0, 1: 0, 2: 1, 4: 1}, ["others", "ventricular"], "NV", {"veb"}),
        ({0: 0, 5: 0, 1: 1}, ["normal", "PAC"], "NS", {"sveb"}),
        ({0: 0, 2: 1, 3: 2}, ["normal", "PVC", "noise"], "NV-", {"veb"}),
    ],
)
def test_classes_in_the_words_of_the_standard(class_map, names, letters, tables):
    classes = ec57_classes(class_map, names)
    assert [CLASSES[code] if code >= 0 else "-" for code in classes.codes] == list(letters)
    assert {score.partition("_")[0] for score in classes.scores} == tables
    assert set(classes.missing) == {"veb", "sveb"} - tables


def test_classes_that_cannot_be_told_apart_are_named(prepared):
    answer = answering(lambda middle: 0, size=2)
    found = ClassifyBeats().score_recordings([prepared], answer, scoring(["normal", "PAC+PVC"], {0: 0, 1: 1, 2: 1}))[
        "recordings"
    ]
    assert "gross" not in found["ec57"]
    assert "'PAC+PVC' holds other beats than V" in found["ec57"]["missing"]["veb"]
    assert found["samples"]["classes"]["PAC+PVC"]["support"] > 0
