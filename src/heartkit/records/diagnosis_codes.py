"""What the statements of 12-lead datasets mean in heartkit's words: rhythms, and diagnostic superclasses.

Known are the SCP-ECG statements of PTB-XL (``"IMI"``, ``"AFIB"``), the SNOMED CT codes of LSAD (``"164889003"``), and
the words of LUDB (``"Atrial fibrillation"``), which `heartkit.records.ludb_words` lists. Any other statement, or one
that says nothing of rhythm or superclass, means nothing here.

Superclasses are PTB-XL's: normal ECG, ST/T change, myocardial infarction, hypertrophy, conduction disturbance.

References
----------
Wagner et al., "PTB-XL, a large publicly available electrocardiography dataset", Sci. Data 7:154, 2020;
its ``scp_statements.csv``. Zheng et al., LSAD's ``ConditionNames_SNOMED-CT.csv``; for codes that stand in its headers
but not there, the table of diagnoses of the PhysioNet/CinC Challenge 2021 (Reyna et al., 2021).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

import numpy as np

from heartkit.records import ludb_words
from heartkit.records.record import Spans
from heartkit.records.vocabulary import Diagnosis, Rhythm

NORM, STTC, MI, HYP, CD = Diagnosis

SCP_SUPERCLASSES: dict[Diagnosis, tuple[str, ...]] = {
    NORM: ("NORM",),
    STTC: ("NDT", "NST_", "DIG", "LNGQT", "ISC_", "ISCAL", "ISCIN", "ISCIL", "ISCAS", "ISCLA", "ISCAN", "ANEUR", "EL"),
    MI: (
        "IMI", "ASMI", "ILMI", "AMI", "ALMI", "LMI", "IPLMI", "IPMI", "PMI",
        "INJAS", "INJAL", "INJIN", "INJLA", "INJIL",
    ),
    HYP: ("LVH", "LAO/LAE", "RVH", "RAO/RAE", "SEHYP"),
    CD: ("LAFB", "IRBBB", "1AVB", "IVCD", "CRBBB", "CLBBB", "LPFB", "WPW", "ILBBB", "3AVB", "2AVB"),
}  # fmt: skip
"""The diagnostic statements of PTB-XL; its form and rhythm statements have no superclass."""

SCP_RHYTHMS: dict[str, Rhythm] = {
    "SR": Rhythm.SR,
    "SBRAD": Rhythm.SBRAD,
    "STACH": Rhythm.STACH,
    "SARRH": Rhythm.SARRH,
    "SVARR": Rhythm.SVARR,
    "SVTAC": Rhythm.SVT,
    "PSVT": Rhythm.SVT,
    "AFIB": Rhythm.AFIB,
    "AFLT": Rhythm.AFLUT,
    "BIGU": Rhythm.BIGU,
    "TRIGU": Rhythm.TRIGU,
    "PACE": Rhythm.PACE,
}
"""The rhythm statements of PTB-XL."""


class Snomed(NamedTuple):
    """What a SNOMED CT code of an ECG says.

    Parameters
    ----------
    name : str
        In words.
    rhythm : Rhythm or None
        The rhythm it states, if it states one. A single beat (an extrasystole, an escape) is no rhythm.
    superclass : Diagnosis or None
        Its diagnostic superclass. PTB-XL gives none to descriptions of form such as "ST depression"; LSAD has hardly
        other words for ST/T changes, so here they count as such.
    """

    name: str
    rhythm: Rhythm | None = None
    superclass: Diagnosis | None = None


SNOMED: dict[str, Snomed] = {
    # Rhythms
    "426783006": Snomed("sinus rhythm", Rhythm.SR),
    "426177001": Snomed("sinus bradycardia", Rhythm.SBRAD),
    "427084000": Snomed("sinus tachycardia", Rhythm.STACH),
    "427393009": Snomed("sinus irregularity", Rhythm.SARRH),
    "195101003": Snomed("wandering atrial pacemaker", Rhythm.SVARR),
    "17366009": Snomed("atrial arrhythmia", Rhythm.SVARR),
    "426761007": Snomed("supraventricular tachycardia", Rhythm.SVT),
    "67198005": Snomed("paroxysmal supraventricular tachycardia", Rhythm.SVT),
    "713422000": Snomed("atrial tachycardia", Rhythm.SVT),
    "233896004": Snomed("atrioventricular node reentrant tachycardia", Rhythm.SVT),
    "251166008": Snomed("atrioventricular node reentrant tachycardia", Rhythm.SVT),
    "233897008": Snomed("atrioventricular reentrant tachycardia", Rhythm.SVT),
    "426648003": Snomed("junctional tachycardia", Rhythm.SVT),
    "164895002": Snomed("ventricular tachycardia", Rhythm.VTACH),
    "425856008": Snomed("paroxysmal ventricular tachycardia", Rhythm.VTACH),
    "164889003": Snomed("atrial fibrillation", Rhythm.AFIB),
    "164890007": Snomed("atrial flutter", Rhythm.AFLUT),
    "164896001": Snomed("ventricular fibrillation", Rhythm.VFIB),
    "111288001": Snomed("ventricular flutter", Rhythm.VFLUT),
    "251173003": Snomed("atrial bigeminy", Rhythm.BIGU),
    "11157007": Snomed("ventricular bigeminy", Rhythm.BIGU),
    "251180001": Snomed("ventricular trigeminy", Rhythm.TRIGU),
    "10370003": Snomed("rhythm from artificial pacing", Rhythm.PACE),
    "106068003": Snomed("atrial rhythm", Rhythm.OTHER),
    "233892002": Snomed("accelerated atrial escape rhythm", Rhythm.OTHER),
    "29320008": Snomed("atrioventricular junctional rhythm", Rhythm.OTHER),
    "426664006": Snomed("accelerated junctional rhythm", Rhythm.OTHER),
    "61277005": Snomed("accelerated idioventricular rhythm", Rhythm.OTHER),
    "81898007": Snomed("ventricular escape rhythm", Rhythm.OTHER),
    # Beats and pauses
    "284470004": Snomed("atrial premature beats"),
    "63593006": Snomed("supraventricular premature beats"),
    "251170000": Snomed("blocked premature atrial contraction"),
    "251187003": Snomed("atrial escape beat"),
    "251164006": Snomed("junctional premature beat"),
    "426995002": Snomed("junctional escape beat"),
    "17338001": Snomed("ventricular premature beats"),
    "427172004": Snomed("ventricular premature beats"),
    "75532003": Snomed("ventricular escape beat"),
    "13640000": Snomed("ventricular fusion beat"),
    "5609005": Snomed("sinus arrest"),
    "65778007": Snomed("sinoatrial block"),
    "426627000": Snomed("bradycardia"),
    # Conduction disturbances
    "233917008": Snomed("atrioventricular block", None, CD),
    "270492004": Snomed("first degree atrioventricular block", None, CD),
    "195042002": Snomed("second degree atrioventricular block", None, CD),
    "54016002": Snomed("second degree atrioventricular block, Mobitz type I", None, CD),
    "28189009": Snomed("second degree atrioventricular block, type two", None, CD),
    "426183003": Snomed("second degree atrioventricular block, Mobitz type II", None, CD),
    "27885002": Snomed("third degree atrioventricular block", None, CD),
    "6374002": Snomed("bundle branch block", None, CD),
    "164909002": Snomed("left bundle branch block", None, CD),
    "733534002": Snomed("complete left bundle branch block", None, CD),
    "251120003": Snomed("incomplete left bundle branch block", None, CD),
    "59118001": Snomed("right bundle branch block", None, CD),
    "713427006": Snomed("complete right bundle branch block", None, CD),
    "713426002": Snomed("incomplete right bundle branch block", None, CD),
    "445118002": Snomed("left anterior fascicular block", None, CD),
    "445211001": Snomed("left posterior fascicular block", None, CD),
    "698252002": Snomed("non-specific intraventricular conduction disturbance", None, CD),
    "195060002": Snomed("ventricular preexcitation", None, CD),
    "74390002": Snomed("Wolff-Parkinson-White pattern", None, CD),
    "50799005": Snomed("atrioventricular dissociation"),
    # Hypertrophy
    "164873001": Snomed("left ventricular hypertrophy", None, HYP),
    "89792004": Snomed("right ventricular hypertrophy", None, HYP),
    "446813000": Snomed("left atrial hypertrophy", None, HYP),
    "67741000119109": Snomed("left atrial enlargement", None, HYP),
    "446358003": Snomed("right atrial hypertrophy", None, HYP),
    # Infarction
    "164865005": Snomed("myocardial infarction", None, MI),
    "54329005": Snomed("anterior myocardial infarction", None, MI),
    "57054005": Snomed("acute myocardial infarction", None, MI),
    # ST/T changes
    "428750005": Snomed("non-specific ST-T change", None, STTC),
    "55930002": Snomed("ST change", None, STTC),
    "164930006": Snomed("ST interval abnormal", None, STTC),
    "164931005": Snomed("ST elevation", None, STTC),
    "429622005": Snomed("ST depression", None, STTC),
    "164934002": Snomed("T wave change", None, STTC),
    "59931005": Snomed("T wave inversion", None, STTC),
    "111975006": Snomed("prolonged QT interval", None, STTC),
    # Form, axis and intervals that PTB-XL does not class either
    "428417006": Snomed("early repolarisation"),
    "77867006": Snomed("shortened QT interval"),
    "164937009": Snomed("U wave abnormal"),
    "164947007": Snomed("prolonged PR interval"),
    "49578007": Snomed("shortened PR interval"),
    "164912004": Snomed("P wave change"),
    "251205003": Snomed("prolonged P wave"),
    "251223006": Snomed("tall P wave"),
    "67751000119106": Snomed("right atrial high voltage"),
    "164917005": Snomed("abnormal Q wave"),
    "164942001": Snomed("fragmented QRS"),
    "365413008": Snomed("poor R wave progression"),
    "55827005": Snomed("left ventricular high voltage"),
    "251146004": Snomed("low QRS voltage in all leads"),
    "251147008": Snomed("low QRS voltage in limb leads"),
    "251148003": Snomed("low QRS voltage in chest leads"),
    "39732003": Snomed("left axis deviation"),
    "47665007": Snomed("right axis deviation"),
    "251198002": Snomed("clockwise rotation"),
    "251199005": Snomed("counterclockwise rotation"),
    "61721007": Snomed("clockwise or counterclockwise vectorcardiographic loop"),
    "418818005": Snomed("Brugada pattern"),
}
"""The SNOMED CT codes of LSAD."""

SUPERCLASS_OF: dict[str, Diagnosis] = {
    statement: superclass
    for table in (SCP_SUPERCLASSES, ludb_words.SUPERCLASSES)
    for superclass, statements in table.items()
    for statement in statements
} | {code: entry.superclass for code, entry in SNOMED.items() if entry.superclass is not None}
"""Statement of any of them -> its superclass."""

RHYTHM_OF: dict[str, Rhythm] = (
    SCP_RHYTHMS
    | ludb_words.RHYTHMS
    | {code: entry.rhythm for code, entry in SNOMED.items() if entry.rhythm is not None}
)
"""Statement of any of them -> the rhythm it states."""

Meaning = TypeVar("Meaning", Diagnosis, Rhythm)


def _meanings(statements: Iterable[str], table: Mapping[str, Meaning]) -> frozenset[Meaning]:
    """Return what statements mean by a table, with or without the place that some name behind a colon."""
    words = (one if one in table else one.partition(":")[0] for one in statements)
    return frozenset(table[word] for word in words if word in table)


def superclasses(diagnoses: Mapping[str, float], at_least: float = 0.0) -> frozenset[Diagnosis]:
    """Return the diagnostic superclasses of a recording's statements.

    Parameters
    ----------
    diagnoses : mapping of str to float
        ``Record.diagnoses``: statement -> likelihood in percent.
    at_least : float
        Leave statements of a smaller likelihood aside. PTB-XL writes 0 where the likelihood is not known, and its
        authors' benchmark counts every statement; so does the default.

    Returns
    -------
    frozenset of Diagnosis
        Empty where no statement has a superclass. That is not the same as a normal ECG, which is `Diagnosis.NORM`.
    """
    return _meanings((one for one, likelihood in diagnoses.items() if likelihood >= at_least), SUPERCLASS_OF)


def stated_rhythm(statements: Iterable[str]) -> Rhythm | None:
    """Return the one rhythm that a recording's statements agree on.

    Parameters
    ----------
    statements : iterable of str
        SCP statements, SNOMED CT codes, or words of LUDB; those that state no rhythm do not count.

    Returns
    -------
    Rhythm or None
        None where no rhythm is stated, or several are: which of them a stretch of the recording shows is unknown then.
    """
    found = _meanings(statements, RHYTHM_OF)
    return next(iter(found)) if len(found) == 1 else None


def whole_recording(rhythm: Rhythm | None, duration: float) -> Spans:
    """Return a rhythm span over a whole recording of `duration` seconds; no span where the rhythm is not known."""
    if rhythm is None:
        return Spans.empty()
    return Spans(np.array([rhythm], np.int16), np.zeros(1), np.array([duration]))
