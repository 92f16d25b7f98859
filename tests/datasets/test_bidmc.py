"""BIDMC: the CSV and the WFDB form, whose recordings they are, missing samples."""

import csv
from pathlib import Path

import numpy as np
import pytest

from heartkit.datasets.bidmc import Bidmc
from heartkit.errors import DatasetMissingError, RecordError
from heartkit.records.record import Record
from heartkit.records.store import prepare
from made_files import fetch_wanted, microvolts, write_dat

NAMES = ["RESP", "PLETH", "V", "AVR", "II"]
SAMPLES = 1001


def write_csv(path: Path, number: str, patient: str, names: list[str] = NAMES) -> None:
    folder = path / "bidmc_csv"
    folder.mkdir(parents=True, exist_ok=True)
    values = microvolts(len(names), SAMPLES, int(number)) / 1000
    lines = [", ".join(["Time [s]", *names])]
    for at, row in enumerate(values.T):
        lines.append(",".join([f"{at / 125:.5g}", *(f"{value:.3f}" for value in row)]))
    (folder / f"bidmc_{number}_Signals.csv").write_text("\n".join(lines) + "\n")
    (folder / f"bidmc_{number}_Fix.txt").write_text(f"bidmc_{number}\nMIMIC II matched wdb ID: {patient}\n")


def write_wfdb(path: Path, number: str, patient: str) -> None:
    digital, units = microvolts(5, SAMPLES, int(number)), ["pm", "NU", "mV", "mV", "mV"]
    write_dat(path, f"bidmc{number}", digital, 125, [f"{name}," for name in NAMES], units)
    header = path / f"bidmc{number}.hea"
    header.write_text(header.read_text() + f"# <source>: mimic2wdb/matched/{patient}/3017887_0001.hea\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "bidmc" / "1.0.0"
    for number, patient in (("01", "s01182"), ("02", "s01182"), ("07", "s01241")):
        write_csv(path, number, patient)
        write_wfdb(path, number, patient)
    (path / "bidmc_data.mat").write_bytes(b"big")
    return path


def test_one_patient_may_have_several_recordings(folder: Path) -> None:
    for form in ("csv", "wfdb"):
        infos = Bidmc(folder, {"form": form}).listing()
        assert [(info.id, info.patient) for info in infos] == [("01", "s01182"), ("02", "s01182"), ("07", "s01241")]
    (folder / "bidmc_csv" / "bidmc_07_Fix.txt").unlink()
    assert Bidmc(folder).listing()[-1].patient == "s01241", "the header says it, too"
    (folder / "bidmc07.hea").unlink()
    assert Bidmc(folder).listing()[-1].patient == "07"


def test_both_forms_hold_what_was_written(folder: Path) -> None:
    table, binary = (Bidmc(folder, {"form": form}).read("02") for form in ("csv", "wfdb"))
    for record in (table, binary):
        np.testing.assert_allclose(record.signals, microvolts(5, SAMPLES, 2) / 1000, atol=1e-6)
        assert record.leads == ("RESP", "PPG", "V", "aVR", "II")
        assert record.units == ("pm", "NU", "mV", "mV", "mV")
        assert (record.sampling_rate, record.patient) == (125.0, "s01182")


def test_the_form_that_is_here_is_read_and_the_chosen_one_is_fetched(folder: Path, tmp_path: Path) -> None:
    table, binary = Bidmc(tmp_path / "table"), Bidmc(tmp_path / "binary", {"form": "wfdb"})
    assert all(path.startswith("bidmc_csv/") for path in fetch_wanted(folder.parents[1], table))
    assert {Path(path).suffix for path in fetch_wanted(folder.parents[1], binary)} == {".hea", ".dat"}
    for here in (tmp_path / "table", tmp_path / "binary"):
        assert len(Bidmc(here).listing()) == 3
        assert Bidmc(here).read("07").signals.shape == (5, SAMPLES)
    with pytest.raises(DatasetMissingError, match=r'no recording in the csv form.*params\.form = "csv"'):
        Bidmc(tmp_path / "binary", {"form": "csv"}).listing()
    with pytest.raises(DatasetMissingError, match="heartkit download"):
        Bidmc(tmp_path / "nothing").listing()


def test_missing_samples_are_nan_and_preparing_bridges_them(folder: Path, tmp_path: Path) -> None:
    file = folder / "bidmc_csv" / "bidmc_01_Signals.csv"
    lines = file.read_text().splitlines()
    for at, cells in ((101, ["0.8", "", "1", "1", "NaN", "1"]), (102, ["0.808", "nan", "1", "1", "1", "1"])):
        lines[at] = ",".join(cells)
    file.write_text("\n".join(lines) + "\n")
    record = Bidmc(folder).read("01")
    assert np.flatnonzero(np.isnan(record.signals).any(axis=1)).tolist() == [0, 3]
    assert np.flatnonzero(np.isnan(record.signals[0])).tolist() == [100, 101]
    digital = microvolts(5, SAMPLES, 2)
    digital[1, 50] = -32768
    write_dat(folder, "bidmc02", digital, 125, NAMES)
    assert np.argwhere(np.isnan(Bidmc(folder, {"form": "wfdb"}).read("02").signals)).tolist() == [[1, 50]]
    store = prepare(Bidmc(folder), 125, tmp_path / "cache", progress=False)
    assert np.isfinite(store.signals(0)).all()
    assert store.leads[0][1] == "PPG"


def test_broken_recordings_are_named(folder: Path) -> None:
    file = folder / "bidmc_csv" / "bidmc_01_Signals.csv"
    lines = file.read_text().splitlines()

    def problem(changed: list[str]) -> str:
        file.write_text("\n".join(changed) + "\n")
        (error,) = Bidmc(folder).read_many(["01"])
        assert isinstance(error, RecordError)
        return str(error)

    assert "times are not those of 125 Hz" in problem([*lines[:300], *lines[400:]]), "a gap"
    assert "times are not those of 125 Hz" in problem(lines[:1]), "no samples"
    assert "Row #4" in problem([*lines[:3], "0.016,x,1,1,1,1", *lines[4:]])
    assert "cannot be read" in problem([*lines[:300], lines[300][:9]]), "cut off within a line"
    (folder / "bidmc02.dat").write_bytes(b"short")
    assert isinstance(Bidmc(folder, {"form": "wfdb"}).read_many(["02"])[0], RecordError)


def test_real_recordings(shared_data: Path) -> None:
    path = shared_data / "bidmc" / "1.0.0"
    dataset = Bidmc(path)
    infos = dataset.listing()
    assert [info.id for info in infos] == ["01", "02", "03", "04", "05", "06"]
    assert infos[0].patient == "s01182"
    record = dataset.read("06")
    assert isinstance(record, Record)
    assert record.leads == ("RESP", "ABP", "CVP", "PPG", "II", "V", "aVR")
    assert record.units == ("pm", "mmHg", "mmHg", "NU", "mV", "mV", "mV")
    assert record.signals.shape == (7, 60001)
    with (path / "bidmc_csv" / "bidmc_06_Signals.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1::5000]
    np.testing.assert_allclose(record.signals[:, ::5000].T, np.array(rows, float)[:, 1:], rtol=1e-5)
    # The pulse of the PPG is the heart beat of the ECG: both spectra have their highest peak at the same rate.
    numerics = np.genfromtxt(path / "bidmc_csv" / "bidmc_06_Numerics.csv", delimiter=",", skip_header=1)
    ppg = record.signals[3] - record.signals[3].mean()
    spectrum, frequency = np.abs(np.fft.rfft(ppg)), np.fft.rfftfreq(ppg.size, 1 / 125)
    pulse = 60 * frequency[np.argmax(np.where(frequency > 0.6, spectrum, 0))]
    assert pulse == pytest.approx(np.nanmedian(numerics[:, 2]), abs=5)
