"""Names of leads: the twelve of a standard ECG, one spelling for each, and what kind of signal a lead is."""

from __future__ import annotations

from collections.abc import Sequence

from heartkit.errors import RecordError

TWELVE_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")

FAVOURITES = ("II", "MLII")
"""Leads that rhythm is read from."""

_SPELLING = {name.lower(): name for name in TWELVE_LEADS} | {
    "pleth": "PPG", "ppg": "PPG", "resp": "RESP", "v": "V", "mlii": "MLII", "abp": "ABP", "cvp": "CVP",
}  # fmt: skip
BEATING = frozenset({"ecg", "ppg", "pressure"})
"""Kinds of signal that show each heart beat."""
_KINDS = {"PPG": "ppg", "RESP": "resp", "ABP": "pressure", "CVP": "pressure"}


def canonical_lead(name: str) -> str:
    """Return the spelling that heartkit uses for a lead, or the name itself where it knows no other.

    Parameters
    ----------
    name : str
        As in a file, e.g. ``"AVR"`` or ``"PLETH,"`` (some headers list names with a comma behind each).

    Returns
    -------
    str
        For example ``"aVR"`` or ``"PPG"``.
    """
    bare = name.strip().rstrip(",").strip()
    return _SPELLING.get(bare.lower(), bare)


def signal_kind(lead: str) -> str:
    """Say what a lead records, from its name.

    Parameters
    ----------
    lead : str
        A name as in ``Record.leads``.

    Returns
    -------
    str
        ``"ppg"``, ``"resp"``, ``"pressure"``, or ``"ecg"`` for every other name: ECG leads have too many to list them.
    """
    return _KINDS.get(canonical_lead(lead), "ecg")


def lead_of_kind(names: Sequence[str], kind: str, among: Sequence[int]) -> int | None:
    """Return the number of the lead that stands for a kind of signal.

    Parameters
    ----------
    names : sequence of str
        The recording's leads.
    kind : str
        As `signal_kind` says it.
    among : sequence of int
        Numbers of the leads that may be taken.

    Returns
    -------
    int or None
        Lead II, or its kin MLII, where it is among them, else the first of the kind; None where there is none.
    """
    leads = [lead for lead in among if signal_kind(names[lead]) == kind]
    known = {canonical_lead(names[lead]): lead for lead in reversed(leads)}
    return next((known[name] for name in FAVOURITES if name in known), leads[0] if leads else None)


def require_twelve_leads(record_id: str, names: Sequence[str]) -> None:
    """Raise `RecordError` unless these are the twelve leads in their usual order, in any letter case."""
    if tuple(map(canonical_lead, names)) != TWELVE_LEADS:
        raise RecordError(f"Record {record_id!r} has leads {', '.join(names)}; expected {', '.join(TWELVE_LEADS)}.")
