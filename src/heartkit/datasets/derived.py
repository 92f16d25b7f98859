"""A dataset with weak labels: annotations made from its own by named rules."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from heartkit.errors import ConfigError, RecordError
from heartkit.records.derive import DERIVATIONS
from heartkit.records.record import Record


class Derived:
    """A dataset as it is, save that its records go through rules of `heartkit.records.derive`.

    Parameters
    ----------
    dataset : Dataset
        Whose ``options.derive`` names the rules.

    Raises
    ------
    ConfigError
        If the dataset does not have what a rule needs.
    """

    def __init__(self, dataset: Any) -> None:
        self._dataset, self._rules = dataset, [DERIVATIONS[name] for name in dataset.options.derive]
        self.provides = frozenset(dataset.provides).union(rule.gives for rule in self._rules)
        for name, rule in zip(dataset.options.derive, self._rules, strict=True):
            if rule.needs not in dataset.provides:
                raise ConfigError(
                    f"params.derive of dataset {dataset.name!r} asks for {name!r}, which needs {rule.needs}; it has "
                    f"{', '.join(sorted(dataset.provides)) or 'signals only'}. Leave 'derive' out."
                )

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # of a copy that is being made, nothing is there yet
            raise AttributeError(name)
        return getattr(self._dataset, name)

    def read_many(self, ids: Sequence[str]) -> list[Record | Exception]:
        """Read several recordings, and derive."""
        return [self._derived(one) for one in self._dataset.read_many(ids)]

    def read_annotations(self, ids: Sequence[str]) -> list[Record | Exception]:
        """Read several recordings for their annotations, and derive."""
        return [self._derived(one) for one in self._dataset.read_annotations(ids)]

    def fingerprint(self) -> str:
        """Return a text that changes with the dataset and the names of the rules; their code is in every key."""
        return f"{self._dataset.fingerprint()} {','.join(self._dataset.options.derive)}"

    def _derived(self, record: Record | Exception) -> Record | Exception:
        if isinstance(record, Exception):
            return record
        try:
            return reduce(lambda one, rule: rule.derive(one), self._rules, record)
        except RecordError as error:
            return error
