"""A simulated Icentia11k: its file layout, with synthetic ECG; some segments are written, the others are hard links."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import wfdb
from numpy.typing import NDArray

from heartkit.records.record import Record
from heartkit.records.vocabulary import Beat, Rhythm
from heartkit.synthesis.ecg import generate
from heartkit.synthesis.params import EcgParams

RATE, SAMPLES, GAIN = 250, 1_048_577, 74.36482269503546
"""Of the segments that the publisher offers."""
PIECE_SECONDS, LEAD = 60.0, 1
SYMBOLS = {Beat.NORMAL: "N", Beat.PAC: "S", Beat.PVC: "V"}


def simulate(folder: Path, patients: int, segments: int, different: int = 8) -> None:
    """Write the layout ``p00/p00000/p00000_s00.{hea,dat,atr}``.

    Parameters
    ----------
    folder : Path
        An empty folder.
    patients, segments : int
        How many patients, and how many segments of 70 minutes each of them has.
    different : int
        So many segments differ; the files of the others are the same, under further names.
    """
    templates = [_template(folder / "templates", number) for number in range(different)]
    for patient in range(patients):
        name = f"p{patient:05d}"
        inside = folder / name[:3] / name
        inside.mkdir(parents=True)
        for segment in range(segments):
            stem = f"{name}_s{segment:02d}"
            template = templates[(patient * segments + segment) % different]
            header = template.with_suffix(".hea").read_text(encoding="utf-8")
            (inside / f"{stem}.hea").write_text(header.replace(template.name, stem), encoding="utf-8")
            for suffix in ("dat", "atr"):
                os.link(f"{template}.{suffix}", inside / f"{stem}.{suffix}")


def layout(folder: Path, patients: int, segments: int) -> None:
    """Make the same layout of empty files: a reader that opens one finds no header."""
    for patient in range(patients):
        name = f"p{patient:05d}"
        inside = folder / name[:3] / name
        inside.mkdir(parents=True)
        for segment in range(segments):
            for suffix in ("hea", "dat", "atr"):
                os.close(os.open(inside / f"{name}_s{segment:02d}.{suffix}", os.O_CREAT | os.O_WRONLY))


def _template(folder: Path, number: int) -> Path:
    """Write one segment: a minute of each of seventy synthetic people, the rhythm marked where it changes."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = -(-SAMPLES // round(PIECE_SECONDS * RATE))
    params = EcgParams(sample_rate=RATE, duration=PIECE_SECONDS)
    records = [generate(params, number, [piece])[0] for piece in range(pieces)]
    signal = np.concatenate([record.signals[LEAD] for record in records])[:SAMPLES]
    name = f"template{number:02d}"
    wfdb.wrsamp(
        name, RATE, ["mV"], ["ecg"], d_signal=np.rint(signal * GAIN).astype(np.int64)[:, None], fmt=["16"],
        adc_gain=[GAIN], baseline=[0], write_dir=str(folder),
    )  # fmt: skip
    _write_marks(folder, name, records)
    return folder / name


def _write_marks(folder: Path, name: str, records: list[Record]) -> None:
    # The publisher's beats carry the word None each, so the file is four times as long as it need be.
    at: list[NDArray[np.int64]] = []
    symbols: list[str] = []
    texts: list[str] = []
    for piece, record in enumerate(records):
        first = round(piece * PIECE_SECONDS * RATE)
        beats = np.rint(record.beats.time * RATE).astype(np.int64) + first
        at += [np.array([first]), beats]
        symbols += ["+", *(SYMBOLS.get(Beat(kind), "Q") for kind in record.beats.kind)]
        texts += ["(AFIB" if record.rhythms.kind[0] == Rhythm.AFIB else "(N", *["None"] * len(beats)]
    times = np.concatenate(at)
    kept = np.flatnonzero(times < SAMPLES)
    wfdb.wrann(
        name, "atr", times[kept], [symbols[n] for n in kept], aux_note=[texts[n] for n in kept], write_dir=str(folder)
    )
