"""Recordings that are in two of a configuration's datasets: nobody may train in one and be tested in the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from heartkit.records.splits import SPLITS

if TYPE_CHECKING:
    from heartkit.frames.prepared import Prepared

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


@dataclass(frozen=True)
class Entry:
    """One dataset of a configuration, as far as it matters for who is in two splits.

    Parameters
    ----------
    dataset : Dataset
        Its ``origin(record)`` says which recording of which dataset a record is an excerpt of, its ``source`` whether
        two hold the same recordings.
    records : sequence of (str, str)
        Its records, and the patient of each.
    groups : Groups
        Who is in which split.
    """

    dataset: Any
    records: Sequence[tuple[str, str]]
    groups: Groups


@dataclass(frozen=True)
class Remaining:
    """Who remains of an `Entry`, and who is left out.

    Parameters
    ----------
    groups : dict of str to list of str
        Split -> patients.
    stray : Strays
        Left out for another entry of the same dataset.
    found : Excerpts
        Left out for the whole recordings of other datasets.
    """

    groups: dict[str, list[str]]
    stray: Strays
    found: Excerpts


def remaining(entries: Sequence[Entry]) -> list[Remaining]:
    """Say who remains of each dataset of a configuration once nobody is in two splits."""
    names = [one.dataset.name for one in entries]
    stray = strays([(one.dataset.name, one.dataset.source(), one.groups) for one in entries])
    kept = [_without(one.groups, out.patients) for one, out in zip(entries, stray, strict=True)]
    groups = joined(zip(names, kept, strict=True))
    found = [excerpts(one.dataset.name, one.dataset.origin, one.records, groups) for one in entries]
    return [
        Remaining(_without(group, out.apart), before, out)
        for group, before, out in zip(kept, stray, found, strict=True)
    ]


def keep_apart(prepared: Sequence[Prepared], datasets: Sequence[Any]) -> list[Prepared]:
    """Leave out who would be in two splits: excerpts of other configured datasets, patients of one configured twice.

    Parameters
    ----------
    prepared : sequence of Prepared
        The datasets of a configuration.
    datasets : sequence of Dataset
        The same, see `Entry`.

    Returns
    -------
    list of Prepared
        As given, less such patients; they are named in the log.
    """
    entries = [
        Entry(dataset, list(zip(one.store.ids, one.store.patients, strict=True)), one.groups)
        for one, dataset in zip(prepared, datasets, strict=True)
    ]
    kept = []
    for one, left in zip(prepared, remaining(entries), strict=True):
        for words in [left.stray.words()] * bool(left.stray.patients) + [left.found.words()] * bool(left.found.apart):
            log.warning("%s", words)
        kept.append(one if left.groups == one.groups else replace(one, groups=left.groups))
    return kept


def _without(groups: Groups, patients: frozenset[str]) -> dict[str, list[str]]:
    return {split: [one for one in group if one not in patients] for split, group in groups.items()}
