"""One's own recordings: what is said of mistakes."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.datasets.folder import Folder
from heartkit.datasets.folder_tables import COLUMNS, read_table
from heartkit.errors import ConfigError, DataError, DatasetMissingError, HeartkitError, RecordError
from heartkit.records.record import Record
from made_folder import WAVES, describe, write, write_all


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_all(tmp_path / "mine")


@pytest.mark.parametrize(
    ("suffix", "damage", "message"),
    [
        ("csv", "time,I,PPG\n0,1,2\n0.01,x,2\n", r"Row #3.*invalid value 'x'"),
        ("csv", "time,I\n0,1\n", r"has no signal 'PPG'; there are time, I"),
        ("csv", "", r"has no signal 'I'; there are none"),
        ("csv", "time,I,PPG\n", r"hold no sample"),
        ("npy", "not an array", "cannot be read"),
        ("npz", "not an archive", "cannot be read"),
        ("parquet", "no table", "cannot be read"),
        ("hea", "r1 2 100 1000\n", "cannot be read"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, suffix: str, damage: str, message: str) -> None:
    write(tmp_path, "r1", suffix)
    (tmp_path / f"r1.{suffix}").write_text(damage)
    (error,) = Folder(describe(tmp_path, files=f"*.{suffix}")).read_many(["r1"])
    assert isinstance(error, RecordError)
    with pytest.raises(RecordError, match=message):
        raise error
    assert "r1" in str(error)


def test_arrays_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    def problem(values: Any, suffix: str = "npy") -> str:
        (np.save if suffix == "npy" else np.savez)(tmp_path / f"r1.{suffix}", **values)
        (error,) = Folder(describe(tmp_path, files=f"*.{suffix}")).read_many(["r1"])
        assert isinstance(error, RecordError)
        return str(error)

    assert "has the shape (3, 50); expected (2 leads, samples)" in problem({"arr": np.zeros((3, 50))})
    assert "shape (2, 2)" in problem({"arr": np.zeros((2, 2))}), "which axis is time?"
    assert "expected numbers" in problem({"arr": np.array([["a", "b"]])})
    assert "cannot be read" in problem({"arr": np.array([[{}, {}]])}), "nothing pickled is ever loaded"
    assert "has no signal 'PPG'; there are I" in problem({"I": np.zeros(9)}, "npz")
    assert "more than one dimension" in problem({"I": np.zeros((9, 2)), "PPG": np.zeros((9, 2))}, "npz")
    assert "all input arrays must have the same shape" in problem({"I": np.zeros(9), "PPG": np.zeros(8)}, "npz")


def test_a_sampling_rate_that_the_file_contradicts_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "r1", "hea")
    with pytest.raises(RecordError, match="is of 100 Hz, but the description says sampling_rate = 250"):
        Folder(describe(tmp_path, files="*.hea", sampling_rate=250)).read("r1")


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        ("waves", "0.55", "soon", r"waves\.csv, line 2, column 'peak': 'soon'; expected seconds"),
        ("waves", "0.55", "", r"line 2, column 'peak': ''; expected a value"),
        ("waves", "0.55", "-1", r"line 2, column 'peak': '-1'; .* 0 or more"),
        ("waves", "0.55", "nan", r"line 2, column 'peak': 'nan'"),
        ("waves", "QRS", "QSR", r"line 3, column 'kind': 'QSR'; did you mean 'QRS'\?"),
        ("waves", "0.55,", "", r"line 2: 5 cells; expected 6"),
        ("waves", "peak", "apex", r"line 1: column 'apex'; expected record, lead, kind, onset, peak, offset"),
        ("waves", ",offset", "", r"line 1: the column 'offset' is missing"),
        ("beats", "pvc", "V", r"beats\.csv, line 2, column 'kind': 'V'; .*expected one of NORMAL"),
        ("diagnoses", "40", "140", r"line 3, column 'likelihood': '140'; expected percent"),
        ("records", "test", "tset", r"records\.csv, line 2, column 'split': 'tset'; did you mean 'test'"),
        ("records", "P2_a,", "P2_a,x,\nP2_a,", r"records\.csv, line 3: record 'P2_a' stands there twice"),
        ("rhythms", "SR", '"SR', r"rhythms\.csv, line 3: this is not valid CSV"),
    ],
)
def test_mistakes_in_tables_have_their_place(folder: Path, table: str, old: str, new: str, message: str) -> None:
    file = folder / f"{table}.csv"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(DataError, match=message):
        Folder(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "P1_a,I,P,0.5,0.55",
            "P1_a,I,P,0.5,0.4",
            r"waves\.csv, line 2: onset 0.5 s, peak 0.4 s.*onset <= peak <= offset",
        ),
        ("P1_a,I,P", "P1_a,II,P", r"waves\.csv, line 2, column 'lead': 'II'; expected one of I, PPG, or nothing"),
    ],
)
def test_annotations_that_cannot_be_cost_their_record_only(folder: Path, old: str, new: str, message: str) -> None:
    (folder / "waves.csv").write_text(WAVES.replace(old, new))
    broken, fine = Folder(folder).read_many(["P1_a", "P1_b"])
    assert isinstance(fine, Record)
    assert isinstance(broken, RecordError)
    with pytest.raises(RecordError, match=message):
        raise broken


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"sampling_rat": 5}, r"Unknown key 'sampling_rat'. Did you mean 'sampling_rate'\? \(in .*dataset\.json\)"),
        ({"sampling_rate": -5}, "sampling_rate must be greater than 0"),
        ({"sampling_rate": None}, "sampling_rate is missing; only WFDB"),
        ({"leads": None}, "leads is missing"),
        ({"leads": ["I", "I"]}, "expected at least one, each named once"),
        ({"units": {"II": "mV"}}, "units names 'II', which is not among leads: I, PPG"),
        ({"files": "../*.csv"}, r"'\.\./\*\.csv' leads out of the folder"),
        ({"files": "**.csv"}, "files = .* is no pattern"),
        ({"waves": "/etc/passwd"}, "leads out of the folder"),
        ({"patient": "P[0-9]+"}, "has 0 groups; expected one"),
        ({"patient": "("}, "is no regular expression"),
        ({"name": "a/b"}, "expected letters, digits and hyphens"),
        ({"waves": "nowhere.csv"}, r"table .*nowhere\.csv cannot be read: No such file"),
    ],
)
def test_mistakes_in_the_description_are_explained(tmp_path: Path, said: dict[str, Any], message: str) -> None:
    write(tmp_path, "r1", "csv")
    with pytest.raises(HeartkitError, match=message):
        Folder(describe(tmp_path, **said))


def test_missing_things_are_explained(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissingError, match=r"does not exist: expected recordings and one of dataset\.json"):
        Folder(tmp_path / "nothing")
    with pytest.raises(DatasetMissingError, match=r"has no description.*docs/datasets/folder\.md"):
        Folder(tmp_path)
    with pytest.raises(DatasetMissingError, match=r"No recording matches files = '\*\.csv'"):
        Folder(describe(tmp_path))
    write(tmp_path, "r1", "csv")
    write(tmp_path / "more", "r1", "csv")
    with pytest.raises(DataError, match="have the same name"):
        Folder(describe(tmp_path, files="**/*.csv"))
    (tmp_path / "dataset.toml").write_text("files = '*.csv'")
    with pytest.raises(ConfigError, match=r"several descriptions: dataset\.json, dataset\.toml"):
        Folder(tmp_path)
    (tmp_path / "dataset.toml").unlink()
    (tmp_path / "dataset.json").write_text('{"files": }')
    with pytest.raises(ConfigError, match=r"dataset\.json, line 1, column 11"):
        Folder(tmp_path)


@given(st.binary(max_size=60), st.sampled_from(sorted(COLUMNS)))
def test_no_table_raises_anything_but_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, table: str
) -> None:
    file = tmp_path_factory.mktemp("tables") / "table.csv"
    header = ",".join(column.name for column in COLUMNS[table]).encode()
    for data in (content, header + b"\n" + content):
        file.write_bytes(data)
        with suppress(DataError):
            for own in read_table(file, COLUMNS[table]).values():
                assert all(len(values) == len(own["line"]) for values in own.values())
