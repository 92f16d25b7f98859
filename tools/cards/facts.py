"""What is known of one trained model, gathered from its folder."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import heartkit as hk
from heartkit.frames.seen import patients_file
from heartkit.records.leads import signal_kind
from tools.cards.limits import limits
from tools.results.stored import read

HEADLINES = (
    ("recordings.tags.macro_auroc", "macro AUROC of recordings"),
    ("recordings.samples.macro_f1", "macro F1 of recordings"),
    ("frames.macro_f1", "macro F1"),
    ("frames.snr_improvement.mean", "SNR gained, dB"),
    ("frames.output.correlation.mean", "correlation"),
    ("embedding.agreement", "nearest neighbour is of the same patient"),
)
"""Where the score stands that says most of a model, the first that there is; and what it is called."""
SPLIT_WORDS = {"val": "validation", "test": "test", "train": "training"}


def card(folder: Path) -> dict[str, Any]:
    """Gather what is known of one trained model.

    Parameters
    ----------
    folder : Path
        Holds ``config.json``, ``published.json``, ``model.keras.patients.json``, ``metrics.json``, ``export.json``,
        ``history.csv`` and ``model.keras``.

    Returns
    -------
    dict
        ``task``, ``input``, ``class_names``, ``noise`` that is taken off, ``parameters``, ``macs``, ``arena_bytes``,
        ``bytes``, ``format``, ``score`` and those of ``baselines``, scores when ``converted``, what that ``lost`` and
        the patients that it was ``converted_on``, ``data`` (a sentence), ``split`` and ``scored`` patients,
        ``datasets`` with licence, citation and who trained and was held out, ``limits``, ``published``, ``epochs``;
        where `tools.crossval` was run also ``crossval``: a score of all patients, by method.
    """
    config, metrics, exported = (read(folder / f"{name}.json") for name in ("config", "metrics", "export"))
    path, label = next((path, label) for path, label in HEADLINES if _at(metrics, path) is not None)
    facts = {
        "task": metrics["task"],
        "input": _input(config),
        "class_names": metrics["class_names"],
        "noise": _noise(config) if metrics["task"] == "denoise" else [],
        "parameters": _parameters(folder / "model.keras"),
        "macs": exported["macs"],
        "arena_bytes": exported["verification"]["arena_bytes"],
        "bytes": exported["bytes"],
        "format": exported["format"],
        "score": {"name": label, **_score(_at(metrics, path))},
        "baselines": _beside(metrics, path),
        "converted": exported["scores"],
        "lost": exported["lost"],
        "converted_on": exported["verified_on"],
        "data": _data(config, metrics),
        "split": metrics["split"],
        "scored": [{"name": one["name"], "patients": one["patients"]} for one in metrics["datasets"]],
        "datasets": [_dataset(one) for one in _known(folder)],
        "published": _published(config, read(folder / "published.json")),
        "epochs": len(list(csv.DictReader((folder / "history.csv").read_text(encoding="utf-8").splitlines()))),
        **_crossval(folder / "crossval.json"),
    }
    return {**facts, "limits": limits(facts)}


def _input(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what one frame is: the kind of signal, the rate (Hz), the samples."""
    return {"signal": _signal(config), "sampling_rate": config["sampling_rate"], "frame_size": config["frame_size"]}


def _signal(config: Mapping[str, Any]) -> str:
    """Return ``"ecg"`` or ``"ppg"``: what a task is told to read, else what kind the leads that are used are of."""
    if source := (config.get("task_params") or {}).get("source"):
        return str(source)
    return min({kind for one in config["datasets"] for kind in _kinds(one)})


def _kinds(one: Mapping[str, Any]) -> set[str]:
    leads = one.get("params", {}).get("leads")
    if leads:
        return {signal_kind(lead) for lead in leads}
    provided = hk.DatasetFactory.get(one["name"]).provides & {"ecg", "ppg"}
    # Of one that has both, what is named after it: generated PPGs come with an ECG only on request.
    return {"ppg"} if one["name"].startswith("ppg") else set(provided)


def _noise(config: Mapping[str, Any]) -> list[str]:
    return [one["name"] for one in config.get("augmentations", [])]


def _parameters(model_file: Path) -> int:
    """Count weights as `heartkit check` does: branches and batch norm folded, as they are on the device."""
    from heartkit.models.files import load_model
    from heartkit.models.fold import fold

    return int(fold(load_model(model_file)).count_params())


def _data(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    train = ", ".join(one["name"] for one in config["datasets"])
    scored = ", ".join(f"{one['patients']} patients of {one['name']}" for one in metrics["datasets"] if one["patients"])
    return f"trained on {train}; scored on {scored} ({SPLIT_WORDS[metrics['split']]})"


def _known(folder: Path) -> list[dict[str, Any]]:
    """Return of each dataset how many patients trained, validate and test, and what decides who does."""
    kept = read(patients_file(folder / "model.keras"))["datasets"]
    numbers = ("name", "fixed", "only", "train", "val", "test", "trained")
    return [{key: len(one[key]) if key in ("train", "val") else one[key] for key in numbers} for one in kept]


def _dataset(counted: Mapping[str, Any]) -> dict[str, Any]:
    dataset = hk.DatasetFactory.get(counted["name"])
    words = {"title": dataset.title, "licence": dataset.licence or "as heartkit", "citation": dataset.citation}
    return {**words, "generated": dataset.made, **counted}


def _published(config: Mapping[str, Any], published: Mapping[str, Any]) -> dict[str, Any]:
    """Return the datasets of the configuration for whole datasets, and whether it is this one in another folder."""
    ours, theirs = ({key: one[key] for key in one if key != "job_dir"} for one in (config, published))
    return {"datasets": [one["name"] for one in published["datasets"]], "same": ours == theirs}


def _beside(metrics: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the same score of each baseline that has it."""
    rest = path.partition(".")[2]
    places = (path, rest, f"samples.{rest}", f"signals.{rest}")
    found = {
        name: next((value for place in places if (value := _at(one, place)) is not None), None)
        for name, one in metrics["baselines"].items()
    }
    return {name: _score(value) for name, value in found.items() if value is not None and value["value"] is not None}


def _crossval(file: Path) -> dict[str, Any]:
    """Return what the configuration, not this model of it, scores when each patient in turn is unseen."""
    if not file.exists():
        return {}
    found = read(file)
    if "signals" in found:
        name, rows = "correlation", {method: one["correlation"] for method, one in found["signals"].items()}
    else:
        name, methods = "macro F1 of recordings", {"model": found, **found["baselines"]}
        rows = {method: one["samples"]["macro_f1"] for method, one in methods.items() if "samples" in one}
    scores = {{"model": "this configuration"}.get(method, method): score for method, score in rows.items()}
    return {"crossval": {"patients": found["patients"], "name": name, "scores": scores}}


def _score(value: Any) -> dict[str, float | None]:
    return {key: value[key] for key in ("value", "low", "high")}


def _at(values: Any, path: str) -> Any:
    for key in path.split("."):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values
