"""The noise records as a dataset."""

from pathlib import Path

import numpy as np
import pytest
import wfdb

from heartkit.datasets.nstdb import NOISES, Nstdb, noise_records
from heartkit.errors import DatasetMissingError, RecordError
from heartkit.records.record import Record
from heartkit.records.splits import split_patients
from heartkit.records.store import prepare
from wfdb_files import cut_short, ecg_like, write_signals


@pytest.fixture
def tiny(tmp_path: Path) -> Nstdb:
    for number, name in enumerate([*NOISES, "118e24"]):
        write_signals(tmp_path, name, ecg_like(3600, 2, number), 360, ["noise1", "noise2"])
    return Nstdb(tmp_path)


def test_the_noise_records_are_listed_and_in_no_split(tiny: Nstdb) -> None:
    listing = tiny.listing()
    assert [info.id for info in listing] == ["bw", "em", "ma"]
    assert split_patients("nstdb", listing, tiny.published_splits) == {"train": [], "val": [], "test": []}


def test_a_record_as_written_and_as_the_augmentations_see_it(tiny: Nstdb) -> None:
    noises = noise_records(tiny.path)
    for number, name in enumerate(NOISES):
        record = tiny.read(name)
        np.testing.assert_allclose(record.signals, ecg_like(3600, 2, number), atol=1e-6)
        np.testing.assert_array_equal(record.signals, noises.signals[name])
        assert record.sampling_rate == noises.sampling_rate == 360


def test_the_folder_above_the_version_does_too(tmp_path: Path) -> None:
    for name in NOISES:
        write_signals(tmp_path / "nstdb" / "1.0.0", name, ecg_like(720, 2), 360, ["noise1", "noise2"])
    dataset = Nstdb(tmp_path / "nstdb")
    assert len(dataset.listing()) == 3
    assert dataset.read("ma").signals.shape == (2, 720)


def test_records_with_noisy_ecg_are_not_read(tiny: Nstdb) -> None:
    with pytest.raises(RecordError, match=r"'118e24'.*bw, em, ma"):
        tiny.read("118e24")


def test_only_the_noise_records_are_downloaded() -> None:
    dataset = Nstdb(Path("nowhere"))
    files = ["bw.dat", "bw.hea", "em.hea", "ma.dat", "118e24.dat", "118e24.atr", "119e_6.hea", "old/em.dat", "RECORDS"]
    assert [file for file in files if dataset.wanted(file)] == ["bw.dat", "bw.hea", "em.hea", "ma.dat", "old/em.dat"]


def test_missing_and_broken_files(tiny: Nstdb, tmp_path: Path) -> None:
    cut_short(tiny.path / "em.dat", 99)
    first, broken, last = tiny.read_many(["bw", "em", "ma"])
    assert isinstance(first, Record)
    assert isinstance(last, Record)
    assert isinstance(broken, RecordError)
    assert prepare(tiny, 100, tmp_path / "cache", progress=False).ids == ["bw", "ma"]
    (tiny.path / "ma.dat").unlink()
    with pytest.raises(DatasetMissingError, match=r"ma\.dat.*heartkit download"):
        tiny.listing()


def test_the_real_records_agree_with_wfdb(shared_data: Path) -> None:
    dataset = Nstdb(shared_data / "nstdb" / "1.0.0")
    for info in dataset.listing():
        record = dataset.read(info.id)
        raw = wfdb.rdrecord(str(dataset.path / info.id))
        np.testing.assert_array_equal(record.signals, raw.p_signal.T.astype(np.float32))
        assert record.units == ("mV", "mV")
        assert record.duration == pytest.approx(1805.56, abs=0.01)
