"""``heartkit list``: the names that configurations and the command line use, one line on each."""

from __future__ import annotations

from typing import Any

from heartkit import console
from heartkit.errors import UnknownNameError
from heartkit.factories import BackendFactory, DatasetFactory, ModelFactory, ProtocolFactory, TaskFactory
from heartkit.registry import Registry
from heartkit.transforms.table import AugmentationFactory, PreprocessFactory

KINDS: dict[str, Registry[Any]] = {
    "tasks": TaskFactory,
    "datasets": DatasetFactory,
    "models": ModelFactory,
    "preprocesses": PreprocessFactory,
    "augmentations": AugmentationFactory,
    "backends": BackendFactory,
    "protocols": ProtocolFactory,
}
"""What can be listed."""


def show_list(kind: str | None = None, long: bool = False) -> None:
    """Print names with a line on each.

    Parameters
    ----------
    kind : str, optional
        One of `KINDS`; by default all of them.
    long : bool
        Of datasets, print also what they are called in full, what they provide, licence and citation. This imports
        their modules.

    Raises
    ------
    UnknownNameError
        If there is no such kind.
    """
    if kind is not None and kind not in KINDS:
        raise UnknownNameError("kind of list", kind, KINDS)
    for one in [kind] if kind else KINDS:
        indent = "" if kind else "  "
        if not kind:
            console.answer(one)
        for line in _lines(KINDS[one], long and one == "datasets"):
            console.answer(indent + line)


def _lines(registry: Registry[Any], long: bool) -> list[str]:
    """Return a line for each name, and below it the facts of a dataset where those are wanted.

    Lines, not a table: a table would wrap them at the width of the terminal, and what one can grep is on one line.
    """
    summaries = registry.describe()
    width = max(map(len, summaries), default=0)
    lines = []
    for name, summary in summaries.items():
        lines.append(f"{name:<{width}}  {summary}")
        if long:
            lines += [f"    {what:<9} {fact}" for what, fact in _facts(registry.get(name)).items()]
    return lines


def _facts(dataset: Any) -> dict[str, str]:
    """Return what a dataset says about itself; what it leaves open is left out."""
    facts = {
        "title": f"{dataset.title} {dataset.version}".strip(),
        "provides": ", ".join(sorted(dataset.provides)),
        "licence": dataset.licence,
        "cite": dataset.citation,
        "from": dataset.url,
    }
    return {what: fact for what, fact in facts.items() if fact}
