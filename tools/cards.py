"""Model cards of the zoo: what each model is for, with what it was made, what it costs and scores, and its limits.

``python -m tools.cards`` writes ``card.json`` and ``README.md`` into each folder of the zoo that holds a trained model,
from what training, evaluating and exporting left there.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import heartkit as hk

ROOT = Path(__file__).parents[1]
ZOO = ROOT / "zoo"
HEADLINES = (
    ("recordings.tags.macro_auroc", "macro AUROC of recordings"),
    ("recordings.samples.macro_f1", "macro F1 of recordings"),
    ("frames.macro_f1", "macro F1"),
    ("frames.snr_improvement.mean", "SNR gained, dB"),
    ("frames.output.correlation.mean", "correlation"),
    ("embedding.agreement", "nearest neighbour is of the same patient"),
)
"""Where the score stands that says most of a model, the first that there is; and what it is called."""
USES = {
    "segmentation": "finding the waves of a heartbeat, sample by sample, in one lead",
    "rhythm": "telling rhythms apart in a stretch of one lead",
    "beat": "telling kinds of heartbeats apart",
    "diagnostic": "telling which of five diagnostic superclasses an ECG of ten seconds shows",
    "denoise": "taking noise off one lead",
    "translate": "guessing one signal from another that was recorded together with it",
    "foundation": "starting another task from weights that know what ECGs look like",
}
LIMITS = (
    "Trained and scored on the excerpt of the datasets that is named above, recorded with the devices and the patients "
    "of those datasets: expect less elsewhere, and measure it on recordings of your own device before you rely on it. "
    "The validation patients chose the epoch, and among few runs the configuration. Research software, not a medical "
    "device."
)


def card(folder: Path) -> dict[str, Any]:
    """Gather what is known of one trained model.

    Parameters
    ----------
    folder : Path
        Holds ``config.json``, ``metrics.json``, ``export.json``, ``history.csv`` and ``model.keras``.

    Returns
    -------
    dict
        ``task``, ``parameters``, ``macs``, ``arena_bytes``, ``bytes``, ``format``, ``score`` and those of baselines,
        ``converted``, ``data`` (a sentence), ``datasets`` with licence and citation, ``epochs``; where
        `tools.crossval` was run also ``crossval``: a score of all patients, by method.
    """
    config, metrics, exported = (_json(folder / f"{name}.json") for name in ("config", "metrics", "export"))
    path, label = next((path, label) for path, label in HEADLINES if _at(metrics, path) is not None)
    return {
        "task": metrics["task"],
        "parameters": _parameters(folder / "model.keras"),
        "macs": exported["macs"],
        "arena_bytes": exported["verification"]["arena_bytes"],
        "bytes": exported["bytes"],
        "format": exported["format"],
        "score": {"name": label, **_score(_at(metrics, path))},
        "baselines": _beside(metrics, path),
        "converted": exported["scores"],
        "data": _data(config, metrics),
        "datasets": [_dataset(one) for one in config["datasets"]],
        "epochs": len(list(csv.DictReader((folder / "history.csv").read_text(encoding="utf-8").splitlines()))),
        **_crossval(folder / "crossval.json"),
    }


def page(name: str, facts: Mapping[str, Any]) -> str:
    """Return the card in words."""
    score = facts["score"]
    lines = [
        f"# {name}",
        "",
        f"For {USES.get(facts['task'], facts['task'])} (task `{facts['task']}`), on a microcontroller.",
        "",
        "| | |",
        "| --- | --- |",
        f"| {score['name']} | {_words(score)} |",
        *(f"| the same of {method} | {_words(one)} |" for method, one in facts["baselines"].items()),
        *_folds(facts.get("crossval")),
        *(f"| {label} | {text} |" for label, text in _converted(facts["converted"])),
        f"| Parameters | {facts['parameters']:,} |",
        f"| MACs per frame | {facts['macs']:,} |",
        f"| Model file, {facts['format']} | {facts['bytes']:,} bytes |",
        f"| Arena of TFLite-Micro (on the PC) | {facts['arena_bytes']:,} bytes |",
        f"| Data | {facts['data']} |",
        "",
        "## Data and licences",
        "",
        *(f"- {one['title']}: {one['licence']}. {one['citation']}".rstrip() for one in facts["datasets"]),
        "",
        "A model keeps the conditions of what it was trained on: mind those licences where you ship it.",
        "",
        "## Limits",
        "",
        LIMITS,
        "",
        f"All scores with intervals: [results](../../docs/results/{name}.md). The configuration is `config.json`; "
        "`published.json` is the same network on whole datasets as they are published, not trained here.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the cards of all trained models."""
    for folder in sorted(file.parent for file in ZOO.glob("*/model.keras")):
        facts = card(folder)
        (folder / "card.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        (folder / "README.md").write_text(page(folder.name, facts), encoding="utf-8")


def _parameters(model_file: Path) -> int:
    """Count weights as `heartkit check` does: branches and batch norm folded, as they are on the device."""
    from heartkit.models.files import load_model
    from heartkit.models.fold import fold

    return int(fold(load_model(model_file)).count_params())


def _data(config: Mapping[str, Any], metrics: Mapping[str, Any]) -> str:
    train = ", ".join(one["name"] for one in config["datasets"])
    scored = ", ".join(f"{one['patients']} patients of {one['name']}" for one in metrics["datasets"] if one["patients"])
    split = {"val": "validation", "test": "test"}.get(metrics["split"], metrics["split"])
    return f"trained on {train}; scored on {scored} ({split})"


def _dataset(one: Mapping[str, Any]) -> dict[str, str]:
    dataset = hk.DatasetFactory.get(one["name"])
    return {"title": dataset.title, "licence": dataset.licence or "as heartkit", "citation": dataset.citation}


def _beside(metrics: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the same score of each baseline that has it."""
    rest = path.partition(".")[2]
    places = (path, rest, f"samples.{rest}", f"signals.{rest}")
    found = {
        name: next((value for place in places if (value := _at(one, place)) is not None), None)
        for name, one in metrics["baselines"].items()
    }
    return {name: _score(value) for name, value in found.items() if value is not None and value["value"] is not None}


def _converted(scores: Mapping[str, Mapping[str, float]]) -> Iterator[tuple[str, str]]:
    """Say what converting cost, in the score that training and export watch."""
    before, after = scores["float model"], scores.get("TFLite-Micro", scores["LiteRT"])
    name = next(name for name in ("auroc", "f1", "cosine", "agreement", "loss") if name in before)
    yield f"{name} of frames, float and converted", f"{before[name]:.4f}, {after[name]:.4f}"


def _crossval(file: Path) -> dict[str, Any]:
    """Return what the configuration, not this model of it, scores when each patient in turn is unseen."""
    if not file.exists():
        return {}
    found = _json(file)
    if "signals" in found:
        name, rows = "correlation", {method: one["correlation"] for method, one in found["signals"].items()}
    else:
        name, methods = "macro F1 of recordings", {"model": found, **found["baselines"]}
        rows = {method: one["samples"]["macro_f1"] for method, one in methods.items() if "samples" in one}
    scores = {{"model": "this configuration"}.get(method, method): score for method, score in rows.items()}
    return {"crossval": {"patients": found["patients"], "name": name, "scores": scores}}


def _folds(found: Mapping[str, Any] | None) -> Iterator[str]:
    for method, score in found["scores"].items() if found else ():
        if score is not None:
            yield f"| {found['name']}, cross-validated over {found['patients']} patients: {method} | {score:.3f} |"


def _score(value: Any) -> dict[str, float | None]:
    return {key: value[key] for key in ("value", "low", "high")}


def _words(score: Mapping[str, Any]) -> str:
    ends = "" if score["low"] is None else f" [{score['low']:.3f}, {score['high']:.3f}]"
    return f"{score['value']:.3f}{ends}"


def _at(values: Any, path: str) -> Any:
    for key in path.split("."):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
