"""One spelling for each lead, and what it records."""

import pytest

from heartkit.errors import RecordError
from heartkit.records.leads import TWELVE_LEADS, canonical_lead, require_twelve_leads, signal_kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [("AVR", "aVR"), ("avl", "aVL"), ("PLETH,", "PPG"), (" RESP", "RESP"), ("ii", "II"), ("v3", "V3"), ("CM5", "CM5")],
)
def test_names_have_one_spelling(name: str, expected: str) -> None:
    assert canonical_lead(name) == expected
    assert canonical_lead(expected) == expected


def test_kinds_of_signals() -> None:
    assert [signal_kind(lead) for lead in ("PLETH", "RESP", "ABP", "CVP", "mod.V1", "II")] == [
        "ppg", "resp", "pressure", "pressure", "ecg", "ecg",
    ]  # fmt: skip


def test_the_twelve_leads_are_asked_for_in_their_order() -> None:
    require_twelve_leads("1", [lead.upper() for lead in TWELVE_LEADS])
    with pytest.raises(RecordError, match="Record '7' has leads II, I; expected I, II"):
        require_twelve_leads("7", ["II", "I"])
