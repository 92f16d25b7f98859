"""Hold a PPG segmentation model of the zoo against real recordings, on which nobody marked waves, by their heart rate.

``python -m tools.pulse_rate NAME FOLDER`` runs the zoo's model NAME on the PPG of each BIDMC recording in FOLDER,
counts pulses in stretches of 15 s, and compares with R peaks that NeuroKit2 finds in the ECG of the same stretch. It
writes ``zoo/NAME/pulse_rate.json``, from which ``python -m tools.results`` makes a part of the model's page.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import heartkit as hk
from heartkit.baselines.delineator import find_r_peaks
from heartkit.baselines.pulses import delineate_pulses
from heartkit.files import write_json
from heartkit.frames.prepared import Prepared
from heartkit.metrics.rates import rate_report
from heartkit.modes.data import TaskData
from heartkit.modes.evaluate import open_task_model
from heartkit.params import HKTestParams
from heartkit.records.leads import lead_of_kind
from heartkit.records.vocabulary import Wave
from heartkit.signal.hrv import rr_intervals
from heartkit.tasks.segmentation import TASK

ZOO = Path(__file__).parents[1] / "zoo"
STRETCH = 15.0
"""Seconds in which pulses and R peaks are counted."""
LEAST = 0.5
"""Share of a stretch that plausible intervals must cover for it to have a rate."""
Rates = NDArray[np.float64]


def rates(beats: Rates, duration: float) -> Rates:
    """Return the rate in each whole stretch of a recording, per minute; NaN where there is none."""
    rr = rr_intervals(beats)
    starts = np.arange(0, duration - STRETCH + 1e-9, STRETCH)
    inside = [rr.kept & (rr.time > start) & (rr.time <= start + STRETCH) for start in starts]
    return np.array([60 / rr.interval[w].mean() if rr.interval[w].sum() >= LEAST * STRETCH else np.nan for w in inside])


def measured(one: Prepared, answer: Any) -> Iterator[tuple[str, Rates, dict[str, Rates]]]:
    """Yield for each recording its patient, the rates of its ECG, and those of its PPG by each method."""
    for number in one.records("all"):
        names, signals, rate = one.store.leads[number], one.store.signals(number), one.store.rate
        ecg, ppg = (lead_of_kind(names, kind, range(len(names))) for kind in ("ecg", "ppg"))
        if ecg is None or ppg is None:
            continue
        pulse, duration = np.asarray(signals[ppg]), signals.shape[1] / rate
        found = {
            "model": answer(pulse, ppg)[1].of_kind(Wave.SYSTOLIC).peak,
            "NeuroKit2 pulses": delineate_pulses(pulse, rate)["SYSTOLIC"][:, 1],
        }
        reference = rates(find_r_peaks(np.asarray(signals[ecg]), rate), duration)
        yield one.store.patients[number], reference, {name: rates(beats, duration) for name, beats in found.items()}


def compare(name: str, folder: Path, cache: Path | None = None) -> dict[str, Any]:
    """Return what ``pulse_rate.json`` holds."""
    values = json.loads((ZOO / name / "config.json").read_text(encoding="utf-8"))
    datasets = [{"name": "bidmc", "path": str(folder)}]
    more = {} if cache is None else {"cache_dir": str(cache)}
    params = hk.load({**values, **more, "datasets": datasets, "data_parallelism": 1}).params(HKTestParams, TASK.name)
    data = TaskData(params, TASK, 0, frozenset({"ecg", "ppg"}))
    answer = data.answer(open_task_model(ZOO / name / "model.tflite", params, TASK, "pc"))
    (one,) = data.prepared
    rows = list(measured(one, answer))
    patients = np.concatenate([[patient] * len(reference) for patient, reference, _ in rows])
    reference = np.concatenate([reference for _, reference, _ in rows])
    methods = {
        method: rate_report(
            reference, np.concatenate([found[method] for _, _, found in rows]), patients, np.random.default_rng(0)
        )
        for method in rows[0][2]
    }
    return {"dataset": "bidmc", "recordings": len(rows), "seconds": STRETCH, "methods": methods}


def main(name: str, folder: str, cache: str | None = None) -> None:
    """Compare and write."""
    write_json(ZOO / name / "pulse_rate.json", compare(name, Path(folder), None if cache is None else Path(cache)))


if __name__ == "__main__":
    main(*sys.argv[1:])
