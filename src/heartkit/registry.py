"""Names to things: what configurations call by name, and the tables of what heartkit ships.

A registry maps a name to ``"module:object"`` and imports it on first use, so that listing names costs nothing.
Other packages add theirs with an entry point in the registry's group (``heartkit.tasks``, ``heartkit.datasets``,
``heartkit.models``, ...) or by calling ``register``.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Generic, TypeVar

from heartkit.errors import ConfigError, UnknownNameError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a registry: what it stands for, a line about it, and older names for it."""

    target: Any
    summary: str
    aliases: tuple[str, ...] = ()


class Registry(Generic[T]):
    """A table of names of one kind.

    Parameters
    ----------
    kind : str
        What the names stand for, as error messages say it, e.g. ``"dataset"``.
    group : str
        Entry-point group in which other packages add theirs.
    builtin : mapping of str to Entry
        What heartkit ships.

    Examples
    --------
    >>> DatasetFactory.has("ludb")
    True
    """

    def __init__(self, kind: str, group: str, builtin: Mapping[str, Entry]) -> None:
        self.kind, self.group = kind, group
        self._entries = dict(builtin)
        self._plugins_read = False

    def register(self, name: str, target: T | str, summary: str = "") -> None:
        """Add a name.

        Parameters
        ----------
        name : str
            The name that configurations will use.
        target : object or str
            The thing itself, or ``"module:object"`` to import it on first use.
        summary : str
            One line for ``heartkit list``; by default the first line of the target's docstring.

        Raises
        ------
        ConfigError
            If the name is taken.
        """
        if self._find(name) is not None:
            raise ConfigError(
                f"The {self.kind} name {name!r} is already registered. Choose another name, or unregister it first."
            )
        if not summary and not isinstance(target, str):
            summary = next(iter((getattr(target, "summary", "") or target.__doc__ or "").strip().splitlines()), "")
        self._entries[name] = Entry(target, summary)

    def unregister(self, name: str) -> None:
        """Remove a name, older names for it included; an unknown one raises `UnknownNameError`."""
        del self._entries[self._resolve(name)]

    def has(self, name: str) -> bool:
        """Say whether `name` (or an older name of something) is known."""
        return self._find(name) is not None

    def get(self, name: str) -> T:
        """Return what `name` stands for, importing it if need be.

        Raises
        ------
        UnknownNameError
            If nothing has that name; the message gives the nearest ones.
        ConfigError
            If what it stands for cannot be imported.
        """
        key = self._resolve(name)
        entry = self._entries[key]
        if isinstance(entry.target, str):
            try:
                target = load_object(entry.target)
            except (ImportError, AttributeError) as error:
                raise ConfigError(
                    f"The {self.kind} {key!r} is {entry.target!r} ({entry.summary}), which cannot be imported: "
                    f"{error}. Correct or update the package it is from."
                ) from error
            entry = Entry(target, entry.summary, entry.aliases)
            self._entries[key] = entry
        found: T = entry.target
        return found

    def list(self) -> list[str]:
        """Return the known names, sorted."""
        self._read_plugins()
        return sorted(self._entries)

    def describe(self) -> dict[str, str]:
        """Return each name with its one line, sorted by name, without importing any target."""
        return {name: self._entries[name].summary for name in self.list()}

    def canonical(self, name: str) -> str:
        """Return the current name for `name`, which may be an older one."""
        return self._resolve(name)

    def _find(self, name: str) -> str | None:
        self._read_plugins()
        return _key(self._entries, name)

    def _resolve(self, name: str) -> str:
        key = self._find(name)
        if key is None:
            raise UnknownNameError(self.kind, name, self._entries)
        return key

    def _read_plugins(self) -> None:
        if self._plugins_read:
            return
        entries = dict(self._entries)
        for point in metadata.entry_points(group=self.group):
            package = point.dist.name if point.dist else point.value
            if _key(entries, point.name) is not None:
                raise ConfigError(
                    f"Package {package!r} adds a {self.kind} named {point.name!r}, and there is one already. "
                    "Remove the package, or rename what it adds."
                )
            entries[point.name] = Entry(point.value, f"from {package}")
        self._entries, self._plugins_read = entries, True


def _key(entries: Mapping[str, Entry], name: str) -> str | None:
    """Return under which key `name`, which may be an older name, stands."""
    if name in entries:
        return name
    return next((key for key, entry in entries.items() if name in entry.aliases), None)


def load_object(target: str) -> Any:
    """Import ``"module:object"`` and return the object."""
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)
