"""MIT-BIH Arrhythmia: real records against wfdb and the published counts, and tiny ones in its format."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import wfdb

from heartkit.datasets.mitdb import SPLITS, Mitdb
from heartkit.errors import DatasetMissingError, RecordError
from heartkit.records.codes import AAMI
from heartkit.records.record import Record
from heartkit.records.splits import split_patients
from heartkit.records.store import prepare
from heartkit.records.vocabulary import Beat, Rhythm, Wave
from wfdb_files import Mark, cut_short, ecg_like, write_marks, write_signals


@pytest.fixture(scope="module")
def real(shared_data: Path) -> Mitdb:
    return Mitdb(shared_data / "mitdb" / "1.0.0")


@pytest.fixture
def tiny(tmp_path: Path) -> Mitdb:
    """Six records of ten seconds: two of DS1, two of DS2, a paced one, and one that is not of the database."""
    for number, name in enumerate(["101", "114", "100", "202", "102", "999"]):
        leads = ["V5", "MLII"] if name == "114" else ["V5", "V2"] if name == "102" else ["MLII", "V1"]
        write_signals(tmp_path, name, ecg_like(3600, 2, number), 360, leads)
        marks = [Mark(18, "+", "(N\0"), Mark(370, "N"), Mark(700, "V"), Mark(900, "~", subtype=1), Mark(1000, "A")]
        write_marks(tmp_path, name, "atr", [*marks, Mark(1200, "~"), Mark(1800, "+", "(AFIB"), Mark(2000, "F")])
    return Mitdb(tmp_path)


def test_published_split_and_the_paced_in_none(tiny: Mitdb) -> None:
    listing = tiny.listing()
    assert {info.id: info.split for info in listing} == {
        "100": "test", "101": "train", "102": "none", "114": "train", "202": "test",
    }  # fmt: skip
    groups = split_patients("mitdb", listing, tiny.published_splits)
    assert sorted(groups["train"] + groups["val"]) == ["101", "114"]
    assert len(groups["val"]) == 1
    assert sorted(groups["test"]) == ["100", "202"]


def test_splits_are_of_22_22_and_4_records() -> None:
    groups = {split: set(records.split()) for split, records in SPLITS.items()}
    assert {split: len(records) for split, records in groups.items()} == {"train": 22, "test": 22, "none": 4}
    assert len(set.union(*groups.values())) == 48


def test_a_record_as_written(tiny: Mitdb) -> None:
    record = tiny.read("114")
    assert record.leads == ("V5", "MLII")
    np.testing.assert_allclose(record.signals, ecg_like(3600, 2, 1), atol=1e-6)
    assert record.beats.kind.tolist() == [Beat.NORMAL, Beat.PVC, Beat.PAC, Beat.FUSION]
    np.testing.assert_allclose(record.beats.time * 360, [370, 700, 1000, 2000])
    assert record.rhythms.kind.tolist() == [Rhythm.SR, Rhythm.AFIB]
    np.testing.assert_allclose([record.rhythms.start, record.rhythms.stop], [[0.05, 5.0], [5.0, 10.0]])
    assert (record.waves.kind.tolist(), record.waves.lead.tolist()) == ([Wave.NOISE], [0])
    np.testing.assert_allclose([record.waves.onset, record.waves.offset], [[2.5], [1200 / 360]])
    assert len(record.annotated) == 0


def test_one_broken_record_costs_only_itself(tiny: Mitdb, tmp_path: Path) -> None:
    cut_short(tiny.path / "100.dat", 100)
    cut_short(tiny.path / "101.atr", 8)
    (tiny.path / "102.atr").unlink()
    write_marks(tiny.path, "114", "atr", [Mark(37, "N"), Mark(3700, "N")])
    names = ["100", "101", "102", "114", "202"]
    results = dict(zip(names, tiny.read_many(names), strict=True))
    assert isinstance(results.pop("202"), Record)
    assert all(isinstance(error, RecordError) and repr(name) in str(error) for name, error in results.items())
    assert "beyond the end" in str(results["114"])
    store = prepare(tiny, 100, tmp_path / "cache", progress=False)
    assert store.ids == ["202"]
    assert set(store.skipped) == {"100", "101", "102", "114"}
    np.testing.assert_allclose(store.record(0).beats.time * 360, [370, 700, 1000, 2000])


def test_fingerprint_follows_the_files(tiny: Mitdb) -> None:
    before = tiny.fingerprint()
    assert before == Mitdb(tiny.path).fingerprint()
    write_marks(tiny.path, "114", "atr", [Mark(37, "N")])
    assert before != tiny.fingerprint()


def test_no_folder_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="heartkit download"):
        Mitdb(tmp_path / "nowhere").listing()


def test_ds1_has_the_beats_that_de_chazal_published(real: Mitdb) -> None:
    records = [real.read(info.id) for info in real.listing() if info.split == "train"]
    kinds = Counter(AAMI[Beat(kind)] for record in records for kind in record.beats.kind if kind != Beat.NOISE)
    assert kinds == {"N": 45866, "S": 944, "V": 3788, "F": 415, "Q": 8}


@pytest.mark.parametrize("name", ["104", "114", "201", "203", "207"])
def test_a_real_record_agrees_with_wfdb(real: Mitdb, name: str) -> None:
    record = real.read(name)
    raw, marks = wfdb.rdrecord(str(real.path / name)), wfdb.rdann(str(real.path / name), "atr")
    np.testing.assert_array_equal(record.signals, raw.p_signal.T.astype(np.float32))
    assert (record.leads, record.units) == (tuple(raw.sig_name), tuple(raw.units))
    paced = [at for at, symbol in zip(marks.sample, marks.symbol, strict=True) if symbol in "/f"]
    found = record.beats.time[record.beats.kind == Beat.UNCLASSIFIED] * 360
    assert set(np.round(found)) >= set(paced)
    changes = [at for at, symbol in zip(marks.sample, marks.symbol, strict=True) if symbol == "+"]
    np.testing.assert_allclose(record.rhythms.start * 360, changes)
    np.testing.assert_allclose(record.rhythms.stop[:-1] * 360, changes[1:])
    assert record.rhythms.stop[-1] == pytest.approx(650000 / 360)


def test_rhythms_last_as_long_as_the_raw_marks_say(real: Mitdb) -> None:
    words = {"(AFIB": Rhythm.AFIB, "(AFL": Rhythm.AFLUT, "(VFL": Rhythm.VFLUT, "(VT": Rhythm.VTACH, "(P": Rhythm.PACE}
    for name in ("203", "207", "217"):
        marks, spans = wfdb.rdann(str(real.path / name), "atr"), real.read(name).rhythms
        told = [(at, note.rstrip("\0")) for at, note in zip(marks.sample, marks.aux_note, strict=True) if "(" in note]
        seconds: Counter[str] = Counter()
        for (at, note), (until, _) in zip(told, [*told[1:], (650000, "")], strict=True):
            seconds[note] += (until - at) / 360
        for note, kind in words.items():
            lasted = float((spans.stop - spans.start)[spans.kind == kind].sum())
            assert lasted == pytest.approx(seconds[note], abs=1e-6)
        assert len(set(words) & set(seconds)) >= 2
