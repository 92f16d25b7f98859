"""The tables that bring WFDB's marks into the common vocabulary."""

import pytest
from wfdb.io import annotation

from heartkit.records.codes import AAMI, BEATS, RHYTHMS
from heartkit.records.vocabulary import Beat, Rhythm

# The grouping of ANSI/AAMI EC57 as de Chazal et al. 2004 print it.
EC57 = {"N": "NLRej", "S": "AaJS", "V": "VE", "F": "F", "Q": "/fQ"}


@pytest.mark.parametrize(("group", "symbols"), EC57.items())
def test_beats_fall_into_the_classes_of_the_standard(group: str, symbols: str) -> None:
    assert {AAMI[BEATS[symbol]] for symbol in symbols} == {group}


def test_every_beat_of_wfdb_is_known_and_nothing_else_is_a_beat() -> None:
    of_wfdb = {label.symbol for label in annotation.ann_labels if annotation.is_qrs[label.label_store]}
    # wfdb counts waves of ventricular flutter as complexes; the standard leaves them out.
    assert {symbol for symbol, beat in BEATS.items() if beat != Beat.NOISE} == of_wfdb - {"!"}
    assert [symbol for symbol, beat in BEATS.items() if beat == Beat.NOISE] == ["|"]


def test_an_artefact_has_no_class_of_the_standard() -> None:
    assert set(AAMI) == set(Beat) - {Beat.NOISE}


def test_rhythm_texts_begin_with_a_bracket_and_keep_the_arrhythmias_apart() -> None:
    assert all(text.startswith("(") for text in RHYTHMS)
    asked = {"(N": Rhythm.SR, "(AFIB": Rhythm.AFIB, "(AFL": Rhythm.AFLUT, "(VFL": Rhythm.VFLUT, "(T": Rhythm.TRIGU}
    assert asked.items() <= RHYTHMS.items()
