"""What the marks of WFDB annotation files mean in the common vocabulary: tables, and nothing else.

The symbols and rhythm strings are those of the MIT-BIH Arrhythmia Database directory and of the WFDB Programmer's
Guide; the grouping of beats into N, S, V, F and Q is that of ANSI/AAMI EC57.
"""

from __future__ import annotations

from heartkit.records.vocabulary import Beat, Rhythm

BEATS: dict[str, Beat] = {
    "N": Beat.NORMAL,
    "L": Beat.NORMAL,  # left bundle branch block
    "R": Beat.NORMAL,  # right bundle branch block
    "B": Beat.NORMAL,  # bundle branch block, side not told
    "e": Beat.NORMAL,  # atrial escape
    "j": Beat.NORMAL,  # junctional escape
    "n": Beat.NORMAL,  # supraventricular escape
    "A": Beat.PAC,  # atrial premature
    "a": Beat.PAC,  # aberrated atrial premature
    "J": Beat.PAC,  # junctional premature
    "S": Beat.PAC,  # supraventricular premature
    "V": Beat.PVC,  # premature ventricular contraction
    "E": Beat.PVC,  # ventricular escape
    "r": Beat.PVC,  # R-on-T premature ventricular contraction
    "F": Beat.FUSION,  # of a ventricular and a normal beat
    "/": Beat.UNCLASSIFIED,  # paced
    "f": Beat.UNCLASSIFIED,  # fusion of a paced and a normal beat
    "Q": Beat.UNCLASSIFIED,
    "?": Beat.UNCLASSIFIED,
    "|": Beat.NOISE,  # isolated artefact that looks like a QRS complex
}
"""WFDB symbol -> beat. Whatever is not here is no beat: flutter waves (``!``), blocked P waves (``x``), comments."""

AAMI: dict[Beat, str] = {
    Beat.NORMAL: "N", Beat.PAC: "S", Beat.PVC: "V", Beat.FUSION: "F", Beat.UNCLASSIFIED: "Q",
}  # fmt: skip
"""Beat -> class of ANSI/AAMI EC57; `Beat.NOISE` has none."""

RHYTHMS: dict[str, Rhythm] = {
    "(N": Rhythm.SR,
    "(NSR": Rhythm.SR,
    "(SBR": Rhythm.SBRAD,
    "(SVTA": Rhythm.SVT,
    "(VT": Rhythm.VTACH,
    "(AFIB": Rhythm.AFIB,
    "(AFL": Rhythm.AFLUT,
    "(VF": Rhythm.VFIB,
    "(VFIB": Rhythm.VFIB,
    "(VFL": Rhythm.VFLUT,
    "(B": Rhythm.BIGU,  # ventricular bigeminy
    "(T": Rhythm.TRIGU,  # ventricular trigeminy
    "(P": Rhythm.PACE,
    "(PM": Rhythm.PACE,
    "(NOISE": Rhythm.NOISE,
    "(AB": Rhythm.OTHER,  # atrial bigeminy
    "(BI": Rhythm.OTHER,  # first degree block
    "(BII": Rhythm.OTHER,  # second degree block
    "(IVR": Rhythm.OTHER,  # idioventricular
    "(J": Rhythm.OTHER,  # junctional
    "(NOD": Rhythm.OTHER,  # junctional, as the older files write it
    "(PREX": Rhythm.OTHER,  # pre-excitation
}
"""Auxiliary string of a rhythm change -> rhythm. A string that is not here counts as `Rhythm.OTHER`."""
