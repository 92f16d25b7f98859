"""The words in which all datasets annotate and all tasks ask: waves, rhythms, beats and diagnoses.

The numbers are the keys of ``class_map`` in configurations, so they never change.
"""

from __future__ import annotations

from enum import IntEnum


class Wave(IntEnum):
    """What a sample of a recording belongs to."""

    NONE = 0
    P = 1
    QRS = 2
    T = 3
    U = 4
    NOISE = 5
    SYSTOLIC = 6
    DIASTOLIC = 7


class Rhythm(IntEnum):
    """The rhythm of a span of a recording."""

    SR = 0
    SBRAD = 1
    STACH = 2
    SARRH = 3
    SVARR = 4
    SVT = 5
    VTACH = 6
    AFIB = 7
    AFLUT = 8
    VFIB = 9
    VFLUT = 10
    BIGU = 11
    TRIGU = 12
    PACE = 13
    OTHER = 126
    NOISE = 127


class Beat(IntEnum):
    """The kind of one beat; behind it the class of ANSI/AAMI EC57 and the WFDB symbols it stands for."""

    NORMAL = 0  # N: N L R e j n
    PAC = 1  # S: A a J S
    PVC = 2  # V: V E r
    NOISE = 3  # not a beat
    FUSION = 4  # F: F
    UNCLASSIFIED = 5  # Q: / f Q ?


class Diagnosis(IntEnum):
    """Diagnostic superclass of a recording (PTB-XL's five)."""

    NORM = 0
    STTC = 1
    MI = 2
    HYP = 3
    CD = 4
