"""PTB-XL: its table, both rates, splits by fold, and what is left of broken files."""

import ast
import csv
import pickle
from collections import Counter
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.datasets.ptbxl import PtbXl, _statements
from heartkit.errors import ConfigError, DataError, DatasetMissingError, RecordError
from heartkit.records.record import Record
from heartkit.records.splits import split_patients
from heartkit.records.store import prepare
from heartkit.records.vocabulary import Rhythm
from made_files import TWELVE, fetch_wanted, microvolts, write_dat

ROWS = [  # ecg_id, patient_id, scp_codes, strat_fold
    (1, "15.0", "{'NORM': 100.0, 'SR': 0.0}", 3),
    (2, "15.0", "{'IMI': 35.0, 'AFIB': 0.0}", 3),
    (3, "16.0", "{'LVH': 100.0}", 9),
    (4, "17.0", "{'SR': 0.0, 'AFIB': 0.0}", 10),
]
COLUMNS = ["ecg_id", "patient_id", "age", "report", "scp_codes", "strat_fold", "filename_lr", "filename_hr"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "ptb-xl" / "1.0.3")


def write_dataset(path: Path) -> Path:
    path.mkdir(parents=True)
    with (path / "ptbxl_database.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number, patient, codes, fold in ROWS:
            names = [f"records{rate}/00000/{number:05d}_{form}" for rate, form in ((100, "lr"), (500, "hr"))]
            writer.writerow([number, patient, "", 'a "report",\nof two lines', codes, fold, *names])
            for rate, name in zip((100, 500), names, strict=True):
                upper = [lead.upper() for lead in TWELVE]
                write_dat((path / name).parent, Path(name).name, microvolts(12, 10 * rate, number), rate, upper)
    (path / "scp_statements.csv").write_text(",description\n")
    return path


def test_listing_has_patients_and_published_splits(folder: Path) -> None:
    infos = PtbXl(folder).listing()
    assert [(info.id, info.patient, info.split) for info in infos] == [
        ("1", "15", "train"), ("2", "15", "train"), ("3", "16", "val"), ("4", "17", "test"),
    ]  # fmt: skip
    assert split_patients("ptbxl", infos, PtbXl.published_splits) == {"train": ["15"], "val": ["16"], "test": ["17"]}


@pytest.mark.parametrize("rate", [100, 500])
def test_records_hold_what_was_written(folder: Path, rate: int) -> None:
    record = PtbXl(folder, {"rate": rate}).read("2")
    np.testing.assert_allclose(record.signals, microvolts(12, 10 * rate, 2) / 1000, atol=1e-6)
    assert (record.sampling_rate, record.leads, set(record.units)) == (rate, TWELVE, {"mV"})
    assert (record.patient, record.split, record.diagnoses) == ("15", "train", {"IMI": 35.0, "AFIB": 0.0})
    assert (record.rhythms.kind.tolist(), record.rhythms.stop.tolist()) == ([Rhythm.AFIB], [10.0])


def test_no_rhythm_where_none_or_two_are_stated(folder: Path) -> None:
    assert [len(PtbXl(folder).read(record).rhythms) for record in "1234"] == [1, 1, 0, 0]


def test_only_the_chosen_rate_is_fetched(folder: Path, tmp_path: Path) -> None:
    dataset = PtbXl(tmp_path / "here", {"rate": 500})
    fetched = fetch_wanted(folder.parents[1], dataset)
    assert {path.partition("/")[0] for path in fetched} == {"ptbxl_database.csv", "scp_statements.csv", "records500"}
    assert len(dataset.listing()) == len(ROWS)
    with pytest.raises(DatasetMissingError, match=r"no recording at 100 Hz.*params\.rate = 100"):
        PtbXl(tmp_path / "here").listing()


def test_broken_recordings_are_named_and_left_out(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    table = folder / "ptbxl_database.csv"
    table.write_text(table.read_text().replace("{'LVH': 100.0}", "{'LVH': __import__('os')}"))
    (folder / "records100/00000/00001_lr.hea").unlink()
    data = folder / "records100/00000/00002_lr.dat"
    data.write_bytes(data.read_bytes()[:1000])
    store = prepare(PtbXl(folder), 100, tmp_path / "cache", progress=False)
    assert store.ids == ["4"]
    assert "left out 3 unusable of 4" in caplog.text
    assert set(store.skipped) == {"1", "2", "3"}
    assert "scp_codes is" in store.skipped["3"]


def test_a_record_that_is_not_in_the_table_is_an_error(folder: Path) -> None:
    with pytest.raises(RecordError, match=r"'99' is not in ptbxl_database\.csv"):
        PtbXl(folder).read("99")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("15.0,", ","), r"ptbxl_database\.csv, line 3: strat_fold is '3', patient_id ''"),
        ((",9,", ",11,"), r"line 7: strat_fold is '11'"),
        (("strat_fold", "fold"), "no column 'strat_fold'"),
    ],
)
def test_a_table_that_could_mix_patients_up_is_refused(folder: Path, change: tuple[str, str], message: str) -> None:
    table = folder / "ptbxl_database.csv"
    table.write_text(table.read_text().replace(*change))
    with pytest.raises(DataError, match=message):
        PtbXl(folder).listing()


def test_missing_folder_and_wrong_rate_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match="heartkit download"):
        PtbXl(tmp_path / "nothing").listing()
    with pytest.raises(ConfigError, match="rate must be 100 or 500, got 250"):
        PtbXl(tmp_path, {"rate": 250})


def test_the_rate_is_part_of_the_fingerprint_and_it_travels(folder: Path) -> None:
    low, high = PtbXl(folder), PtbXl(folder, {"rate": 500})
    assert low.fingerprint() != high.fingerprint()
    high.listing()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(high)).read("1").signals, high.read("1").signals)


@given(st.dictionaries(st.text(max_size=6), st.floats(0, 100)))
def test_statements_are_read_as_python_wrote_them(statements: dict[str, float]) -> None:
    assert _statements("1", str(statements)) == statements


@given(st.text(max_size=40))
def test_no_statement_text_raises_anything_but_a_record_error(text: str) -> None:
    with suppress(RecordError):
        assert all(isinstance(value, float) for value in _statements("1", text).values())


def test_real_recordings(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "ptb-xl" / "1.0.3"
    dataset = PtbXl(path)
    infos = dataset.listing()
    with (path / "ptbxl_database.csv").open(newline="") as file:
        rows = {row["ecg_id"]: row for row in csv.DictReader(file)}
    assert [info.id for info in infos] == list(rows)
    assert max(Counter(info.patient for info in infos).values()) > 1
    assert {info.id for info in infos if info.split == "val"} == {n for n, r in rows.items() if r["strat_fold"] == "9"}
    for record in dataset.read_many([info.id for info in infos[::40]]):
        assert isinstance(record, Record)
        raw = np.fromfile(path / (rows[record.id]["filename_lr"] + ".dat"), "<i2").reshape(-1, 12).T
        np.testing.assert_allclose(record.signals, raw / 1000, atol=1e-6)
        assert record.diagnoses == ast.literal_eval(rows[record.id]["scp_codes"])
        # Einthoven; what is left is rounding to microvolts, and the resampling of the publisher
        assert np.abs(record.signals[1] - record.signals[0] - record.signals[2]).max() < 0.02
    high = PtbXl(path, {"rate": 500})
    assert len(high.listing()) == 40
    # The publisher made the 100 Hz form from the 500 Hz one, some 2 ms late and with edges of its own.
    store = prepare(_Few(high), 100, tmp_path / "cache", progress=False)
    low, same = dataset.read(store.ids[0]).signals[1], store.signals(0)[1]
    assert np.corrcoef(low[5:-5], same[5:-5])[0, 1] > 0.98


class _Few(PtbXl):
    """The first two records of a dataset."""

    def __init__(self, dataset: PtbXl) -> None:
        super().__init__(dataset.path, {"rate": dataset.options.rate})

    def listing(self) -> list:
        return super().listing()[:2]
