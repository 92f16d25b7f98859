"""Icentia11k: a real segment against wfdb, and tiny ones in its layout, which must be listed without being opened."""

import time
from pathlib import Path

import numpy as np
import pytest
import wfdb

from heartkit.datasets.icentia11k import Icentia11k
from heartkit.errors import ConfigError, DatasetMissingError, RecordError
from heartkit.records.record import Record
from heartkit.records.splits import split_patients
from heartkit.records.store import prepare
from heartkit.records.vocabulary import Beat, Rhythm
from wfdb_files import Mark, cut_short, ecg_like, write_marks, write_signals


@pytest.fixture
def tiny(tmp_path: Path) -> Icentia11k:
    """Two segments of patient 1000 and one of patient 7, of ten seconds."""
    for number, name in enumerate(["p01000_s00", "p01000_s07", "p00007_s00"]):
        folder = tmp_path / name[:3] / name[:6]
        write_signals(folder, name, ecg_like(2500, 1, number), 250, ["ecg"], form="16")
        rhythm = [Mark(28, "+", "(AFIB"), Mark(1000, "+", ")"), Mark(1500, "+", "(N"), Mark(2400, "+", ")")]
        beats = [Mark(29, "N"), Mark(300, "S"), Mark(700, "V"), Mark(1200, "Q")]
        write_marks(folder, name, "atr", sorted([*rhythm, *beats]))
    (tmp_path / "RECORDS").write_text("p00/p00007/p00007_s00\n")
    return Icentia11k(tmp_path)


def empty_files(folder: Path, patients: int, segments: int) -> None:
    """Make the layout with empty files: who opens one gets no header."""
    for patient in range(patients):
        inside = folder / f"p{patient // 1000:02d}" / f"p{patient:05d}"
        inside.mkdir(parents=True)
        for segment in range(segments):
            for suffix in ("hea", "dat", "atr"):
                (inside / f"p{patient:05d}_s{segment:02d}.{suffix}").touch()


def test_listing_names_segments_and_patients(tiny: Icentia11k) -> None:
    assert [(info.id, info.patient, info.split) for info in tiny.listing()] == [
        ("p00007_s00", "p00007", None), ("p01000_s00", "p01000", None), ("p01000_s07", "p01000", None),
    ]  # fmt: skip


def test_options_choose_patients_and_segments_for_listing_and_download(tiny: Icentia11k) -> None:
    few = Icentia11k(tiny.path, {"patients": 1000})
    assert [info.id for info in few.listing()] == ["p00007_s00"]
    short = Icentia11k(tiny.path, {"segments": 7})
    assert [info.id for info in short.listing()] == ["p00007_s00", "p01000_s00"]
    assert not few.wanted("p01/p01000/p01000_s00.dat")
    assert few.wanted("p00/p00999/p00999_s49.dat")
    assert not short.wanted("p01/p01000/p01000_s07.dat")
    assert short.wanted("LICENSE.txt")
    assert len({tiny.fingerprint(), few.fingerprint(), short.fingerprint()}) == 3
    with pytest.raises(ConfigError, match="patients"):
        Icentia11k(tiny.path, {"patients": 0})


def test_a_segment_as_written(tiny: Icentia11k) -> None:
    record = tiny.read("p01000_s07")
    np.testing.assert_allclose(record.signals, ecg_like(2500, 1, 1), atol=1e-6)
    assert (record.patient, record.leads, record.units, record.sampling_rate) == ("p01000", ("ecg",), ("mV",), 250.0)
    assert record.beats.kind.tolist() == [Beat.NORMAL, Beat.PAC, Beat.PVC, Beat.UNCLASSIFIED]
    assert record.rhythms.kind.tolist() == [Rhythm.AFIB, Rhythm.SR]
    np.testing.assert_allclose(record.rhythms.start * 250, [28, 1500])
    np.testing.assert_allclose(record.rhythms.stop * 250, [1000, 2400])


def test_broken_segments_cost_only_themselves(tiny: Icentia11k, tmp_path: Path) -> None:
    cut_short(tiny.path / "p01" / "p01000" / "p01000_s00.dat", 1000)
    cut_short(tiny.path / "p01" / "p01000" / "p01000_s07.atr", 10)
    results = tiny.read_many(["p00007_s00", "p01000_s00", "p01000_s07", "p09999_s00"])
    assert isinstance(results[0], Record)
    assert all(isinstance(result, RecordError) for result in results[1:])
    store = prepare(tiny, 100, tmp_path / "cache", progress=False)
    assert (store.ids, set(store.skipped)) == (["p00007_s00"], {"p01000_s00", "p01000_s07"})
    np.testing.assert_allclose(store.record(0).rhythms.stop * 250, [1000, 2400])


def test_hundreds_of_empty_segments_are_listed_split_and_fingerprinted_at_once(tmp_path: Path) -> None:
    empty_files(tmp_path, 100, 5)
    dataset = Icentia11k(tmp_path)
    begun = time.process_time()
    listing = dataset.listing()
    groups = split_patients(dataset.name, listing, dataset.published_splits)
    before = dataset.fingerprint()
    assert time.process_time() - begun < 1.0
    assert len(listing) == 500
    assert sum(map(len, groups.values())) == 100
    assert min(map(len, groups.values())) > 5
    assert before == Icentia11k(tmp_path).fingerprint()


def test_fingerprint_sees_a_file_that_appears_and_one_that_is_replaced(tmp_path: Path) -> None:
    empty_files(tmp_path, 2, 1)
    dataset, seen = Icentia11k(tmp_path), set()
    seen.add(dataset.fingerprint())
    (tmp_path / "p00" / "p00001" / "p00001_s01.hea").touch()
    seen.add(dataset.fingerprint())
    part = tmp_path / "p00" / "p00000" / "p00000_s00.dat.part"
    part.write_text("new")
    part.replace(part.with_suffix(""))
    seen.add(dataset.fingerprint())
    assert len(seen) == 3


def test_files_of_another_patient_in_a_folder_are_left_alone(tiny: Icentia11k) -> None:
    (tiny.path / "p00" / "p00007" / "p00008_s00.hea").touch()
    (tiny.path / "p00" / "notes").mkdir()
    (tiny.path / "p00" / "index.html").touch()
    assert len(tiny.listing()) == 3


def test_no_folder_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="heartkit download"):
        Icentia11k(tmp_path / "nowhere").listing()


def test_the_real_segment_agrees_with_wfdb(shared_data: Path) -> None:
    dataset = Icentia11k(shared_data / "icentia11k-continuous-ecg" / "1.0")
    assert [info.id for info in dataset.listing()] == ["p00000_s00"]
    record = dataset.read("p00000_s00")
    stem = str(dataset.path / "p00" / "p00000" / "p00000_s00")
    raw, marks = wfdb.rdrecord(stem), wfdb.rdann(stem, "atr")
    np.testing.assert_array_equal(record.signals, raw.p_signal.T.astype(np.float32))
    normal = [at for at, symbol in zip(marks.sample, marks.symbol, strict=True) if symbol == "N"]
    np.testing.assert_allclose(record.beats.time[record.beats.kind == Beat.NORMAL] * 250, normal)
    # In this segment nobody named a rhythm where the beats are not classified.
    sinus = np.zeros(1048577, bool)
    for start, stop in zip(record.rhythms.start, record.rhythms.stop, strict=True):
        sinus[round(start * 250) : round(stop * 250) + 1] = True
    at = np.round(record.beats.time * 250).astype(int)
    np.testing.assert_array_equal(sinus[at], record.beats.kind == Beat.NORMAL)
