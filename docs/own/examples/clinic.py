"""A dataset of one's own: recordings and marked waves in CSV files.

::

    FOLDER/anna-1.csv         one column per lead, in mV, 250 rows per second; the first row names the leads
    FOLDER/anna-1.waves.csv   lead, kind (P, QRS or T), onset, peak, offset in seconds; one row per wave
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

import heartkit as hk
from heartkit.datasets.base import Dataset
from heartkit.records.record import annotated_everywhere
from heartkit.records.source import RecordInfo

RATE = 250.0


class Clinic(Dataset):
    """ECGs of our clinic with marked waves; file names are PATIENT-NUMBER."""

    name = "clinic"
    title = "ECGs of our clinic"
    version = "1"
    licence = "for research within the clinic"
    provides = frozenset({"ecg", "waves"})

    def listing(self) -> list[RecordInfo]:
        """Return all recordings and whose they are, without reading a signal."""
        self.require_folder()
        names = sorted(file.stem for file in self.path.glob("*.csv") if not file.name.endswith(".waves.csv"))
        return [RecordInfo(id=name, patient=name.rpartition("-")[0]) for name in names]

    def read(self, record_id: str) -> hk.Record:
        """Read one recording; whatever goes wrong here leaves this one out, not the run."""
        with (self.path / f"{record_id}.csv").open(newline="") as file:
            leads, *rows = csv.reader(file)
        signals = np.array(rows, np.float32).T
        with (self.path / f"{record_id}.waves.csv").open(newline="") as file:
            marks = [(leads.index(lead), hk.Wave[kind], *map(float, times)) for lead, kind, *times in csv.reader(file)]
        lead, kind, onset, peak, offset = np.array(marks, float).reshape(-1, 5).T
        return hk.Record(
            id=record_id,
            patient=record_id.rpartition("-")[0],
            sampling_rate=RATE,
            leads=tuple(leads),
            units=("mV",) * len(leads),
            signals=signals,
            waves=hk.Waves(kind.astype(np.int8), onset, peak, offset, lead.astype(np.int16)),
            # Here all of each lead was looked at. Where only a part was, say so: the rest then counts as unknown.
            annotated=annotated_everywhere(len(leads), signals.shape[1] / RATE),
        )


def write_some(folder: Path, patients: int) -> None:
    """Write synthetic recordings in the clinic's format, so that this example has something to read."""
    params = {"num_pts": patients, "params": {"sample_rate": RATE, "duration": 5.0}}
    for record in hk.DatasetFactory.get("ecg-synthetic")(Path(), params).read_many(list(map(str, range(patients)))):
        stem = folder / f"p{record.id}-1"
        with stem.with_suffix(".csv").open("w", newline="") as file:
            csv.writer(file).writerows([("II", "V1"), *record.signals[[1, 6]].T.round(4).tolist()])
        with stem.with_suffix(".waves.csv").open("w", newline="") as file:
            for row, number in enumerate((1, 6)):
                mine = record.waves.on_lead(number)
                names = [hk.Wave(kind).name for kind in mine.kind]
                lead = [("II", "V1")[row]] * len(mine)
                csv.writer(file).writerows(zip(lead, names, mine.onset, mine.peak, mine.offset, strict=True))


def main(folder: Path) -> None:
    """Register the dataset, look at it, and train a small model on it."""
    write_some(folder, patients=12)
    hk.DatasetFactory.register("clinic", Clinic)
    config = hk.load(
        {
            "job_dir": str(folder / "results"),
            "cache_dir": str(folder / "cache"),
            "datasets": [{"name": "clinic", "path": str(folder), "params": {"leads": ["II"]}}],
            "sampling_rate": 100,
            "frame_size": 256,
            "num_classes": 4,
            "samples_per_patient": 20,
            "val_samples_per_patient": 10,
            "epochs": 1,
            "steps_per_epoch": 2,
            "preprocesses": [{"name": "znorm"}],
            "architecture": {"name": "tcn", "params": {"blocks": [{"filters": 8, "kernel": 7, "norm": "batch"}]}},
        }
    )
    hk.TaskFactory.get("segmentation").train(config.params(hk.HKTrainParams, "segmentation"))


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        main(Path(temporary))
