"""BIDMC: eight minutes of PPG, ECG and respiration from patients in intensive care."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from heartkit.datasets.base import Dataset, DatasetOptions
from heartkit.datasets.csv_signals import read_columns
from heartkit.errors import DatasetMissingError, RecordError
from heartkit.records.leads import canonical_lead, signal_kind
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo

CSV_FOLDER = "bidmc_csv"
CSV_RATE = 125.0
CSV_UNITS = {"ecg": "mV", "ppg": "NU", "resp": "pm", "pressure": "mmHg"}
"""Units as the headers of the WFDB form have them; the CSV form says nothing of units."""
MIMIC_ID = re.compile(r"\bs\d{5}\b")
FILES = {
    "csv": re.compile(rf"{CSV_FOLDER}/bidmc_(\d\d)_(Signals\.csv|Fix\.txt)"),
    "wfdb": re.compile(r"bidmc(\d\d)\.(hea|dat|breath)"),
}


class BidmcOptions(DatasetOptions):
    """What ``params`` of ``bidmc`` may hold.

    Parameters
    ----------
    form : "csv" or "wfdb", optional
        Which of the two published forms to fetch and read. By default that which is here, CSV first; CSV is fetched.
    """

    form: Literal["csv", "wfdb"] | None = None


class Bidmc(Dataset):
    """BIDMC 1.0.0: 53 recordings of 8 min at 125 Hz.

    Each has a PPG, an impedance respiration signal and one to three ECG leads; some have arterial and central venous
    pressure. The leads are called ``"PPG"``, ``"RESP"``, ``"II"``, ``"V"``, ``"aVR"``, ``"ABP"``, ``"CVP"``. The
    monitors' scaling is not known: units are nominal. Some patients were recorded more than once; the patient is the
    one of MIMIC II that the files name. No split is published.

    References
    ----------
    Pimentel et al., "Toward a Robust Estimation of Respiratory Rate From Pulse Oximeters", IEEE Trans. Biomed. Eng.
    64:1914, 2017.
    """

    name = "bidmc"
    title = "BIDMC PPG and Respiration Dataset"
    slug = "bidmc"
    version = "1.0.0"
    licence = "ODC-By 1.0"
    citation = "Pimentel et al., IEEE Trans. Biomed. Eng. 64:1914, 2017"
    url = "https://physionet.org/content/bidmc/1.0.0/"
    provides = frozenset({"ecg", "ppg", "resp"})
    records_per_shard = 8
    Options = BidmcOptions

    def listing(self) -> list[RecordInfo]:
        """Return the recordings that are here, ``"01"`` to ``"53"``; the patient is the one of MIMIC II."""
        self.require_folder()
        pattern = re.compile(r"bidmc_(\d\d)_Signals\.csv" if self._form == "csv" else r"bidmc(\d\d)\.(?:hea|dat)")
        folder = self.path / CSV_FOLDER if self._form == "csv" else self.path
        numbers = sorted({found[1] for file in folder.glob("*") if (found := pattern.fullmatch(file.name))})
        if not numbers:
            raise DatasetMissingError(
                f"Dataset {self.name!r} has no recording in the {self._form} form in {folder}. Fetch it with "
                f'`heartkit download` and params.form = "{self._form}", or choose the other form.'
            )
        return [RecordInfo(number, self._patient(number)) for number in numbers]

    def read(self, record_id: str) -> Record:
        """Read all signals; a missing sample is NaN."""
        read = self._read_csv if self._form == "csv" else self._read_wfdb
        rate, leads, units, signals = read(record_id)
        return Record(
            id=record_id,
            patient=self._patient(record_id),
            sampling_rate=rate,
            leads=tuple(leads),
            units=tuple(units),
            signals=signals,
        )

    def wanted(self, relative_path: str) -> bool:
        """Fetch the signals in the chosen form, and of whom they are."""
        form = FILES[self.options.form or "csv"]
        return form.fullmatch(relative_path) is not None or relative_path in ("LICENSE.txt", "README")

    @cached_property
    def _form(self) -> str:
        if self.options.form:
            return str(self.options.form)
        return "csv" if (self.path / CSV_FOLDER).is_dir() or not any(self.path.glob("bidmc??.hea")) else "wfdb"

    def _patient(self, number: str) -> str:
        """Return the patient's name in MIMIC II, else the recording's number."""
        for file in (self.path / CSV_FOLDER / f"bidmc_{number}_Fix.txt", self.path / f"bidmc{number}.hea"):
            if file.is_file() and (found := MIMIC_ID.search(file.read_text(encoding="utf-8", errors="replace"))):
                return found[0]
        return number

    def _read_csv(self, number: str) -> tuple[float, list[str], list[str], NDArray[np.float32]]:
        columns = read_columns(self.path / CSV_FOLDER / f"bidmc_{number}_Signals.csv")
        time = columns.pop("Time [s]")
        expected = np.arange(len(time)) / CSV_RATE
        # Times are printed with six digits or so: a wrong one is off by a whole sample.
        if not len(time) or not np.allclose(time, expected, rtol=1e-4, atol=0.5 / CSV_RATE):
            raise RecordError(
                f"Record {number!r}: its {len(time)} times are not those of {CSV_RATE:g} Hz without gaps."
            )
        leads = [canonical_lead(name) for name in columns]
        signals = np.stack([column.astype(np.float32) for column in columns.values()])
        return CSV_RATE, leads, [CSV_UNITS[signal_kind(lead)] for lead in leads], signals

    def _read_wfdb(self, number: str) -> tuple[float, list[str], list[str], NDArray[np.float32]]:
        import wfdb

        raw = wfdb.rdrecord(str(self.path / f"bidmc{number}"))
        signals = np.ascontiguousarray(raw.p_signal.T, dtype=np.float32)
        return float(raw.fs), [canonical_lead(name) for name in raw.sig_name], raw.units, signals
