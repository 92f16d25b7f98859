"""One's own recordings: every format, and every table."""

import csv
import io
import json
import math
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.datasets.folder import Folder
from heartkit.datasets.folder_tables import COLUMNS, read_table
from heartkit.records.record import ALL_LEADS
from heartkit.records.splits import split_patients
from heartkit.records.store import prepare
from heartkit.records.vocabulary import Beat, Rhythm, Wave
from made_files import microvolts, write_dat
from made_folder import RATE, SIGNALS, describe, write, write_all


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_all(tmp_path / "mine")


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
