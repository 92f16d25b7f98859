"""Icentia11k: up to two weeks of single-lead ECG from each of 11,000 people, beats and rhythms marked."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from pydantic import Field

from heartkit.datasets import wfdb_beats
from heartkit.datasets.base import DatasetOptions
from heartkit.datasets.wfdb_beats import WfdbDataset, read_marks, read_record, source_state
from heartkit.records.record import Record
from heartkit.records.source import RecordInfo

PATIENTS, SEGMENTS = 11_000, 50
_PATIENT = re.compile(r"p\d{5}")
_SEGMENT = re.compile(r"(p\d{5})_s(\d\d)\.hea")


class Icentia11kOptions(DatasetOptions):
    """What ``params`` of ``icentia11k`` may hold.

    Parameters
    ----------
    patients : int
        Use, and download, only the patients whose number is below this.
    segments : int
        Use, and download, only the segments of each patient whose number is below this.
    """

    patients: int = Field(default=PATIENTS, ge=1, le=PATIENTS)
    segments: int = Field(default=SEGMENTS, ge=1, le=SEGMENTS)


class Icentia11k(WfdbDataset):
    """Icentia11k 1.0: 11,000 people, up to 50 segments of 70 minutes each, one chest lead at 250 Hz.

    A segment is a record; its name tells the patient. Beats are normal, PAC, PVC or not classified; rhythms are sinus
    rhythm, atrial fibrillation and atrial flutter, and between them there are stretches that nobody named.

    References
    ----------
    Tan et al., "Icentia11K: An Unsupervised Representation Learning Dataset for Arrhythmia Subtype Discovery",
    Computing in Cardiology 2021.
    """

    name = "icentia11k"
    title = "Icentia11k Single Lead Continuous Raw Electrocardiogram Dataset"
    slug = "icentia11k-continuous-ecg"
    version = "1.0"
    licence = "CC BY-NC-SA 4.0"
    citation = "Tan et al., Computing in Cardiology 2021; arXiv:1910.09570"
    url = "https://physionet.org/content/icentia11k-continuous-ecg/1.0/"
    provides = frozenset({"ecg", "beats", "rhythms"})
    records_per_shard = 16
    Options = Icentia11kOptions

    def listing(self) -> list[RecordInfo]:
        """Return the segments whose header is here, by the names of files alone."""
        self.require_folder()
        records = []
        for folder in self._patient_folders():
            for name in _names(folder):
                found = _SEGMENT.fullmatch(name)
                if found and found[1] == folder.name and int(found[2]) < self.options.segments:
                    records.append(RecordInfo(name.removesuffix(".hea"), folder.name))
        return records

    def read(self, record_id: str) -> Record:
        """Read one segment: signal, beats and rhythms."""
        patient = record_id.partition("_")[0]
        stem = self.path / patient[:3] / patient / record_id
        record = read_record(stem, record_id, patient)
        marks = read_marks(stem, "atr", record)
        return replace(record, beats=marks.beats(), rhythms=marks.rhythms(record.duration))

    def fingerprint(self) -> str:
        """Return a text that changes with the reader, the options, and which files are in the patients' folders.

        The 1.6 million files are not looked at: a folder's time changes whenever a file appears in it, vanishes or is
        replaced, as a download does.
        """
        digest = hashlib.sha256()
        for folder in self._patient_folders():
            digest.update(f"{folder.name} {folder.stat().st_mtime_ns}\n".encode())
        code = f"{source_state(wfdb_beats)} {source_state(sys.modules[__name__])}"
        chosen = f"{self.options.patients} {self.options.segments}"
        return f"{self.name} {self.version} {code} {chosen} {self.path.resolve()} {digest.hexdigest()[:16]}"

    def wanted(self, relative_path: str) -> bool:
        """Say whether a file belongs to the patients and segments that are asked for."""
        found = re.fullmatch(r"p(\d{5})_s(\d\d)\.\w+", PurePosixPath(relative_path).name)
        return not found or (int(found[1]) < self.options.patients and int(found[2]) < self.options.segments)

    def _patient_folders(self) -> Iterator[Path]:
        """Yield the folders ``p00/p00000``, in order."""
        for group in sorted(self.path.glob("p[0-9][0-9]")):
            for name in _names(group):
                if _PATIENT.fullmatch(name) and int(name[1:]) < self.options.patients:
                    yield group / name


def _names(folder: Path) -> list[str]:
    """Return the sorted names in a folder; no object is made for each of a million files."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries)
