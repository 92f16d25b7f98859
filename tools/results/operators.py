"""Which operators a converted model is made of, and where those stand that only move numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from heartkit.artifact.inspect import inspect

MOVING = frozenset({"RESHAPE", "TRANSPOSE", "EXPAND_DIMS", "SQUEEZE"})
"""Operators that compute nothing."""


@cache
def operators_of(model_file: Path) -> tuple[str, ...]:
    """Return the operators of a flatbuffer in the order they run."""
    return tuple(inspect(model_file.read_bytes()).operator_names)


def operators(model_file: Path) -> Iterator[str]:
    """Show the operators of a model, and say where those stand that only move numbers."""
    names = operators_of(model_file)
    yield from ("## Operators", "", f"{counted(names)}: {len(names)} in all. {sentence(names)}", "")


def operators_table(folders: Sequence[Path]) -> Iterator[str]:
    """Show the operators of all models, and where those stand that only move numbers."""
    yield from ("## Operators", "", "| name | operators in the order of their first use | that only move numbers |")
    yield "| --- | --- | --- |"
    for folder in folders:
        names = operators_of(folder / "model.tflite")
        yield f"| {folder.name} | {counted(names)} | {places(names)} |"


def counted(names: Sequence[str]) -> str:
    """Write how often each operator occurs."""
    return ", ".join(f"{count} {name}" for name, count in Counter(names).items())


def sentence(names: Sequence[str]) -> str:
    """Say where the operators stand that only move numbers."""
    if not MOVING.intersection(names):
        return "None of them only moves numbers."
    inner = sorted(MOVING.intersection(names[1:-1]))
    between = f"between layers there stand {', '.join(inner)}" if inner else "between layers there is none"
    return f"Only moving numbers: {places(names)}; {between}."


def places(names: Sequence[str]) -> str:
    """Write each operator that only moves numbers, with where it stands: first, last, or at a number from 1."""
    words = {1: "first", len(names): "last"}
    found: dict[str, list[str]] = {}
    for number, name in enumerate(names, start=1):
        if name in MOVING:
            found.setdefault(name, []).append(words.get(number, f"at {number} of {len(names)}"))
    return "; ".join(f"{name} {' and '.join(at)}" for name, at in found.items()) or "none"
