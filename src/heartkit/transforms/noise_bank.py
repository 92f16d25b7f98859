"""Long stretches of recorded noise at the frames' rate: NSTDB where it is, else a synthetic stand-in."""

from __future__ import annotations

import logging
import os
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from heartkit.datasets.nstdb import NOISES, find_folder, noise_records
from heartkit.signal.resample import resample
from heartkit.synthesis.noise import synthetic_noise

log = logging.getLogger(__name__)

LEADS = 2
"""NSTDB has two leads of each noise, and so has its stand-in."""

SYNTHETIC_SECONDS = 600.0
SYNTHETIC_SEED = 1984


def noise_bank(path: Path | None, noise_folder: Path | None, sampling_rate: float) -> NDArray[np.float32]:
    """Return the noise to cut from.

    Parameters
    ----------
    path : Path or None
        Folder that a configuration names; the records have to be there.
    noise_folder : Path or None
        Folder to try next; by default ``nstdb`` in the folder named by the environment variable HEARTKIT_DATASETS.
    sampling_rate : float
        Hz, of the result.

    Returns
    -------
    (6, samples) array of float32
        Two leads each of `NOISES`, read-only; resampled once per process.

    Raises
    ------
    DatasetMissingError
        If `path` is given and holds no noise records.
    """
    if path is not None:
        return _recorded(path, sampling_rate)
    if noise_folder is None and "HEARTKIT_DATASETS" in os.environ:
        noise_folder = Path(os.environ["HEARTKIT_DATASETS"]) / "nstdb"
    if noise_folder is not None and find_folder(noise_folder) is not None:
        return _recorded(noise_folder, sampling_rate)
    _say_synthetic(noise_folder)
    return _synthetic(sampling_rate)


def half(bank: NDArray[np.float32], held_out: bool) -> NDArray[np.float32]:
    """Return the first half of each row, for training, or the second, for held-out frames."""
    middle = bank.shape[1] // 2
    return bank[:, middle:] if held_out else bank[:, :middle]


@lru_cache(maxsize=4)
def _recorded(path: Path, sampling_rate: float) -> NDArray[np.float32]:
    records = noise_records(path)
    rows = [resample(records.signals[kind][:LEADS], records.sampling_rate, sampling_rate) for kind in NOISES]
    return _frozen(np.concatenate([row[:, : min(r.shape[1] for r in rows)] for row in rows]))


@lru_cache(maxsize=4)
def _synthetic(sampling_rate: float) -> NDArray[np.float32]:
    rng = np.random.default_rng(SYNTHETIC_SEED)
    samples = int(SYNTHETIC_SECONDS * sampling_rate)
    return _frozen(np.concatenate([synthetic_noise(kind, LEADS, samples, sampling_rate, rng) for kind in NOISES]))


@lru_cache(maxsize=1)
def _say_synthetic(folder: Path | None) -> None:
    """Say it once per process, not once per step and batch."""
    log.warning(
        "No NSTDB noise records%s: synthetic noise stands in for bw, em and ma. Download nstdb to use recorded noise.",
        f" in {str(folder)!r}" if folder else "",
    )


def _frozen(bank: NDArray[np.float32]) -> NDArray[np.float32]:
    bank.flags.writeable = False
    return bank
