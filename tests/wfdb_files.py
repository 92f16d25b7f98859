"""Tiny recordings in the formats of PhysioNet's databases, written with wfdb."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import wfdb
from numpy.typing import NDArray


class Mark(NamedTuple):
    """One annotation: its sample, symbol and what else it carries."""

    sample: int
    symbol: str
    text: str = ""
    subtype: int = 0
    number: int = 0


def ecg_like(samples: int, leads: int, seed: int = 0) -> NDArray[np.float64]:
    """Return (leads, samples) millivolts, all of them whole multiples of 1/200 mV."""
    return np.round(np.random.default_rng(seed).normal(0, 0.5, (leads, samples)) * 200) / 200


def write_signals(
    folder: Path, name: str, signals: NDArray[np.float64], rate: int, leads: Sequence[str], form: str = "212"
) -> None:
    """Write ``<name>.hea`` and ``<name>.dat`` with 200 units per millivolt."""
    folder.mkdir(parents=True, exist_ok=True)
    count = len(leads)
    wfdb.wrsamp(
        name,
        rate,
        ["mV"] * count,
        list(leads),
        p_signal=signals.T,
        fmt=[form] * count,
        adc_gain=[200.0] * count,
        baseline=[0] * count,
        write_dir=str(folder),
    )


def write_marks(folder: Path, name: str, annotator: str, marks: Sequence[Mark]) -> None:
    """Write ``<name>.<annotator>``, also under a name with a digit, which wfdb refuses to write itself."""
    wfdb.wrann(
        name,
        "unnamed",
        np.array([mark.sample for mark in marks]),
        [mark.symbol for mark in marks],
        subtype=np.array([mark.subtype for mark in marks]),
        num=np.array([mark.number for mark in marks]),
        aux_note=[mark.text for mark in marks],
        write_dir=str(folder),
    )
    (folder / f"{name}.unnamed").replace(folder / f"{name}.{annotator}")


def cut_short(file: Path, keep: int) -> None:
    """Leave only the first `keep` bytes of a file."""
    file.write_bytes(file.read_bytes()[:keep])
