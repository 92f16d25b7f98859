"""Who trains, who validates, who tests: by patient, published splits first, else by a stable hash.

Which split a patient falls into depends on nothing but the dataset's name and the patient's, so it is the same in
every mode, on every machine and for every seed, and adding patients moves none of the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from heartkit.errors import ConfigError
from heartkit.records.source import RecordInfo

SPLITS = ("train", "val", "test")
VAL_SHARE = 0.2
TEST_SHARE = 0.2


def split_patients(
    dataset: str,
    listing: Sequence[RecordInfo],
    published: Collection[str] = (),
    train_patients: float | None = None,
    val_patients: float | None = None,
    test_patients: float | None = None,
) -> dict[str, list[str]]:
    """Assign each patient to a split.

    Parameters
    ----------
    dataset : str
        Name of the dataset; part of the hash.
    listing : sequence of RecordInfo
        Its recordings. A patient's published split is that of any of its recordings.
    published : collection of str
        Which splits the publisher (or the field) fixed: for these nobody else is chosen, even if none of the patients
        is here.
    train_patients, test_patients : float, optional
        Use only so many of the split's patients: a share below 1, or a count.
    val_patients : float, optional
        How many of the patients that are not for testing validate: a share below 1 (default 0.2), or a count. Where
        the validation split is published, use only so many of it.

    Returns
    -------
    dict of str to list of str
        ``"train"``, ``"val"``, ``"test"`` -> patients, sorted by hash; no patient is in two of them.

    Raises
    ------
    ConfigError
        If more patients are asked for than there are, or a published split is none of those or contradicts itself.
    """
    fixed = _published(listing)
    patients = sorted({info.patient for info in listing}, key=lambda patient: _position(dataset, patient))
    groups: dict[str, list[str]] = {name: [p for p in patients if fixed.get(p) == name] for name in SPLITS}
    free = [patient for patient in patients if patient not in fixed]
    if "test" not in published:
        groups["test"] += [p for p in free if _position(dataset, p) >= 1 - TEST_SHARE]
        free = [p for p in free if _position(dataset, p) < 1 - TEST_SHARE]
    if "train" not in published:
        groups["train"] += free
    if "val" in published:
        groups["val"] = _limit(dataset, groups["val"], val_patients, "val_patients")
    else:
        pool = sorted(groups["train"], key=lambda patient: _position(f"{dataset}/val", patient))
        groups["val"] += _head(dataset, pool, VAL_SHARE if val_patients is None else val_patients)
        groups["train"] = [patient for patient in pool if patient not in set(groups["val"])]
    groups["train"] = _limit(dataset, groups["train"], train_patients, "train_patients")
    groups["test"] = _limit(dataset, groups["test"], test_patients, "test_patients")
    return groups


def _published(listing: Sequence[RecordInfo]) -> dict[str, str]:
    """Return patient -> published split; ``"none"`` for a patient that belongs to no split."""
    fixed: dict[str, str] = {}
    for info in listing:
        if info.split not in (*SPLITS, "none", None):
            raise ConfigError(
                f"Record {info.id!r} is in split {info.split!r}; expected one of {SPLITS}, 'none' or None."
            )
        if info.split is not None and fixed.setdefault(info.patient, info.split) != info.split:
            raise ConfigError(
                f"Patient {info.patient!r} is in two published splits: {fixed[info.patient]}, {info.split}."
            )
    return fixed


def _position(dataset: str, patient: str) -> float:
    """Return the patient's place in [0, 1), drawn by hash."""
    digest = hashlib.sha256(f"{dataset}/{patient}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / 2.0**56


def _head(dataset: str, patients: list[str], wanted: float) -> list[str]:
    """Return those below the share `wanted`, or the first `wanted` if that is a count."""
    if wanted >= 1:
        return _limit(dataset, patients, wanted, "val_patients")
    chosen = [patient for patient in patients if _position(f"{dataset}/val", patient) < wanted]
    # A handful of patients may all fall on one side of the share; a validation of nobody would help nobody.
    return chosen or patients[: 1 if len(patients) > 1 else 0]


def _limit(dataset: str, patients: list[str], wanted: float | None, what: str) -> list[str]:
    if wanted is None:
        return patients
    if wanted > len(patients) and wanted >= 1:
        raise ConfigError(
            f"{what} = {wanted:g}, but there are only {len(patients)} patients to choose from in dataset {dataset!r}. "
            "The number holds for each dataset: lower it, or give a share below 1."
        )
    return patients[: max(1, round(wanted * len(patients))) if wanted < 1 else int(wanted)]
