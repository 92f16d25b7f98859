"""Older names in configuration files, translated to those of the specification.

Two generations of file are about; ``docs/configuration.md`` lists what differs. `val_steps_per_epoch`, `test_metric`
and `test_metric_threshold` of the second generation are kept: parameters of that name exist.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from heartkit.errors import ConfigError


def translate(values: dict[str, Any], source: str) -> tuple[dict[str, Any], list[str]]:
    """Return the values under their current names, and a note for each name that was translated.

    Parameters
    ----------
    values : dict
        What a file holds; left as it is.
    source : str
        Where it comes from, for error messages.

    Raises
    ------
    ConfigError
        If an old and a current name say different things, or weights and datasets differ in number.
    """
    values, notes = dict(values), list[str]()
    if "model_config" in values:
        del values["model_config"]
        notes.append("'model_config' is an attribute of the parameter class, not a parameter: ignored.")
    _rename(values, "force_download", "force", source, notes)
    if isinstance(values.get("quantization"), dict):
        values["quantization"] = _quantization(values["quantization"], source, notes)
    if isinstance(values.get("datasets"), list):
        values["datasets"] = [dict(each) if isinstance(each, dict) else each for each in values["datasets"]]
    datasets = [each for each in values.get("datasets") or [] if isinstance(each, dict)]
    _paths(datasets, source, notes)
    _common_folder(values, datasets, notes)
    _weights(values, datasets, source, notes)
    return values, notes


def _rename(values: dict[str, Any], old: str, new: str, source: str, notes: list[str], within: str = "") -> None:
    if old not in values:
        return
    value = values.pop(old)
    if values.setdefault(new, value) != value:
        raise ConfigError(
            f"'{within}{old}' (obsolete) and '{within}{new}' disagree: {value!r}, {values[new]!r}; "
            f"keep the latter (in {source})."
        )
    notes.append(f"'{within}{old}' is obsolete: read as '{within}{new}'.")


def _quantization(given: dict[str, Any], source: str, notes: list[str]) -> dict[str, Any]:
    """Translate ``mode`` and ``concrete``. Where files have ``mode``, it alone says whether to quantise."""
    values = dict(given)
    _rename(values, "mode", "format", source, notes, "quantization.")
    if "mode" in given and "enabled" not in given:
        values["enabled"] = str(given["mode"]).upper() != "FP32"
        notes[-1] = f"{notes[-1][:-1]}, with 'enabled' {str(values['enabled']).lower()}."
    if isinstance(values.get("concrete"), bool):
        values["concrete"] = "CONCRETE" if values["concrete"] else "KERAS"
    _rename(values, "concrete", "conversion", source, notes, "quantization.")
    return values


def _paths(datasets: list[dict[str, Any]], source: str, notes: list[str]) -> None:
    """Take each dataset's path out of its ``params``."""
    found: list[str] = []
    for number, dataset in enumerate(datasets):
        params = dataset.get("params")
        if isinstance(params, dict) and "path" in params:
            dataset["params"] = {key: value for key, value in params.items() if key != "path"}
            holder = {"params.path": params["path"], **({"path": dataset["path"]} if "path" in dataset else {})}
            _rename(holder, "params.path", "path", source, found, f"datasets[{number}].")
            dataset["path"] = holder["path"]
    if found:
        notes.append("'params.path' of a dataset is obsolete: read as its 'path'.")


def _common_folder(values: dict[str, Any], datasets: list[dict[str, Any]], notes: list[str]) -> None:
    if "ds_path" not in values:
        return
    folder = values.pop("ds_path")
    notes.append("'ds_path' is obsolete: read as 'path' of each dataset, with the dataset's name as the last folder.")
    for dataset in datasets:
        dataset.setdefault("path", str(PurePath(str(folder), str(dataset.get("name")))))


def _weights(values: dict[str, Any], datasets: list[dict[str, Any]], source: str, notes: list[str]) -> None:
    if "dataset_weights" not in values:
        return
    weights = values.pop("dataset_weights")
    notes.append("'dataset_weights' is obsolete: read as 'weight' of each dataset.")
    if weights is None:
        return
    if not isinstance(weights, list):
        raise ConfigError(f"dataset_weights must be a list, got {weights!r} (in {source})")
    if len(weights) != len(datasets):
        raise ConfigError(
            f"dataset_weights has {len(weights)} numbers for {len(datasets)} datasets; "
            f"expected one for each (in {source})."
        )
    for number, (dataset, weight) in enumerate(zip(datasets, weights, strict=True)):
        if dataset.setdefault("weight", weight) != weight:
            raise ConfigError(
                f"dataset_weights[{number}] and datasets[{number}].weight disagree: {weight!r}, {dataset['weight']!r}; "
                f"keep the latter (in {source})."
            )
