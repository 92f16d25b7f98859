"""The PhysioNet/CinC Challenge 2017: short hand-held single-lead ECGs, labelled normal, AF, other or noise."""

from __future__ import annotations

import csv
from functools import cached_property
from pathlib import Path

import numpy as np

from heartkit.datasets.base import Dataset
from heartkit.errors import DataError, RecordError
from heartkit.records.diagnosis_codes import whole_recording
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo
from heartkit.records.vocabulary import Rhythm

FOLDER = "training"
LABELS = ("REFERENCE-v3.csv", "training/REFERENCE-v3.csv", "training/REFERENCE.csv")
"""Where the labels may stand, the last correction of them first."""
RHYTHMS = {"N": Rhythm.SR, "A": Rhythm.AFIB, "O": Rhythm.OTHER, "~": Rhythm.NOISE}


class Cinc2017(Dataset):
    """The public training set of the challenge: 8,528 recordings of 9 to 61 s at 300 Hz.

    Nothing is published about who recorded what, so each recording counts as a patient, and no split. The label spans
    the whole recording; ``"O"`` is any rhythm but sinus rhythm and atrial fibrillation, ``"~"`` is too noisy to tell.
    The two thumbs on the electrodes make a lead I, which may be upside down.

    References
    ----------
    Clifford et al., "AF Classification from a Short Single Lead ECG Recording: the PhysioNet/Computing in Cardiology
    Challenge 2017", Computing in Cardiology 44, 2017.
    """

    name = "cinc2017"
    title = "AF Classification from a Short Single Lead ECG Recording (PhysioNet/CinC Challenge 2017)"
    slug = "challenge-2017"
    version = "1.0.0"
    licence = "ODC-By 1.0"
    citation = "Clifford et al., Computing in Cardiology 44, 2017"
    url = "https://physionet.org/content/challenge-2017/1.0.0/"
    provides = frozenset({"rhythms", "ecg"})

    def listing(self) -> list[RecordInfo]:
        """Return the recordings of which any file is here."""
        self.require_folder(FOLDER)
        return [RecordInfo(name, name) for name in sorted(self._stems)]

    def read(self, record_id: str) -> Record:
        """Read the signal and its label."""
        import wfdb

        if record_id not in self._stems:
            raise RecordError(f"Record {record_id!r} has no file in {self.path / FOLDER}.")
        if record_id not in self._labels:
            raise RecordError(f"Record {record_id!r} has no label in {self._label_file.name}.")
        raw = wfdb.rdrecord(str(self.path / self._stems[record_id]))
        if raw.n_sig != 1:
            raise RecordError(f"Record {record_id!r} has {raw.n_sig} signals; expected one.")
        return Record(
            id=record_id,
            patient=record_id,
            sampling_rate=float(raw.fs),
            leads=("I",),
            units=tuple(raw.units),
            signals=np.ascontiguousarray(raw.p_signal.T, dtype=np.float32),
            rhythms=whole_recording(self._labels[record_id], raw.sig_len / raw.fs),
        )

    def wanted(self, relative_path: str) -> bool:
        """Fetch the training recordings and the labels; the rest are entries to the challenge and archives."""
        return relative_path.startswith(f"{FOLDER}/") or relative_path in LABELS

    @cached_property
    def _stems(self) -> dict[str, str]:
        """Return record -> its path without suffix: PhysioNet has folders A00 to A08, the archive has none."""
        files = (file for pattern in ("A*.*", "A*/A*.*") for file in (self.path / FOLDER).glob(pattern))
        return {
            file.stem: file.relative_to(self.path).with_suffix("").as_posix()
            for file in files
            if file.suffix in (".hea", ".mat")
        }

    @property
    def _label_file(self) -> Path:
        return self.path / next((file for file in LABELS if (self.path / file).is_file()), LABELS[-1])

    @cached_property
    def _labels(self) -> dict[str, Rhythm]:
        """Return record -> its label."""
        self.require_folder(self._label_file.relative_to(self.path).as_posix())
        labels = {}
        with self._label_file.open(newline="", encoding="utf-8") as file:
            lines = csv.reader(file)
            for line in filter(None, lines):
                if len(line) != 2 or line[1] not in RHYTHMS:
                    raise DataError(
                        f"{self._label_file}, line {lines.line_num}: {','.join(line)!r}; expected a recording and one "
                        f"of {', '.join(RHYTHMS)}. Fetch the file again with `heartkit download`."
                    )
                labels[line[0]] = RHYTHMS[line[1]]
        return labels
