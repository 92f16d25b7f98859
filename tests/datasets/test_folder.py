"""One's own recordings: every format, every table, and what is said of mistakes."""

import csv
import io
import json
import math
import pickle
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.datasets.folder import Folder
from heartkit.datasets.folder_tables import COLUMNS, read_table
from heartkit.errors import ConfigError, DataError, DatasetMissingError, HeartkitError, RecordError
from heartkit.records.record import ALL_LEADS, Record
from heartkit.records.splits import split_patients
from heartkit.records.store import prepare
from heartkit.records.vocabulary import Beat, Rhythm, Wave
from made_files import microvolts, write_dat

RATE, SAMPLES = 100, 1000
SIGNALS = microvolts(2, SAMPLES) / np.float32(1000)
WAVES = """record,lead,kind,onset,peak,offset
P1_a,I,P,0.5,0.55,0.6
P1_a,I,QRS,0.7,0.74,0.8
P1_a,ppg,systolic,1.0,1.2,1.4
P1_b,,T,2,2.1,2.2
"""


def describe(folder: Path, **values: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    base = {"files": "*.csv", "sampling_rate": RATE, "leads": ["I", "PPG"]}
    (folder / "dataset.json").write_text(json.dumps(base | values))
    return folder


def write(folder: Path, name: str, suffix: str, signals: Any = SIGNALS) -> None:
    """Write a recording of two leads, I and PPG, in one of the formats."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.{suffix}"
    columns = dict(zip(("time", "I", "PPG"), (np.arange(signals.shape[1]) / RATE, *signals), strict=True))
    if suffix == "csv":
        rows = zip(*columns.values(), strict=True)
        file.write_text("\n".join([", ".join(columns), *(",".join(f"{x:.4f}" for x in row) for row in rows)]) + "\n")
    elif suffix == "parquet":
        pq.write_table(pa.table(columns), file)
    elif suffix == "npy":
        np.save(file, signals.T)
    elif suffix == "npz":
        np.savez(file, **columns)
    else:
        write_dat(folder, name, np.round(signals * 1000).astype(np.int16), RATE, ["I", "PPG"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three recordings of two patients, with every table."""
    path = describe(
        tmp_path / "mine", files="signals/*.csv", patient="^(P[0-9]+)_", units={"PPG": "NU"}, name="wrist-band",
        records="records.csv", waves="waves.csv", beats="beats.csv", rhythms="rhythms.csv", diagnoses="diagnoses.csv",
    )  # fmt: skip
    for name in ("P1_a", "P1_b", "P2_a"):
        write(path / "signals", name, "csv")
    (path / "records.csv").write_text("record,patient,split\nP2_a,Smith,test\n")
    (path / "waves.csv").write_text(WAVES)
    (path / "beats.csv").write_text("record,time,kind\nP1_a,1.5,pvc\nP1_a,0.74,NORMAL\n")
    (path / "rhythms.csv").write_text("record,kind,start,stop\nP1_a,AFIB,,5\nP1_a,SR,5,\n")
    (path / "diagnoses.csv").write_text("record,statement,likelihood\nP1_a,NORM,\nP1_a,LVOLT,40\n")
    return path


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npy", "npz", "hea"])
def test_every_format_gives_the_signals_that_were_written(tmp_path: Path, suffix: str) -> None:
    write(tmp_path, "r1", suffix)
    dataset = Folder(describe(tmp_path, files=f"*.{suffix}"))
    assert [(info.id, info.patient, info.split) for info in dataset.listing()] == [("r1", "r1", None)]
    record = dataset.read("r1")
    np.testing.assert_allclose(record.signals, SIGNALS, atol=1e-6)
    assert (record.sampling_rate, record.leads, record.units) == (RATE, ("I", "PPG"), ("mV", "mV"))
    assert dataset.provides == {"ecg", "ppg"}


def test_wfdb_says_by_itself_what_other_formats_cannot(tmp_path: Path) -> None:
    write_dat(tmp_path, "r1", microvolts(2, 500), 250, ["MLII", "PLETH"], ["uV", "NU"])
    (tmp_path / "dataset.yaml").write_text("files: '*.hea'\n")
    dataset = Folder(tmp_path)
    record = dataset.read("r1")
    assert dataset.provides == {"ecg", "ppg"}
    assert (record.sampling_rate, record.leads, record.units) == (250.0, ("MLII", "PPG"), ("mV", "NU"))
    np.testing.assert_allclose(record.signals[0], microvolts(2, 500)[0] / 1e6, atol=1e-7)
    np.testing.assert_allclose(record.signals[1], microvolts(2, 500)[1] / 1e3, atol=1e-6)


def test_leads_may_be_chosen_and_renamed(tmp_path: Path) -> None:
    write(tmp_path, "r1", "csv")
    (tmp_path / "dataset.toml").write_text('files = "*.csv"\nsampling_rate = 100\nleads = {PPG = "V5"}\nunits = "uV"\n')
    record = Folder(tmp_path).read("r1")
    assert (record.leads, record.units) == (("V5",), ("mV",))
    np.testing.assert_allclose(record.signals[0], SIGNALS[1] / 1000, atol=1e-7)


def test_annotations_of_every_kind_are_read(folder: Path) -> None:
    dataset = Folder(folder)
    record = dataset.read("P1_a")
    assert dataset.provides == {"waves", "beats", "rhythms", "diagnoses", "ecg", "ppg"}
    assert record.waves.kind.tolist() == [Wave.P, Wave.QRS, Wave.SYSTOLIC]
    assert record.waves.lead.tolist() == [0, 0, 1]
    assert record.waves.peak.tolist() == [0.55, 0.74, 1.2]
    assert (record.annotated.kind.tolist(), record.annotated.start.tolist(), record.annotated.stop.tolist()) == (
        [0, 1], [0.5, 1.0], [0.8, 1.4],
    )  # fmt: skip
    assert (record.beats.time.tolist(), record.beats.kind.tolist()) == ([0.74, 1.5], [Beat.NORMAL, Beat.PVC])
    assert record.rhythms.kind.tolist() == [Rhythm.AFIB, Rhythm.SR]
    assert (record.rhythms.start.tolist(), record.rhythms.stop.tolist()) == ([0.0, 5.0], [5.0, 10.0])
    assert record.diagnoses == {"NORM": 100.0, "LVOLT": 40.0}
    assert record.units == ("mV", "NU")
    other = dataset.read("P1_b")
    assert (other.waves.lead.tolist(), other.annotated.kind.tolist()) == ([ALL_LEADS], [0, 1])
    assert len(dataset.read("P2_a").annotated) == 0, "nothing is known of the waves of a record without any"


def test_all_of_a_recording_may_count_as_annotated(folder: Path) -> None:
    said = json.loads((folder / "dataset.json").read_text())
    dataset = Folder(describe(folder, **said, annotated="all"))
    assert dataset.read("P2_a").annotated.stop.tolist() == [10.0, 10.0]


def test_patients_and_splits(folder: Path) -> None:
    dataset = Folder(folder)
    infos = dataset.listing()
    assert [(info.id, info.patient, info.split) for info in infos] == [
        ("P1_a", "P1", None), ("P1_b", "P1", None), ("P2_a", "Smith", "test"),
    ]  # fmt: skip
    assert dataset.published_splits == {"test"}
    assert split_patients(dataset.name, infos, dataset.published_splits)["test"] == ["Smith"]
    assert (dataset.name, Folder.name) == ("wrist-band", "folder")


def test_preparing_and_travelling_to_workers(folder: Path, tmp_path: Path) -> None:
    dataset = Folder(folder)
    with (folder / "waves.csv").open("a") as table:
        table.write("P9_x,,T,2,2.1,2.2\nP2_a,I,QRS,9.9,9.95,10.5\n")
    dataset = Folder(folder)
    store = prepare(pickle.loads(pickle.dumps(dataset)), 50, tmp_path / "cache", progress=False)
    assert store.ids == ["P1_a", "P1_b"]
    assert store.patients == ["P1", "P1"]
    assert store.signals(0).shape == (2, 500)
    assert set(store.track(0)[0]) == {-1, Wave.NONE, Wave.P, Wave.QRS}
    assert "P9_x' (" in store.skipped["P9_x"]
    assert "waves.csv, line 6) has no file 'signals/*.csv'" in store.skipped["P9_x"]
    assert "waves.csv, line 7: onset 9.9 s, peak 9.95 s, offset 10.5 s; the recording ends at 10 s" in str(
        store.skipped
    )
    before = Folder(folder).fingerprint()
    (folder / "beats.csv").write_text("record,time,kind\n")
    assert Folder(folder).fingerprint() != before


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


def test_tables_beside_recordings_are_not_recordings(tmp_path: Path) -> None:
    write(tmp_path, "r1", "csv")
    (tmp_path / "beats.csv").write_text("record,time,kind\nr1,1,NORMAL\n")
    assert [info.id for info in Folder(describe(tmp_path, beats="beats.csv")).listing()] == ["r1"]


TIMES = st.floats(0, 1e4).map(lambda time: round(time, 6))
NAMES = st.text("abcXYZ0_-, \"'é", min_size=1, max_size=5).filter(lambda text: text == text.strip())


@given(rows=st.lists(st.tuples(NAMES, TIMES, st.sampled_from(Beat)), max_size=20), data=st.data())
def test_tables_are_read_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float, Beat]], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(["record", "time", "kind"]))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(order)
    for record, time, kind in rows:
        cells = {"record": record, "time": repr(time), "kind": kind.name.lower()}
        writer.writerow([cells[column] for column in order])
    file = tmp_path_factory.mktemp("tables") / "beats.csv"
    file.write_text("\ufeff" + text.getvalue(), encoding="utf-8", newline="")
    found = read_table(file, COLUMNS["beats"])
    assert list(found) == list(dict.fromkeys(record for record, _, _ in rows))
    for record, own in found.items():
        assert own["time"].tolist() == [time for name, time, _ in rows if name == record]
        assert own["kind"].tolist() == [kind for name, _, kind in rows if name == record]
        assert own["line"].tolist() == [at + 2 for at, row in enumerate(rows) if row[0] == record]


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


def test_real_recordings(shared_data: Path, tmp_path: Path) -> None:
    """LUDB's own files as if they were a user's: the same signals and diagnoses as its reader gives."""
    import wfdb

    source = shared_data / "ludb" / "1.0.1" / "data"
    names = ["1", "2"]
    for name in names:
        for suffix in (".hea", ".dat"):
            (tmp_path / f"{name}{suffix}").write_bytes((source / f"{name}{suffix}").read_bytes())
    marks = wfdb.rdann(str(source / "1"), "ii")
    peaks = [sample for sample, symbol in zip(marks.sample, marks.symbol, strict=True) if symbol == "N"]
    (tmp_path / "beats.csv").write_text(
        "record,time,kind\n" + "".join(f"1,{sample / marks.fs:.4f},NORMAL\n" for sample in peaks)
    )
    (tmp_path / "dataset.yaml").write_text("files: '*.hea'\nbeats: beats.csv\nleads: [ii, v1]\n")
    dataset = Folder(tmp_path)
    assert dataset.provides == {"beats", "ecg"}
    store = prepare(dataset, 500, tmp_path / "cache", progress=False)
    assert store.ids == names
    assert store.leads[0] == ["II", "V1"]
    np.testing.assert_allclose(store.signals(0), wfdb.rdrecord(str(source / "1")).p_signal.T[[1, 6]], atol=1e-6)
    beats = store.annotation("beats", 0)
    assert beats.time.tolist() == pytest.approx([sample / 500 for sample in peaks])
    assert not math.isnan(store.signals(1).sum())


def test_the_example_of_the_documentation_works(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "datasets" / "folder.md").read_text(encoding="utf-8")
    found = re.findall(r"`([\w./]+\.(?:yaml|csv))`[^`]*?:\n\n```(?:yaml|csv)\n(.*?)```", page, re.DOTALL)
    assert len(found) == 6
    for name, text in found:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    dataset = Folder(tmp_path)
    assert dataset.provides == {"waves", "beats", "rhythms", "ecg", "ppg"}
    assert [(info.id, info.patient) for info in dataset.listing()] == [("P01_rest", "P01"), ("P02_rest", "P02")]
    record = dataset.read("P01_rest")
    np.testing.assert_allclose(record.signals[0], [0.012, 0.015, 0.011, 0.01], rtol=1e-6)
    assert np.isnan(record.signals[1]).tolist() == [False, False, True, False]
    assert record.waves.kind.tolist() == [Wave.QRS, Wave.SYSTOLIC]
    assert record.rhythms.stop.tolist() == [0.04]
