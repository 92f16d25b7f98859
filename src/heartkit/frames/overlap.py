"""Recordings that are in two datasets: nobody may train in one and be tested in the other."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from heartkit.records.splits import SPLITS

if TYPE_CHECKING:
    from heartkit.frames.sources import Prepared

log = logging.getLogger(__name__)


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
    home = {(one.name, patient): split for one in prepared for split in SPLITS for patient in one.groups[split]}
    here = {one.name for one in prepared}
    return [_without_strangers(one, dataset, home, here) for one, dataset in zip(prepared, datasets, strict=True)]


def _without_strangers(one: Prepared, dataset: Any, home: dict[tuple[str, str], str], here: set[str]) -> Prepared:
    origins = {
        patient: origin
        for record, patient in zip(one.store.ids, one.store.patients, strict=True)
        if (origin := dataset.origin(record)) is not None and origin[0] in here
    }
    # A whole recording that is in no split, such as a paced one of MIT-BIH, is not to come in by its excerpt either.
    strangers = {patient for patient, origin in origins.items() if home.get(origin) != home.get((one.name, patient))}
    strangers &= {patient for group in one.groups.values() for patient in group}
    if not strangers:
        return one
    log.warning(
        "%s: left out %s, which are excerpts of recordings in another split of %s.",
        one.name, ", ".join(sorted(strangers)), ", ".join(sorted({origins[patient][0] for patient in strangers})),
    )  # fmt: skip
    groups = {split: [patient for patient in group if patient not in strangers] for split, group in one.groups.items()}
    return replace(one, groups=groups)
