"""CinC 2017: labels and signals, in PhysioNet's folders and flat."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from heartkit.datasets.cinc2017 import RHYTHMS, Cinc2017
from heartkit.errors import DataError, DatasetMissingError, RecordError
from heartkit.records.record import Record
from heartkit.records.splits import split_patients
from heartkit.records.store import prepare
from heartkit.records.vocabulary import Rhythm
from made_files import fetch_wanted, microvolts, write_mat

LABELS = {"A00001": "N", "A00002": "A", "A01003": "O", "A01004": "~"}


@pytest.fixture(params=["flat", "folders"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "challenge-2017" / "1.0.0"
    for name in LABELS:
        inside = path / "training" / (name[:3] if request.param == "folders" else "")
        write_mat(inside, name, microvolts(1, 3000 + int(name[1:])), 300, ["ECG"])
    (path / "training" / "REFERENCE.csv").write_text("".join(f"{name},{label}\n" for name, label in LABELS.items()))
    return path


def test_records_hold_what_was_written(folder: Path, tmp_path: Path) -> None:
    dataset = Cinc2017(folder)
    infos = dataset.listing()
    assert [(info.id, info.patient, info.split) for info in infos] == [(name, name, None) for name in LABELS]
    expected = dict(zip(LABELS, (Rhythm.SR, Rhythm.AFIB, Rhythm.OTHER, Rhythm.NOISE), strict=True))
    for name, rhythm in expected.items():
        record = dataset.read(name)
        np.testing.assert_allclose(record.signals, microvolts(1, 3000 + int(name[1:])) / 1000, atol=1e-6)
        assert (record.leads, record.units, record.sampling_rate) == (("I",), ("mV",), 300.0)
        assert (record.rhythms.kind.tolist(), record.rhythms.start.tolist()) == ([rhythm], [0.0])
        assert record.rhythms.stop[0] == pytest.approx(record.signals.shape[1] / 300)
    store = prepare(dataset, 100, tmp_path / "cache", progress=False)
    assert store.ids == list(LABELS)
    assert store.annotation("rhythms", 1).kind.tolist() == [Rhythm.AFIB]


def test_corrected_labels_go_before_older_ones(folder: Path) -> None:
    (folder / "REFERENCE-v3.csv").write_text("A00001,A\n")
    dataset = Cinc2017(folder)
    assert dataset.read("A00001").rhythms.kind.tolist() == [Rhythm.AFIB]
    with pytest.raises(RecordError, match=r"'A00002' has no label in REFERENCE-v3\.csv"):
        dataset.read("A00002")


def test_broken_recordings_are_named_and_left_out(folder: Path, tmp_path: Path) -> None:
    header, data = next(folder.rglob("A00001.hea")), next(folder.rglob("A01003.mat"))
    header.unlink()
    data.write_bytes(data.read_bytes()[:100])
    write_mat(next(folder.rglob("A00002.hea")).parent, "A00002", microvolts(2, 600), 300, ["ECG", "other"])
    store = prepare(Cinc2017(folder), 300, tmp_path / "cache", progress=False)
    assert store.ids == ["A01004"]
    assert "A00002' has 2 signals; expected one" in store.skipped["A00002"]
    assert set(store.skipped) == {"A00001", "A00002", "A01003"}


def test_an_unknown_label_is_an_error_with_its_line(folder: Path) -> None:
    file = folder / "training" / "REFERENCE.csv"
    file.write_text(file.read_text().replace(",O", ",0"))
    with pytest.raises(
        DataError, match=r"REFERENCE\.csv, line 3: 'A01003,0'; expected a recording and one of N, A, O, ~"
    ):
        Cinc2017(folder).read("A00001")


def test_entries_to_the_challenge_are_not_fetched(folder: Path, tmp_path: Path) -> None:
    (folder / "sources").mkdir()
    (folder / "sources" / "entry.zip").write_bytes(b"big")
    (folder / "training2017.zip").write_bytes(b"bigger")
    here = Cinc2017(tmp_path / "here")
    with pytest.raises(DatasetMissingError, match="heartkit download"):
        here.listing()
    here = Cinc2017(tmp_path / "here")
    fetched = fetch_wanted(folder.parents[1], here)
    assert {path.partition("/")[0] for path in fetched} == {"training"}
    assert here.read("A01004").rhythms.kind.tolist() == [Rhythm.NOISE]


def test_real_recordings(shared_data: Path) -> None:
    path = shared_data / "challenge-2017" / "1.0.0"
    dataset = Cinc2017(path)
    infos = dataset.listing()
    with (path / "training" / "REFERENCE.csv").open(newline="") as file:
        labels = dict(csv.reader(file))
    assert {info.id for info in infos} == set(labels)
    records = dataset.read_many([info.id for info in infos[::60]])
    for record in records:
        assert isinstance(record, Record)
        written = loadmat(path / "training" / f"{record.id}.mat")["val"]
        np.testing.assert_allclose(record.signals, written / 1000, atol=1e-6)
        assert record.rhythms.kind.tolist() == [RHYTHMS[labels[record.id]]]
    assert len(Counter(str(record.rhythms.kind) for record in records)) > 1
    groups = split_patients("cinc2017", infos, Cinc2017.published_splits)
    shares = {name: len(patients) / len(infos) for name, patients in groups.items()}
    assert shares == pytest.approx({"train": 0.64, "val": 0.16, "test": 0.2}, abs=0.04)
