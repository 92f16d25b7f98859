"""Recordings in publishers' file formats, written by tests, and fetching them from a server on loopback."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import wfdb
from numpy.typing import NDArray
from scipy.io import savemat

from heartkit.datasets.base import Dataset
from heartkit.datasets.fetch import fetch
from heartkit.datasets.publisher import dataset_url, list_files
from heartkit.datasets.transfer import Patience
from http_server import serving, write_sums

TWELVE = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
Samples = NDArray[np.int16]


def microvolts(leads: int, samples: int, seed: int = 0) -> Samples:
    """Random walks, no two leads alike."""
    steps = np.random.default_rng(seed).integers(-40, 41, (leads, samples))
    return np.cumsum(steps, axis=1).astype(np.int16)


def write_mat(folder: Path, name: str, digital: Samples, rate: int, leads: Sequence[str], *comments: str) -> None:
    """Write what the CinC challenges use: MATLAB 4 files of 16-bit microvolts, and a header that skips 24 bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    savemat(folder / f"{name}.mat", {"val": digital}, format="4")
    lines = [f"{name} {len(leads)} {rate} {digital.shape[1]} 23-Mar-2021 20:21:11"]
    lines += [f"{name}.mat 16+24 1000/mV 16 0 {row[0]} 0 0 {lead}" for lead, row in zip(leads, digital, strict=True)]
    (folder / f"{name}.hea").write_text("\n".join([*lines, *(f"#{comment}" for comment in comments)]) + "\n")


def write_dat(
    folder: Path, name: str, digital: Samples, rate: int, leads: Sequence[str], units: Sequence[str] = ()
) -> None:
    """Write WFDB format 16 with 1000 units per mV; -32768 is a missing sample."""
    folder.mkdir(parents=True, exist_ok=True)
    count = len(leads)
    wfdb.wrsamp(
        name, rate, list(units) or ["mV"] * count, list(leads), d_signal=digital.T.astype(np.int64), fmt=["16"] * count,
        adc_gain=[1000.0] * count, baseline=[0] * count, write_dir=str(folder),
    )  # fmt: skip


def fetch_wanted(served: Path, dataset: Dataset) -> set[str]:
    """Serve a folder in PhysioNet's layout, fetch what a dataset wants of it, and return which files that was."""
    write_sums(served / dataset.slug / dataset.version)
    patience = Patience(attempts=2, pause=0.01, timeout=2.0)
    with serving(served) as server:
        url = dataset_url(dataset.slug, dataset.version, server.url)
        files = [file for file in list_files(url, patience).files if dataset.wanted(file.path)]
        fetch(files, dataset.path, url, jobs=2, progress=False, patience=patience)
    return {file.path for file in files}
