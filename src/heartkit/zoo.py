"""The trained models that ship with heartkit: where they are, and what a bare ``heartkit demo`` shows."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from heartkit import files
from heartkit.config import Config, load
from heartkit.errors import ConfigError, UnknownNameError

DEMO_TASK = "segmentation"
"""What ``heartkit demo`` shows where nothing is said."""
DEMO_MODELS = {"segmentation": "seg-4-tcn-sm"}
"""The model that ``heartkit demo`` takes for each task where no configuration is given."""

CARD = "card.json"
CONFIGURATIONS = ("config.json", "published.json")
"""What the shipped model was made with, and the same on whole datasets as they are published."""
SHOWN: dict[str, Any] = {"datasets": [{"name": "ecg-synthetic", "params": {"seed": 2, "num_pts": 50}}], "record": "15"}
"""What is shown then: sinus rhythm at 90 per minute, of a test patient; no model trains on patients of this seed."""


def zoo_names() -> list[str]:
    """Return the names of the models that are here, sorted."""
    folder = _base()
    return sorted(file.parent.name for file in folder.glob("*/config.json"))


def zoo_folder(name: str) -> Path:
    """Return the folder of one model: ``model.keras``, ``model.tflite`` and ``config.json``.

    Parameters
    ----------
    name : str
        For example ``"seg-4-tcn-sm"``.

    Raises
    ------
    UnknownNameError
        If there is no such model; the message says the nearest names.
    """
    if name not in zoo_names():
        raise UnknownNameError("zoo model", name, zoo_names())
    return _base() / name


def zoo_card(name: str) -> dict[str, Any]:
    """Return what is known of one model: ``task``, and where it is trained ``parameters``, ``macs``, ``score``, ...

    Parameters
    ----------
    name : str
        The model's name.

    Returns
    -------
    dict
        What ``card.json`` holds; empty for a configuration that no trained model ships for.
    """
    card = zoo_folder(name) / CARD
    facts: dict[str, Any] = json.loads(card.read_text(encoding="utf-8")) if card.is_file() else {}
    return facts


def fetch(name: str, folder: Path) -> list[str]:
    """Copy what ships of one model into a job folder, its configuration set to work there.

    Parameters
    ----------
    name : str
        The model's name.
    folder : Path
        The job folder; made if it is not there.

    Returns
    -------
    list of str
        Names of the files that were written.

    Raises
    ------
    ConfigError
        If a file of the same name is there already: nothing is written then.
    """
    source = zoo_folder(name)
    chosen = sorted(file for file in source.iterdir() if file.is_file())
    taken = [file.name for file in chosen if (folder / file.name).exists()]
    if taken:
        raise ConfigError(
            f"{folder} holds {', '.join(taken)} already. Name another folder with --to, or move them away."
        )
    folder.mkdir(parents=True, exist_ok=True)
    for file in chosen:
        if file.name in CONFIGURATIONS:
            values = json.loads(file.read_text(encoding="utf-8")) | {"job_dir": str(folder).replace("$", "$$")}
            files.write_json(folder / file.name, values)
        else:
            with files.replacing(folder / file.name) as temporary:
                shutil.copyfile(file, temporary)
    return [file.name for file in chosen]


def demo_config(task: str, overrides: Sequence[str] = ()) -> Config:
    """Return a configuration that shows a task's zoo model on a synthetic recording.

    Parameters
    ----------
    task : str
        The task's name.
    overrides : sequence of str
        ``key=value`` each; they change what the zoo says.

    Raises
    ------
    ConfigError
        If the zoo has no model for the task.
    """
    if task not in DEMO_MODELS:
        raise ConfigError(
            f"The zoo has no model for task {task!r} (it has one for {', '.join(DEMO_MODELS)}). "
            "Say what to show with --config FILE."
        )
    folder = zoo_folder(DEMO_MODELS[task])
    # A dollar sign in a path would be taken for the begin of a variable.
    model = str(folder / "model.tflite").replace("$", "$$")
    values = load(folder / "config.json").values
    return load({**values, **SHOWN, "model_file": model, "job_dir": "./results/zoo-demo"}, overrides)


def _base() -> Path:
    """Return ``HEARTKIT_ZOO``, else the folder inside the installed package, else that of the repository."""
    if chosen := os.environ.get("HEARTKIT_ZOO"):
        return Path(chosen)
    package = Path(__file__).parent
    installed = package / "zoo"
    return installed if installed.is_dir() else package.parents[1] / "zoo"
