"""A folder in LUDB's layout, written with wfdb: short records whose waves are known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import wfdb

LEADS = ("i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6")
RATE, SAMPLES = 500, 1000
MARKS = list("(p)(N)(t)(p)(N)(t)")
TIMES = [100, 120, 140, 160, 180, 200, 260, 300, 340, 500, 520, 540, 560, 580, 600, 660, 700, 740]
"""Two beats: P from 100 to 140, QRS from 160 to 200, T from 260 to 340 samples, and the same 400 samples later."""
TABLE = """ID,Sex,Age,Rhythms,Electric axis of the heart
1,"F
","51
","Sinus bradycardia","Horizontal
Another line
"
2,"M
","40
","Sinus rhythm",
"""


def write_marks(folder: Path, record: str, lead: str, symbols: Sequence[str], times: Sequence[int]) -> None:
    """Write one lead's marks; wfdb itself writes no annotator with a digit in its name."""
    wfdb.wrann(record, "marks", np.array(times), list(symbols), write_dir=str(folder / "data"))
    (folder / "data" / f"{record}.marks").replace(folder / "data" / f"{record}.{lead}")


def write_ludb(folder: Path, records: Sequence[str], samples: int = SAMPLES) -> Path:
    """Write records with the same marks in all leads; lead *n* of record *r* is the constant n + r / 1000 mV."""
    (folder / "data").mkdir(parents=True)
    for record in records:
        signal = np.tile(np.arange(12) + int(record) / 1000, (samples, 1))
        signal[0] += 1
        wfdb.wrsamp(
            record, RATE, ["mV"] * 12, list(LEADS), p_signal=signal, fmt=["16"] * 12, adc_gain=[1000.0] * 12,
            baseline=[0] * 12, write_dir=str(folder / "data"),
        )  # fmt: skip
        for lead in LEADS:
            write_marks(folder, record, lead, MARKS, TIMES)
    (folder / "ludb.csv").write_text(TABLE, encoding="utf-8")
    return folder
