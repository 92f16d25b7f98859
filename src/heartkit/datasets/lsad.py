"""LSAD, the Chapman-Shaoxing-Ningbo database: 45,152 12-lead ECGs of 10 s with rhythms and diagnoses."""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np

from heartkit.datasets.base import Dataset, DatasetOptions
from heartkit.errors import RecordError
from heartkit.records.diagnosis_codes import stated_rhythm, whole_recording
from heartkit.records.leads import TWELVE_LEADS, require_twelve_leads
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo

FOLDER = "WFDBRecords"
SINUS_RHYTHM = "426783006"


class LsadOptions(DatasetOptions):
    """What ``params`` of ``lsad`` may hold.

    Parameters
    ----------
    sinus_is_normal : bool
        Give the statement ``"NORM"`` to recordings whose only code is that of sinus rhythm. LSAD has no code for a
        normal ECG, so this is a weak label that has to be asked for.
    """

    sinus_is_normal: bool = False


class Lsad(Dataset):
    """LSAD 1.0.0: one ECG at 500 Hz of each of 45,152 patients.

    The published records have no split; heartkit holds out those whose number is divisible by four as the test set.
    ``diagnoses`` are the SNOMED CT codes of the header, as they stand there; `heartkit.records.diagnosis_codes` says
    what each means. Where they state exactly one rhythm, it spans the whole recording.

    References
    ----------
    Zheng et al., "Optimal Multi-Stage Arrhythmia Classification Approach", Sci. Rep. 10:2898, 2020.
    """

    name = "lsad"
    title = "A large scale 12-lead electrocardiogram database for arrhythmia study (Chapman-Shaoxing-Ningbo)"
    slug = "ecg-arrhythmia"
    version = "1.0.0"
    licence = "CC BY 4.0"
    citation = "Zheng et al., Sci. Rep. 10:2898, 2020"
    url = "https://physionet.org/content/ecg-arrhythmia/1.0.0/"
    provides = frozenset({"diagnoses", "rhythms", "ecg"})
    published_splits = frozenset({"test"})
    Options = LsadOptions

    def listing(self) -> list[RecordInfo]:
        """Return the records of which any file is here; each is of a patient of its own."""
        self.require_folder(FOLDER)
        names = sorted(self._folders, key=_number)
        return [RecordInfo(name, name, "test" if _number(name) % 4 == 0 else None) for name in names]

    def read(self, record_id: str) -> Record:
        """Read signals, codes and the rhythm they state."""
        import wfdb

        if record_id not in self._folders:
            raise RecordError(f"Record {record_id!r} has no file in {self.path / FOLDER}.")
        raw = wfdb.rdrecord(str(self.path / FOLDER / self._folders[record_id] / record_id))
        require_twelve_leads(record_id, raw.sig_name)
        codes = _codes(record_id, raw.comments)
        normal = ["NORM"] if self.options.sinus_is_normal and codes == [SINUS_RHYTHM] else []
        return Record(
            id=record_id,
            patient=record_id,
            sampling_rate=float(raw.fs),
            leads=TWELVE_LEADS,
            units=tuple(raw.units),
            signals=np.ascontiguousarray(raw.p_signal.T, dtype=np.float32),
            rhythms=whole_recording(stated_rhythm(codes), raw.sig_len / raw.fs),
            diagnoses=dict.fromkeys(codes + normal, 100.0),
        )

    @cached_property
    def _folders(self) -> dict[str, str]:
        """Return record -> its folder, e.g. ``"01/010"``: numbers do not tell it, some are missing."""
        found: dict[str, str] = {}
        for folder in (self.path / FOLDER).glob("*/*"):
            inside = folder.relative_to(self.path / FOLDER).as_posix()
            found |= {file.stem: inside for file in folder.glob("JS*.*") if file.suffix in (".hea", ".mat")}
        return {name: inside for name, inside in found.items() if re.fullmatch(r"JS\d+", name)}


def _number(name: str) -> int:
    return int(name.removeprefix("JS"))


def _codes(record_id: str, comments: list[str]) -> list[str]:
    """Return the codes of a header's line ``#Dx: 426177001,164934002``, each once."""
    lines = [line.removeprefix("Dx:") for line in comments if line.startswith("Dx:")]
    if not lines:
        raise RecordError(f"Record {record_id!r}: its header has no line '#Dx:'.")
    return list(dict.fromkeys(code.strip() for code in ",".join(lines).split(",") if code.strip()))
