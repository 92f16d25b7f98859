"""Marks of WFDB files as beats, rhythm spans and noisy stretches; files that are broken."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.datasets.wfdb_beats import Marks, read_marks, read_record
from heartkit.errors import RecordError
from heartkit.records.record import Record
from heartkit.records.vocabulary import Beat, Rhythm, Wave
from wfdb_files import Mark, cut_short, ecg_like, write_marks, write_signals

RATE = 360
TEXTS = ["(N", "(AFIB", "(VT", "(XYZ", ")", ""]


def marks_of(*marks: Mark) -> Marks:
    """Return marks without going through a file."""
    return Marks(
        np.array([mark.sample for mark in marks]) / RATE,
        [mark.symbol for mark in marks],
        [mark.text for mark in marks],
        np.array([mark.subtype for mark in marks], np.int64),
        np.array([mark.number for mark in marks], np.int64),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_signals(tmp_path, "r", ecg_like(3600, 2), RATE, ["MLII", "V1"])
    write_marks(tmp_path, "r", "atr", [Mark(10, "+", "(N"), Mark(100, "N"), Mark(300, "~", subtype=2), Mark(400, "V")])
    return tmp_path


def test_signals_come_back_as_written(folder: Path) -> None:
    record = read_record(folder / "r", "r", "somebody")
    np.testing.assert_allclose(record.signals, ecg_like(3600, 2), atol=1e-6)
    assert (record.leads, record.units, record.sampling_rate, record.patient) == (
        ("MLII", "V1"), ("mV", "mV"), 360.0, "somebody",
    )  # fmt: skip


def test_marks_come_back_as_written(folder: Path) -> None:
    marks = read_marks(folder / "r", "atr", read_record(folder / "r", "r", "r"))
    np.testing.assert_allclose(marks.time, np.array([10, 100, 300, 400]) / 360)
    assert marks.symbol == ["+", "N", "~", "V"]
    assert marks.text == ["(N", "", "", ""]
    np.testing.assert_array_equal(marks.subtype, [0, 0, 2, 0])


def test_beats_leave_out_what_is_no_beat_and_keep_artefacts_as_noise() -> None:
    beats = marks_of(Mark(1, "N"), Mark(2, "+", "(N"), Mark(3, "|"), Mark(4, "!"), Mark(5, "x"), Mark(6, "F")).beats()
    assert beats.kind.tolist() == [Beat.NORMAL, Beat.NOISE, Beat.FUSION]
    np.testing.assert_allclose(beats.time * RATE, [1, 3, 6])


def test_a_rhythm_lasts_until_the_next_and_the_last_until_the_end() -> None:
    spans = marks_of(Mark(36, "+", "(AFIB"), Mark(360, "+", "(N"), Mark(500, '"', "(T")).rhythms(10.0)
    assert spans.kind.tolist() == [Rhythm.AFIB, Rhythm.SR]
    np.testing.assert_allclose([spans.start, spans.stop], [[0.1, 1.0], [1.0, 10.0]])


def test_a_closed_rhythm_leaves_the_rest_unknown() -> None:
    spans = marks_of(Mark(0, "+", ")"), Mark(36, "+", "(AFL"), Mark(72, "+", ")"), Mark(360, "+", "(N")).rhythms(10.0)
    assert spans.kind.tolist() == [Rhythm.AFLUT, Rhythm.SR]
    np.testing.assert_allclose([spans.start, spans.stop], [[0.1, 1.0], [0.2, 10.0]])


def test_a_rhythm_without_a_word_is_another() -> None:
    assert marks_of(Mark(0, "+", "(PREX"), Mark(9, "+", "(XYZ")).rhythms(1.0).kind.tolist() == [Rhythm.OTHER] * 2


def test_noise_is_told_for_each_lead_and_lasts_until_it_is_called_off() -> None:
    marks = marks_of(*(Mark(at, "~", subtype=bits) for at, bits in ((36, 1), (72, 3), (108, 2), (144, 0), (180, -1))))
    noise = marks.noise(2, 1.0)
    assert set(noise.kind.tolist()) == {Wave.NOISE}
    first, second = noise.on_lead(0), noise.on_lead(1)
    np.testing.assert_allclose([first.onset, first.offset], [[0.1, 0.5], [0.3, 1.0]])
    np.testing.assert_allclose([second.onset, second.offset], [[0.2, 0.5], [0.4, 1.0]])


@given(st.lists(st.tuples(st.integers(0, 3599), st.sampled_from("+~N|"), st.sampled_from(TEXTS), st.integers(-1, 3))))
def test_spans_agree_with_going_through_the_marks_sample_by_sample(rows: list[tuple[int, str, str, int]]) -> None:
    rows = sorted({row[0]: row for row in rows}.values())  # one mark at a time
    marks = marks_of(*(Mark(*row) for row in rows))
    rhythm, noisy = np.full(3600, -1), np.zeros((2, 3600), bool)
    for at, symbol, text, bits in rows:
        if symbol == "+":
            rhythm[at:] = {"(N": 0, "(AFIB": 7, "(VT": 6, "(XYZ": 126}.get(text, -1)
        if symbol == "~":
            noisy[0, at:], noisy[1, at:] = bits in (1, 3, -1), bits in (2, 3, -1)
    spans, noise = marks.rhythms(10.0), marks.noise(2, 10.0)
    found, found_noisy = np.full(3600, -1), np.zeros((2, 3600), bool)
    for kind, start, stop in zip(spans.kind, spans.start, spans.stop, strict=True):
        found[round(start * RATE) : round(stop * RATE)] = kind
    for lead, start, stop in zip(noise.lead, noise.onset, noise.offset, strict=True):
        found_noisy[lead, round(start * RATE) : round(stop * RATE)] = True
    np.testing.assert_array_equal(found, rhythm)
    np.testing.assert_array_equal(found_noisy, noisy)


@pytest.mark.parametrize("suffix", ["hea", "dat"])
def test_a_missing_or_truncated_signal_is_an_error_of_the_record(folder: Path, suffix: str) -> None:
    cut_short(folder / f"r.{suffix}", 40 if suffix == "hea" else 500)
    with pytest.raises(RecordError, match=r"Record 'r': its header r\.hea or its signals cannot be read \("):
        read_record(folder / "r", "r", "r")
    (folder / f"r.{suffix}").unlink()
    with pytest.raises(RecordError, match=rf"^Record 'r': r\.{suffix} is not there\.$"):
        read_record(folder / "r", "r", "r")


@pytest.mark.parametrize("keep", range(16))
def test_a_truncated_annotation_file_is_an_error_and_not_a_short_one(folder: Path, keep: int) -> None:
    assert (folder / "r.atr").stat().st_size == 16
    cut_short(folder / "r.atr", keep)
    with pytest.raises(RecordError, match="'r'"):
        read_marks(folder / "r", "atr", read_record(folder / "r", "r", "r"))


def test_a_missing_annotation_file_is_an_error_of_the_record(folder: Path) -> None:
    with pytest.raises(RecordError, match=r"^Record 'r': r\.q1c is not there\.$"):
        read_marks(folder / "r", "q1c", read_record(folder / "r", "r", "r"))


@given(st.binary(max_size=60))
def test_whatever_an_annotation_file_holds_the_error_is_the_record_s(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("marks")
    (folder / "r.atr").write_bytes(data + b"\0\0")
    record = Record("r", "r", 360.0, ("ECG",), ("mV",), np.zeros((1, 3600), np.float32))
    try:
        marks = read_marks(folder / "r", "atr", record)
    except RecordError:
        return
    assert len(marks.time) == len(marks.symbol) == len(marks.text) == len(marks.subtype)
