"""LSAD: folders walked, codes of the header, the test split by number."""

import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from heartkit.datasets.lsad import Lsad
from heartkit.errors import DatasetMissingError, RecordError
from heartkit.records.record import Record
from heartkit.records.splits import split_patients
from heartkit.records.store import prepare
from heartkit.records.vocabulary import Rhythm
from made_files import TWELVE, fetch_wanted, microvolts, write_mat

CODES = {
    3: ("01/010", "426783006"),
    4: ("01/010", "164889003,59118001"),
    12: ("02/025", "426177001,164934002"),
    101: ("02/025", "426783006,427084000"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "ecg-arrhythmia" / "1.0.0"
    for number, (place, codes) in CODES.items():
        comments = ("Age: 46", "Sex: Female", f"Dx: {codes}", "Rx: Unknown")
        write_mat(path / "WFDBRecords" / place, f"JS{number:05d}", microvolts(12, 5000, number), 500, TWELVE, *comments)
    (path / "ConditionNames_SNOMED-CT.csv").write_text("AcronymName,FullName,Snomed_CT\n")
    return path


def test_listing_walks_the_folders_and_holds_out_every_fourth_number(folder: Path) -> None:
    infos = Lsad(folder).listing()
    assert [(info.id, info.patient, info.split) for info in infos] == [
        ("JS00003", "JS00003", None), ("JS00004", "JS00004", "test"),
        ("JS00012", "JS00012", "test"), ("JS00101", "JS00101", None),
    ]  # fmt: skip
    groups = split_patients("lsad", infos, Lsad.published_splits)
    assert set(groups["test"]) == {"JS00004", "JS00012"}


def test_records_hold_what_was_written(folder: Path) -> None:
    record = Lsad(folder).read("JS00012")
    np.testing.assert_allclose(record.signals, microvolts(12, 5000, 12) / 1000, atol=1e-6)
    assert (record.sampling_rate, record.leads, set(record.units)) == (500.0, TWELVE, {"mV"})
    assert record.diagnoses == {"426177001": 100.0, "164934002": 100.0}
    assert (record.rhythms.kind.tolist(), record.rhythms.stop.tolist()) == ([Rhythm.SBRAD], [10.0])
    assert len(Lsad(folder).read("JS00101").rhythms) == 0, "two rhythms are stated"


def test_normal_ecgs_are_a_weak_label_that_has_to_be_asked_for(folder: Path) -> None:
    assert "NORM" not in Lsad(folder).read("JS00003").diagnoses
    asked = Lsad(folder, {"sinus_is_normal": True})
    assert asked.read("JS00003").diagnoses == {"426783006": 100.0, "NORM": 100.0}
    assert "NORM" not in asked.read("JS00101").diagnoses
    assert asked.fingerprint() != Lsad(folder).fingerprint()


def test_broken_recordings_are_named_and_left_out(folder: Path, tmp_path: Path) -> None:
    first, second = folder / "WFDBRecords/01/010", folder / "WFDBRecords/02/025"
    (first / "JS00003.hea").unlink()
    data = first / "JS00004.mat"
    data.write_bytes(data.read_bytes()[:5000])
    # As in JS01052 and JS23074 of the publisher: the end of the first line is lost, and the next one runs on.
    lines = (second / "JS00012.hea").read_text().splitlines()
    merged = [lines[0].split(" 23-Mar")[0] + "00/mV 16 0 5 0 0 I", *lines[2:]]
    (second / "JS00012.hea").write_text("\n".join(merged) + "\n")
    (second / "JS00101.hea").write_text((second / "JS00101.hea").read_text().replace("#Dx", "#Diagnosis"))
    results = dict(zip(CODES, Lsad(folder).read_many([f"JS{number:05d}" for number in CODES]), strict=True))
    assert all(isinstance(result, RecordError) for result in results.values())
    assert "no line '#Dx:'" in str(results[101])
    write_mat(first, "JS00003", microvolts(12, 5000), 500, TWELVE, "Dx: 426783006")
    store = prepare(Lsad(folder), 250, tmp_path / "cache", progress=False)
    assert store.ids == ["JS00003"]
    assert store.signals(0).shape == (12, 2500)
    assert set(store.skipped) == {"JS00004", "JS00012", "JS00101"}


def test_other_leads_than_the_twelve_are_refused(folder: Path) -> None:
    write_mat(folder / "WFDBRecords/01/010", "JS00005", microvolts(2, 500), 500, ("II", "I"), "Dx: 426783006")
    with pytest.raises(RecordError, match="'JS00005' has leads II, I; expected I, II, III"):
        Lsad(folder).read("JS00005")


def test_download_and_unknown_records(folder: Path, tmp_path: Path) -> None:
    here = Lsad(tmp_path / "here")
    with pytest.raises(DatasetMissingError, match="heartkit download"):
        here.listing()
    here = Lsad(tmp_path / "here")
    assert len(fetch_wanted(folder.parents[1], here)) == 2 * len(CODES) + 1
    assert [info.id for info in here.listing()] == [info.id for info in Lsad(folder).listing()]
    with pytest.raises(RecordError, match="'JS99999' has no file"):
        here.read("JS99999")
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(here)).read("JS00004").signals, here.read("JS00004").signals
    )


def test_real_recordings(shared_data: Path) -> None:
    path = shared_data / "ecg-arrhythmia" / "1.0.0"
    dataset = Lsad(path)
    ids = [info.id for info in dataset.listing()]
    assert set(ids) == {file.stem for file in path.rglob("JS*.hea")}
    for record in dataset.read_many(ids[::3]):
        assert isinstance(record, Record)
        stem = next(path.rglob(f"{record.id}.hea"))
        np.testing.assert_allclose(record.signals, loadmat(stem.with_suffix(".mat"))["val"] / 1000, atol=1e-6)
        (codes,) = re.findall(r"^# ?Dx: (\S+)$", stem.read_text(), re.MULTILINE)
        assert list(record.diagnoses) == codes.split(",")
    fast = dataset.read("JS45545")
    assert fast.rhythms.kind.tolist() == [Rhythm.VTACH]
