"""``heartkit zoo``: the configurations and trained models that ship with heartkit, and a copy of one to work with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from heartkit import console, zoo


def show_zoo() -> None:
    """Print what each model costs, what it scores, and with which recordings that was found out.

    Lines, not a table: a table would cut names off at the width of the terminal.
    """
    names = zoo.zoo_names()
    width = max(map(len, names), default=0)
    for name in names:
        for number, line in enumerate(_lines(zoo.zoo_card(name))):
            console.answer(f"{name if number == 0 else '':<{width}}  {line}")
    console.answer("Get one with `heartkit zoo NAME --to FOLDER`.")


def fetch_model(name: str, folder: Path | None) -> None:
    """Copy one model into a job folder and say how to go on.

    Parameters
    ----------
    name : str
        The model's name.
    folder : Path, optional
        The job folder, by default ``results/NAME``.

    Raises
    ------
    HeartkitError
        If there is no such model, or the folder holds files of the same names.
    """
    folder = Path("results", name) if folder is None else folder
    written = zoo.fetch(name, folder)
    task = zoo.zoo_card(name).get("task", "TASK")
    console.answer(f"{name} is in {folder}: {', '.join(written)}.")
    console.answer(f"Go on with, for example, `heartkit check -t {task} -c {folder / 'config.json'}`.")


def _lines(card: dict[str, Any]) -> list[str]:
    if not card:
        return ["a configuration only: no trained model ships"]
    score = card["score"]
    interval = f" ({score['low']:.3f} to {score['high']:.3f})" if score.get("low") is not None else ""
    costs = f"{card['parameters']:,} parameters, {card['macs']:,} MACs, arena {card['arena_bytes']:,} bytes"
    return [
        f"{card['task']}: {costs}",
        f"{score['name']} {score['value']:.3f}{interval}; {card['data']}",
    ]
