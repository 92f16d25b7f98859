"""QT Database: what the cardiologists marked becomes a label, and nothing they left unsaid does."""

from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import given
from hypothesis import strategies as st

from heartkit.datasets.qtdb import ORIGINS, TEST, Qtdb, origin
from heartkit.datasets.qtdb_waves import complete_waves, manual_stretches, marked_stretches, wave_marks
from heartkit.datasets.wfdb_beats import Marks
from heartkit.errors import ConfigError, RecordError, UnknownNameError
from heartkit.records.record import ALL_LEADS, Record
from heartkit.records.splits import split_patients
from heartkit.records.store import prepare
from heartkit.records.vocabulary import Beat, Wave
from heartkit.records.wave_track import wave_track
from wfdb_files import Mark, cut_short, ecg_like, write_marks, write_signals

NUMBERS = {"p": 0, "N": 1, "t": 2, "u": 3}
BEAT = ["(p)@0,10,20", "(N)@30,35,45", "(t)@60,80,100"]
"""A beat of 150 samples: each wave as its marks and their samples."""


def marks_from(waves: list[str], shift: int = 0) -> list[Mark]:
    """Return marks from texts such as ``"t)@80,100"``."""
    found = []
    for wave in waves:
        symbols, times = wave.split("@")
        owner = NUMBERS[symbols.strip("()")[0]]
        for symbol, time in zip(symbols, times.split(","), strict=True):
            found.append(Mark(int(time) + shift, symbol, number=owner if symbol in "()" else 0))
    return found


def as_marks(marks: list[Mark]) -> Marks:
    """Return marks at one sample a second."""
    columns = [[mark.sample for mark in marks], [mark.subtype for mark in marks], [mark.number for mark in marks]]
    samples, subtypes, numbers = (np.array(column, np.int64) for column in columns)
    return Marks(samples.astype(float), [mark.symbol for mark in marks], [""] * len(marks), subtypes, numbers)


def stretches_of(*beats: tuple[int, list[str]], seen: tuple[int, ...] = (35, 185, 335)) -> list[tuple[float, float]]:
    """Return the manual stretches of beats at shifts."""
    marks = [mark for shift, waves in beats for mark in marks_from(waves, shift)]
    return manual_stretches(wave_marks(as_marks(marks)), [np.array(seen, float)])


def test_beats_that_follow_each_other_make_one_stretch() -> None:
    assert stretches_of((0, BEAT), (150, BEAT), (300, BEAT)) == [(0, 400)]


def test_an_unmarked_beat_in_between_parts_the_stretch() -> None:
    assert stretches_of((0, BEAT), (300, BEAT)) == [(0, 100), (300, 400)]


def test_without_another_annotator_no_beat_is_known_to_follow() -> None:
    assert stretches_of((0, BEAT), (150, BEAT), seen=()) == [(0, 100), (150, 250)]


def test_a_t_wave_without_onset_is_left_out_and_known_to_be_over_at_its_end() -> None:
    beat = [*BEAT[:2], "t)@80,100"]
    assert stretches_of((0, beat), (150, beat)) == [(0, 45), (100, 195)]
    waves = complete_waves(wave_marks(as_marks(marks_from(beat))), ALL_LEADS)
    assert waves.kind.tolist() == [Wave.P, Wave.QRS]


def test_a_u_wave_without_onset_does_the_same() -> None:
    beat = [*BEAT, "u)@110,130"]
    assert stretches_of((0, beat), (150, beat)) == [(0, 100), (130, 250)]


def test_a_whole_u_wave_belongs_to_the_stretch() -> None:
    assert stretches_of((0, [*BEAT, "(u)@105,110,130"]), (150, BEAT)) == [(0, 250)]


def test_an_unmarked_p_wave_is_not_known_to_be_absent() -> None:
    assert stretches_of((0, BEAT), (150, BEAT[1:])) == [(0, 100), (180, 250)]


def test_an_unmarked_t_wave_is_not_known_to_be_absent() -> None:
    assert stretches_of((0, BEAT[:2]), (150, BEAT)) == [(0, 45), (150, 250)]


def test_a_wave_without_an_end_leaves_what_follows_unknown() -> None:
    assert stretches_of((0, [*BEAT[:2], "(t@60,80"]), (150, BEAT)) == [(0, 45), (150, 250)]


def test_a_bracket_of_another_wave_completes_none() -> None:
    marks = marks_from(BEAT)
    marks[0] = Mark(0, "(", number=2)  # an onset of T, then a P wave without one
    first, *rest = wave_marks(as_marks(marks))
    assert not first.complete
    assert all(wave.complete for wave in rest)


def test_a_biphasic_t_wave_is_one_wave() -> None:
    waves = complete_waves(wave_marks(as_marks(marks_from(["(tt)@60,70,85,100"]))), 0)
    assert (waves.onset.tolist(), waves.peak.tolist(), waves.offset.tolist()) == ([60], [70], [100])


def test_a_program_covers_all_but_the_waves_it_found_in_part() -> None:
    marks = marks_from([*BEAT[:2], "t)@80,100"]) + marks_from(BEAT, 150) + marks_from(BEAT[1:], 300)
    assert marked_stretches(wave_marks(as_marks(marks))) == [(0, 45), (150, 400)]


ANY_MARK = st.tuples(st.integers(0, 3), st.sampled_from("(()pNtu)|"), st.integers(-1, 4))


@given(st.lists(ANY_MARK, max_size=40), st.lists(st.floats(0, 120), max_size=10))
def test_labels_only_where_marks_are(rows: list[tuple[int, str, int]], seen: list[float]) -> None:
    at = np.cumsum([row[0] for row in rows], dtype=np.int64)
    marks = [Mark(int(time), symbol, number=owner) for time, (_, symbol, owner) in zip(at, rows, strict=True)]
    found = wave_marks(as_marks(marks))
    waves = complete_waves(found, 0)
    told = {mark.sample for mark in marks}
    assert set(waves.onset) | set(waves.peak) | set(waves.offset) <= told
    for stretches in (manual_stretches(found, [np.array(seen)]), marked_stretches(found)):
        edges = [edge for stretch in stretches for edge in stretch]
        assert edges == sorted(edges)
        assert set(edges) <= told


@pytest.fixture
def tiny(tmp_path: Path) -> Qtdb:
    """Four records of 8 s: two of MIT-BIH (one marked by both cardiologists), a test record, a sudden death."""
    for number, name in enumerate(["sel100", "sel102", "sel123", "sel30"]):
        write_signals(tmp_path, name, ecg_like(2000, 2, number), 250, ["ECG1", "ECG2"])
        if name != "sel30":
            write_marks(tmp_path, name, "atr", [Mark(at + 35, "V" if at else "N") for at in range(0, 1950, 150)])
        whole = [mark for at in range(0, 1800, 150) for mark in marks_from(BEAT, at)]
        write_marks(tmp_path, name, "pu0", whole)
        write_marks(tmp_path, name, "pu1", whole)
        write_marks(tmp_path, name, "q1c", [mark for at in (600, 750) for mark in marks_from(BEAT, at)])
    write_marks(tmp_path, "sel100", "q2c", [mark for at in (600, 750) for mark in marks_from(BEAT[1:], at)])
    return Qtdb(tmp_path)


def test_the_test_split_goes_by_name(tiny: Qtdb) -> None:
    listing = tiny.listing()
    assert {info.id: info.split for info in listing} == {
        "sel100": None, "sel102": None, "sel123": "test", "sel30": None,
    }  # fmt: skip
    assert split_patients("qtdb", listing, tiny.published_splits)["test"] == ["sel123"]
    assert len(set(TEST.split())) == 14


def test_q1c_holds_for_both_leads_around_the_marked_beats(tiny: Qtdb) -> None:
    record = tiny.read("sel100")
    np.testing.assert_allclose(record.signals, ecg_like(2000, 2), atol=1e-6)
    assert set(record.waves.lead) == {ALL_LEADS}
    assert record.annotated.kind.tolist() == [0, 1]
    np.testing.assert_allclose(record.annotated.start * 250, 600)
    np.testing.assert_allclose(record.annotated.stop * 250, 850)
    track = wave_track(record.waves, record.annotated, 2, 2000, 250)
    assert (track[:, :600] == -1).all()
    assert (track[:, 851:] == -1).all()
    assert (track[:, 600:621] == Wave.P).all()
    assert (track[:, 701:750] == Wave.NONE).all()
    assert record.beats.kind.tolist() == [Beat.NORMAL] + [Beat.PVC] * 12


def test_the_second_cardiologist_marked_few_records_and_no_p_waves(tiny: Qtdb) -> None:
    second = Qtdb(tiny.path, {"annotator": "q2c"})
    assert [info.id for info in second.listing()] == ["sel100"]
    record = second.read("sel100")
    assert set(record.waves.kind) == {Wave.QRS, Wave.T}
    np.testing.assert_allclose(record.annotated.start[:2] * 250, [630, 780])


@pytest.mark.parametrize(("annotator", "lead"), [("pu0", 0), ("pu1", 1)])
def test_weak_labels_hold_for_the_lead_the_program_looked_at(tiny: Qtdb, annotator: str, lead: int) -> None:
    record = Qtdb(tiny.path, {"annotator": annotator}).read("sel30")
    assert set(record.waves.lead) == {lead}
    assert record.annotated.kind.tolist() == [lead]
    np.testing.assert_allclose([record.annotated.start[0] * 250, record.annotated.stop[0] * 250], [0, 1750])
    assert len(record.beats) == 0


def test_an_annotator_that_does_not_exist_is_named(tiny: Qtdb) -> None:
    with pytest.raises(ConfigError, match="annotator"):
        Qtdb(tiny.path, {"annotator": "q3c"})
    with pytest.raises((ConfigError, UnknownNameError), match="anotator"):
        Qtdb(tiny.path, {"anotator": "q1c"})


def test_each_annotator_is_prepared_on_its_own(tiny: Qtdb) -> None:
    names = ("q1c", "q2c", "pu0", "pu1")
    assert len({Qtdb(tiny.path, {"annotator": name}).fingerprint() for name in names}) == 4


def test_broken_records_cost_only_themselves(tiny: Qtdb, tmp_path: Path) -> None:
    cut_short(tiny.path / "sel100.dat", 100)
    cut_short(tiny.path / "sel102.q1c", 12)
    write_marks(tiny.path, "sel123", "q1c", marks_from(["t)@80,100"]))
    results = tiny.read_many(["sel100", "sel102", "sel123", "sel30", "sel31"])
    assert [type(result) for result in results] == [RecordError, RecordError, RecordError, Record, RecordError]
    assert "q1c marks no wave" in str(results[2])
    assert prepare(tiny, 100, tmp_path / "cache", progress=False).ids == ["sel30"]


def test_origins_are_as_many_as_published() -> None:
    """Table 1 of Laguna et al. 1997; one of its 24 recordings of sudden death is not in that database today."""
    counts = {database: len(set(records.split())) for database, records in ORIGINS.items()}
    assert counts == {"mitdb": 15, "stdb": 6, "svdb": 13, "ltdb": 4, "edb": 33, "nsrdb": 10, "sddb": 23}
    assert origin("sel100") == ("mitdb", "100")
    assert origin("sele0104") == ("edb", "e0104")
    assert origin("sel17152") is None
    assert origin("100") is None
    assert all(origin(record) for record in TEST.split())


def test_origins_agree_with_the_headers(shared_data: Path) -> None:
    checked = 0
    for header in (shared_data / "qtdb" / "1.0.0").glob("*.hea"):
        lines = [line for line in header.read_text().splitlines() if line.startswith("#Produced by xform")]
        sources = {line.split("from record ")[1].split(",")[0] for line in lines} - {"mqt2"}
        for source in sources:
            found = origin(header.stem)
            assert found is not None
            assert found[1] == source
            checked += 1
    assert checked == 44


@pytest.mark.parametrize("name", ["sel100", "sel14172", "sel223", "sel821", "sele0704"])
def test_real_waves_agree_with_wfdb(shared_data: Path, name: str) -> None:
    dataset = Qtdb(shared_data / "qtdb" / "1.0.0")
    record, marks = dataset.read(name), wfdb.rdann(str(dataset.path / name), "q1c")
    symbols, samples = marks.symbol, marks.sample
    for letter, kind in (("p", Wave.P), ("N", Wave.QRS), ("t", Wave.T), ("u", Wave.U)):
        inside = [i for i, s in enumerate(symbols) if s == letter and symbols[i - 1] == "(" and symbols[i + 1] == ")"]
        found = record.waves.of_kind(kind)
        for times, shift in ((found.onset, -1), (found.peak, 0), (found.offset, 1)):
            np.testing.assert_allclose(times * 250, [samples[i + shift] for i in inside])
    # Where a T wave has no onset, nothing is said from the wave before it to its end.
    track = wave_track(record.waves, record.annotated, 2, record.signals.shape[1], 250)
    for i, symbol in enumerate(symbols):
        if symbol in "tu" and symbols[i - 1] != "(":
            assert (track[:, samples[i - 1] + 1 : samples[i + 1]] == -1).all()
    assert (track[:, : samples[0]] == -1).all()
    assert (track[:, samples[-1] + 1 :] == -1).all()


def test_real_beats_lie_in_the_stretch_at_most_once_per_qrs_complex(shared_data: Path) -> None:
    """In what counts as annotated the source's beats and the cardiologist's complexes are the same."""
    dataset = Qtdb(shared_data / "qtdb" / "1.0.0")
    for name in ("sel114", "sel223", "sele0124"):
        record = dataset.read(name)
        one = record.annotated.kind == 0
        complexes = record.waves.of_kind(Wave.QRS)
        for start, stop in zip(record.annotated.start[one], record.annotated.stop[one], strict=True):
            beats = ((record.beats.time >= start) & (record.beats.time <= stop)).sum()
            assert beats == ((complexes.onset >= start) & (complexes.offset <= stop)).sum()


def test_the_whole_of_a_real_lead_has_weak_labels(shared_data: Path) -> None:
    record = Qtdb(shared_data / "qtdb" / "1.0.0", {"annotator": "pu0"}).read("sel103")
    covered = float((record.annotated.stop - record.annotated.start).sum())
    assert covered > 0.99 * record.duration
    assert len(record.waves.of_kind(Wave.QRS)) == pytest.approx(len(record.beats), abs=10)
