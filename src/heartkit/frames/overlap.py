"""Recordings that are in two of a configuration's datasets: nobody may train in one and be tested in the other."""

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

NAMED = 9
"""How many patients a message names."""

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


@dataclass(frozen=True)
class Strays:
    """Patients of one entry of a configuration whom another entry of the same dataset keeps for a later split.

    Parameters
    ----------
    name : str
        The dataset.
    patients : frozenset of str
        Those who are to be left out of this entry: they validate or test in the other.
    """

    name: str
    patients: frozenset[str]

    def words(self) -> str:
        """Say who is left out, and why."""
        return (
            f"{self.name}: left out {some_names(self.patients)}, who are in a later split of another entry of the same "
            "dataset."
        )


def some_names(patients: Iterable[str]) -> str:
    """Return the first `NAMED` of some patients, and how many more there are."""
    names = sorted(patients)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def joined(entries: Iterable[tuple[str, Groups]]) -> dict[str, Groups]:
    """Return dataset -> who is in which split, of all entries of that name together."""
    groups: dict[str, dict[str, list[str]]] = {}
    for name, group in entries:
        whole = groups.setdefault(name, {split: [] for split in SPLITS})
        for split in SPLITS:
            whole[split] += group[split]
    return dict(groups)


def strays(entries: Sequence[tuple[str, str, Groups]]) -> list[Strays]:
    """Find patients whom two entries of the same dataset, such as two annotators, would put into different splits.

    The later split keeps them: who tests neither trains nor validates, who validates does not train.

    Parameters
    ----------
    entries : sequence of (str, str, Groups)
        Of each configured dataset its name, its `Dataset.source`, and who is in which split.

    Returns
    -------
    list of Strays
        For each entry in turn.
    """
    last: dict[tuple[str, str], int] = {}
    for _, source, groups in entries:
        for rank, split in enumerate(SPLITS):
            for patient in groups[split]:
                last[source, patient] = max(rank, last.get((source, patient), rank))
    return [
        Strays(
            name,
            frozenset(one for rank, split in enumerate(SPLITS) for one in groups[split] if rank < last[source, one]),
        )
        for name, source, groups in entries
    ]


def keep_apart(prepared: Sequence[Prepared], datasets: Sequence[Any]) -> list[Prepared]:
    """Leave out who would be in two splits: excerpts of other configured datasets, patients of one configured twice.

    Parameters
    ----------
    prepared : sequence of Prepared
        The datasets of a configuration.
    datasets : sequence of Dataset
        The same; their ``origin(record)`` says which recording of which dataset a record is an excerpt of, their
        ``source`` whether two of them hold the same recordings.

    Returns
    -------
    list of Prepared
        As given, less such patients; they are named in the log.
    """
    stray = strays([(one.name, dataset.source(), one.groups) for one, dataset in zip(prepared, datasets, strict=True)])
    kept = [_without(one, found.patients, found.words()) for one, found in zip(prepared, stray, strict=True)]
    groups = joined((one.name, one.groups) for one in kept)
    return [_without_strangers(one, dataset, groups) for one, dataset in zip(kept, datasets, strict=True)]


def _without_strangers(one: Prepared, dataset: Any, groups: Mapping[str, Groups]) -> Prepared:
    found = excerpts(one.name, dataset.origin, zip(one.store.ids, one.store.patients, strict=True), groups)
    return _without(one, found.apart, found.words())


def _without(one: Prepared, patients: frozenset[str], words: str) -> Prepared:
    if not patients:
        return one
    log.warning("%s", words)
    kept = {split: [patient for patient in group if patient not in patients] for split, group in one.groups.items()}
    return replace(one, groups=kept)
