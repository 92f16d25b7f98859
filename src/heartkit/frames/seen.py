"""Whom a model was trained on: kept beside it, so that no later run scores it on patients that it has seen.

Within one configuration splits see to that. Between two runs they do not: QTDB holds excerpts of MIT-BIH, and a number
of validation patients or a list of splits may have changed since.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heartkit.errors import DataError
from heartkit.files import write_json
from heartkit.frames.overlap import some_names

if TYPE_CHECKING:
    from heartkit.frames.batches import FrameSet
    from heartkit.frames.prepared import Prepared

log = logging.getLogger(__name__)

SUFFIX = ".patients.json"
"""Behind a model's file name: the file that says whom it was trained on."""
SEEN_BY = {"train": (), "val": ("train",), "test": ("train", "val")}
"""Split -> those whom a model must not know from training: who validates now may have validated then."""

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Known:
    """The patients of one dataset whom a model knows.

    Parameters
    ----------
    name, source : str
        The dataset, and its `Dataset.source`.
    train, val : list of str
        Whom it was fitted to; who chose its best epoch.
    excerpts : mapping of str to list
        Patient -> [dataset, recording] of each longer recording that one of theirs is an excerpt of.
    trained, test : int
        Of how many in `train` there were frames; how many were held out from both.
    fixed : list of str
        Splits that the publisher or the field fixed; the others are drawn by hash.
    only : list of str, optional
        The splits that the configuration uses the dataset for; None for all.
    """

    name: str
    source: str
    train: list[str]
    val: list[str]
    excerpts: Mapping[str, list[list[str]]] = field(default_factory=dict)
    trained: int = 0
    test: int = 0
    fixed: list[str] = field(default_factory=list)
    only: list[str] | None = None

    @classmethod
    def of(cls, one: Prepared, training: Sequence[FrameSet]) -> Known:
        """Note who of a dataset trains and validates, from its splits and from the frames that train."""
        train, val = one.patients("train"), one.patients("val")
        used = {patient: one.excerpts[patient] for patient in (*train, *val) if patient in one.excerpts}
        excerpts = {patient: [list(whole) for whole in wholes] for patient, wholes in used.items()}
        only = None if one.only is None else list(one.only)
        return cls(
            one.name, one.source, train, val, excerpts,
            _with_frames(one, training), len(one.patients("test")), list(one.fixed), only,
        )  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """Whom some models know.

    Parameters
    ----------
    known : sequence of Known
        Dataset by dataset.
    models : sequence of str
        File names of the models of which it is known.
    splits : sequence of str
        From which splits such patients are left out.
    """

    known: Sequence[Known] = ()
    models: Sequence[str] = ()
    splits: Sequence[str] = ("val", "test")

    @classmethod
    def by(cls, *models: Path | None, splits: Sequence[str] = ("val", "test")) -> Seen:
        """Read what is kept beside models; nothing of those that it is not kept of.

        Raises
        ------
        DataError
            If such a file cannot be read.
        """
        kept = [model for model in models if model is not None and patients_file(model).is_file()]
        known = [one for model in kept for one in _read(patients_file(model))]
        return cls(known, [model.name for model in kept], splits)

    def left_out(self, one: Prepared, split: str) -> dict[str, str]:
        """Return patient -> as whom a model knows them, of those in a split of a dataset who must not be scored."""
        index = self._index(SEEN_BY[split])
        found = {patient: _found(index, one, patient) for patient in one.groups[split]} if index else {}
        return {patient: words for patient, words in found.items() if words is not None}

    def less(self, one: Prepared) -> Prepared:
        """Return a dataset without those whom a model knows; they are named in the log."""
        known = {split: found for split in self.splits if (found := self.left_out(one, split))}
        if not known:
            return one
        for split, found in known.items():
            log.warning("%s", self._words(one.name, split, found))
        groups = {
            split: [patient for patient in group if patient not in known.get(split, {})]
            for split, group in one.groups.items()
        }
        return replace(one, groups=groups, left_out={split: sorted(found) for split, found in known.items()})

    def count(self, one: Prepared) -> int:
        """Return how many patients of a dataset, whatever their split, a model was fitted to or chosen by."""
        index = self._index(SEEN_BY["test"])
        return sum(_found(index, one, patient) is not None for group in one.groups.values() for patient in group)

    def _words(self, name: str, split: str, found: Mapping[str, str]) -> str:
        first = min(found)
        whom = f" ({first} as {found[first]})" if found[first] != f"{name} {first}" else ""
        models = " and ".join(self.models)
        return (
            f"{name}: left out of split {split!r} {some_names(found)}: {models} was trained on them, or chosen by "
            f"them{whom}, so their scores would say what it remembers. The others are scored. To score these all the "
            f"same, take {' and '.join(model + SUFFIX for model in self.models)} away from beside the model."
        )

    def _index(self, roles: Sequence[str]) -> dict[Key, str]:
        return {key: words for role in roles for key, words in self._indices[role].items()}

    @cached_property
    def _indices(self) -> dict[str, dict[Key, str]]:
        """Return role -> what recordings of those patients are, and of what they are excerpts."""
        indices: dict[str, dict[Key, str]] = {"train": {}, "val": {}}
        for one in self.known:
            for role, index in indices.items():
                for patient in getattr(one, role):
                    words = f"{one.name} {patient}"
                    index["source", one.source, patient] = index["name", one.name, patient] = words
                    index |= {("excerpt", which, whole): words for which, whole in one.excerpts.get(patient, ())}
        return indices


def _found(index: Mapping[Key, str], one: Prepared, patient: str) -> str | None:
    """Return as whom a patient of a dataset is known: the same one, a longer recording, or an excerpt of either."""
    keys: list[Key] = [("source", one.source, patient), ("excerpt", one.name, patient)]
    for which, whole in one.excerpts.get(patient, ()):
        keys += [("name", which, whole), ("excerpt", which, whole)]
    return next((index[key] for key in keys if key in index), None)


def patients_file(model: Path) -> Path:
    """Return where it stands whom a model was trained on, e.g. ``model.keras.patients.json``."""
    return model.with_name(model.name + SUFFIX)


def keep_seen(models: Sequence[Path], prepared: Sequence[Prepared], training: Sequence[FrameSet], before: Seen) -> None:
    """Write beside models whom they are trained on; the file's ``before`` is whom the weights they start from know.

    Parameters
    ----------
    models : sequence of Path
        The models' files; they need not exist yet.
    prepared : sequence of Prepared
        The datasets of the training.
    training : sequence of FrameSet
        The frames that train.
    before : Seen
        Whom the weights know that the training starts from.
    """
    own = [Known.of(one, training) for one in prepared]
    kept = {"datasets": [asdict(one) for one in own], "before": [asdict(one) for one in before.known]}
    for model in models:
        write_json(patients_file(model), kept)


def copy_seen(model: Path, made: Path) -> None:
    """Keep whom a model was trained on also beside what was made of it."""
    if patients_file(model).is_file():
        write_json(patients_file(made), json.loads(patients_file(model).read_text(encoding="utf-8")))
    elif model != made:
        patients_file(made).unlink(missing_ok=True)  # of what stood there before


def _with_frames(one: Prepared, sets: Sequence[FrameSet]) -> int:
    found = [np.unique(frames.index.patient) for frames in sets if frames.strips.store is one.store]
    return len(np.unique(np.concatenate(found))) if found else 0


def _read(file: Path) -> list[Known]:
    try:
        values: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return [Known(**one) for one in [*values["datasets"], *values.get("before", [])]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"{file}, which says whom a model was trained on, cannot be read: {error}. Train anew, or delete it: then "
            "nobody checks that the model is not scored on patients it has seen."
        ) from error
