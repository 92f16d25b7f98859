"""The page of one model of the zoo."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from tools.results.boundaries import boundaries
from tools.results.cells import few_patients
from tools.results.classes import frames, recordings
from tools.results.converted import converted
from tools.results.crossval import crossval
from tools.results.ec57 import ectopic_beats
from tools.results.operators import operators
from tools.results.protocol import protocol
from tools.results.pulse_rates import pulse_rates
from tools.results.r_peaks import r_peaks
from tools.results.signals import signals
from tools.results.stored import read, read_if_there
from tools.results.tags import embeddings, tags
from tools.results.translation import heart_rates

CHOSEN = " but chose the epoch and the configuration: expect a little less on others."
SCORED = (tags, embeddings, signals, heart_rates, frames, recordings, boundaries, ectopic_beats)
"""Sections made of what ``evaluate`` wrote, in the order of the page; each yields nothing where it has nothing."""


def model_page(folder: Path) -> str:
    """Describe one model of the zoo: what it is, on what it was trained, what it scores."""
    metrics, exported = read(folder / "metrics.json"), read(folder / "export.json")
    lines = [f"# {folder.name}", "", _about(folder, metrics, exported), ""]
    for section in SCORED:
        lines += section(metrics)
    lines += protocol(read_if_there(folder, "protocol.json"))
    lines += r_peaks(metrics, read_if_there(folder, "r_peaks.json"))
    lines += pulse_rates(read_if_there(folder, "pulse_rate.json"))
    lines += crossval(read_if_there(folder, "crossval.json"))
    lines += [*converted(exported), *operators(folder / "model.tflite"), *_notes(folder)]
    return "\n".join(lines).rstrip() + "\n"


def _about(folder: Path, metrics: dict[str, Any], exported: dict[str, Any]) -> str:
    config = read(folder / "config.json")
    rows = list(csv.DictReader((folder / "history.csv").read_text(encoding="utf-8").splitlines()))
    train = ", ".join(f"{one['name']} (weight {one.get('weight', 1)})" for one in config["datasets"])
    scored = ", ".join(
        f"{one['name']}: {one['recordings']} recordings of {one['patients']} patients"
        for one in metrics["datasets"]
        if one["patients"]
    )
    return (
        f"Task {metrics['task']}, {metrics['sampling_rate']} Hz, frames of {metrics['frame_size']} samples, "
        f"{exported['macs']:,} MACs per frame. Trained for {len(rows)} epochs on {train}; configuration: "
        f"[`configs/{folder.name}.json`](../../configs/{folder.name}.json). Scored on split `{metrics['split']}` "
        f"({scored}), whose patients were not trained on"
        + (CHOSEN if metrics["split"] == "val" else ".")
        + " Intervals are 95 %, by bootstrap over patients."
        + _few(sum(one["patients"] for one in metrics["datasets"]))
    )


def _few(count: int) -> str:
    words = few_patients(count)
    return f" These are {words}." if words else ""


def _notes(folder: Path) -> list[str]:
    """Return what a person has to add about how the model came about, if anything."""
    file = folder / "notes.md"
    return [file.read_text(encoding="utf-8").rstrip()] if file.exists() else []
