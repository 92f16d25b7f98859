"""Recordings that are in two datasets: nobody may train in one and be tested in the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from heartkit.records.splits import SPLITS

if TYPE_CHECKING:
    from heartkit.frames.sources import Prepared

log = logging.getLogger(__name__)

Groups = Mapping[str, Sequence[str]]
"""Split -> patients."""

Origin = Callable[[str], tuple[str, str] | None]


@dataclass(frozen=True)
class Excerpts:
    """Patients of one dataset of whom a recording is an excerpt of one in another configured dataset.

    Parameters
    ----------
    name : str
        The dataset that holds the excerpts.
    homes : frozenset of str
        The datasets that they are excerpts of.
    patients : frozenset of str
        All such patients who are in a split.
    apart : frozenset of str
        Of these, those whose whole recording is in another split, or in none.
    """

    name: str
    homes: frozenset[str]
    patients: frozenset[str]
    apart: frozenset[str]

    def words(self) -> str:
        """Say who is left out, and why."""
        return (
            f"{self.name}: left out {', '.join(sorted(self.apart))}, which are excerpts of recordings in another split "
            f"of {', '.join(sorted(self.homes))}."
        )


def excerpts(name: str, origin: Origin, records: Iterable[tuple[str, str]], groups: Mapping[str, Groups]) -> Excerpts:
    """Find excerpts of other configured datasets.

    Parameters
    ----------
    name : str
        The dataset that may hold them.
    origin : callable
        ``origin(record)`` says which recording of which dataset a record of it is an excerpt of.
    records : iterable of (str, str)
        Its records, and the patient of each.
    groups : mapping of str to Groups
        Of each configured dataset, who is in which split.
    """
    home = {(which, one): split for which, group in groups.items() for split in SPLITS for one in group[split]}
    origins = {
        patient: whole
        for record, patient in records
        if (whole := origin(record)) is not None and whole[0] in groups and (name, patient) in home
    }
    # A whole recording that is in no split, such as a paced one of MIT-BIH, is not to come in by its excerpt either.
    apart = {patient for patient, whole in origins.items() if home.get(whole) != home[name, patient]}
    homes = frozenset(which for which, _ in origins.values())
    return Excerpts(name, homes, frozenset(origins), frozenset(apart))


def keep_apart(prepared: Sequence[Prepared], datasets: Sequence[Any]) -> list[Prepared]:
    """Leave out excerpts whose whole recording is in another split of another configured dataset.

    Parameters
    ----------
    prepared : sequence of Prepared
        The datasets of a configuration.
    datasets : sequence of Dataset
        The same; their ``origin(record)`` says which recording of which dataset a record is an excerpt of.

    Returns
    -------
    list of Prepared
        As given, less such patients; they are named in the log.
    """
    groups = {one.name: one.groups for one in prepared}
    return [_without_strangers(one, dataset, groups) for one, dataset in zip(prepared, datasets, strict=True)]


def _without_strangers(one: Prepared, dataset: Any, groups: Mapping[str, Groups]) -> Prepared:
    found = excerpts(one.name, dataset.origin, zip(one.store.ids, one.store.patients, strict=True), groups)
    if not found.apart:
        return one
    log.warning("%s", found.words())
    kept = {split: [patient for patient in group if patient not in found.apart] for split, group in one.groups.items()}
    return replace(one, groups=kept)
