"""A user's folder of short ECGs with diagnoses: normal ones, and ones with left bundle branch block."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from heartkit.synthesis.ecg import generate
from heartkit.synthesis.params import EcgParams

RATE, SPLITS = 100, ("train", "train", "val", "test")
STATEMENTS = {"SR": ("NORM",), "LBBB": ("CLBBB", "NDT")}


def write_diagnoses(folder: Path, count: int = 24) -> dict[str, Any]:
    """Write recordings of 4 s, each of a patient of its own, and return the configuration of the dataset."""
    folder.mkdir(parents=True)
    description = {
        "files": "*.npy", "sampling_rate": RATE, "leads": ["II", "V5"], "records": "records.csv",
        "diagnoses": "diagnoses.csv",
    }  # fmt: skip
    (folder / "dataset.json").write_text(json.dumps(description))
    splits, stated = ["record,split"], ["record,statement,likelihood"]
    for preset in STATEMENTS:
        made = generate(EcgParams(presets=[preset], duration=4, sample_rate=float(RATE)), 0, range(count // 2))
        for number, record in enumerate(made):
            name = f"{preset}{number:02d}"
            leads = [record.leads.index(lead) for lead in ("II", "V5")]
            np.save(folder / f"{name}.npy", np.asarray(record.signals)[leads].T)
            splits.append(f"{name},{SPLITS[number % 4]}")
            stated += [f"{name},{statement},100" for statement in STATEMENTS[preset]]
    (folder / "records.csv").write_text("\n".join(splits) + "\n")
    (folder / "diagnoses.csv").write_text("\n".join(stated) + "\n")
    return {"name": "folder", "path": str(folder)}
