"""A prepared dataset of a configuration, with its patients in splits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from heartkit.frames.strips import Leads, chosen_leads
from heartkit.records.store import Store


@dataclass(frozen=True)
class Prepared:
    """One dataset of a configuration: its prepared recordings, who is in which split, which weak labels it has.

    Parameters
    ----------
    name : str
        The dataset.
    store : Store
        Its prepared recordings.
    groups : dict of str to list of str
        Split -> patients.
    leads : sequence of str or int, optional
        Which leads are used.
    weight : float
        Its share of a batch.
    weak : tuple of str
        Names of its weak labels.
    source : str
        Its `Dataset.source`.
    excerpts : mapping of str to list
        Patient -> dataset and recording that recordings of theirs are excerpts of.
    left_out : mapping of str to list of str
        Split -> patients who are not in it because a model knows them, see `heartkit.frames.seen`.
    fixed : tuple of str
        Splits that the publisher or the field fixed.
    only : tuple of str, optional
        The splits that the dataset is used for; None for all.
    """

    name: str
    store: Store
    groups: dict[str, list[str]]
    leads: Leads
    weight: float
    weak: tuple[str, ...] = ()
    source: str = ""
    excerpts: Mapping[str, list[tuple[str, str]]] = field(default_factory=dict)
    left_out: Mapping[str, list[str]] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None

    def records(self, split: str) -> list[int]:
        """Return the recordings of one split, or of all for ``"all"``, that have a lead which is used."""
        chosen = {patient for name, group in self.groups.items() if split in (name, "all") for patient in group}
        return [n for n, patient in enumerate(self.store.patients) if patient in chosen and self.leads_of(n)]

    def patients(self, split: str) -> list[str]:
        """Return the patients of one split, or of all for ``"all"``, who have a recording that is used, sorted."""
        return sorted({self.store.patients[record] for record in self.records(split)})

    def leads_of(self, record: int) -> list[int]:
        """Return the numbers of those leads of a recording that are used."""
        return chosen_leads(self.store.leads[record], self.leads)
