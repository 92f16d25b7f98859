"""A user's folder of recordings, as the tests of ``folder`` need it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

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


def write_all(path: Path) -> Path:
    """Write three recordings of two patients, with every table."""
    describe(
        path, files="signals/*.csv", patient="^(P[0-9]+)_", units={"PPG": "NU"}, name="wrist-band",
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
