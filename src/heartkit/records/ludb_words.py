"""What the statements of LUDB mean in heartkit's words: tables, and nothing else.

The statements are those of ``ludb.csv``, which cardiologists chose from a list of the database's own. Some go on behind
a colon with the place, ``"Ischemia: inferior wall"``; here stands what comes before it. `UNCLASSED` are statements that
name neither a rhythm nor, for sure, one of PTB-XL's superclasses. ``docs/datasets/ludb.md`` says why.

References
----------
Kalyakulina et al., "LUDB: A New Open-Access Validation Tool for Electrocardiogram Delineation Algorithms", IEEE Access
8, 2020.
"""

from __future__ import annotations

from heartkit.records.vocabulary import Diagnosis, Rhythm

_, STTC, MI, HYP, CD = Diagnosis

RHYTHMS: dict[str, Rhythm] = {
    "Sinus rhythm": Rhythm.SR,
    "Sinus bradycardia": Rhythm.SBRAD,
    "Sinus tachycardia": Rhythm.STACH,
    "Sinus arrhythmia": Rhythm.SARRH,
    "Irregular sinus rhythm": Rhythm.SARRH,
    "Wandering atrial pacemaker": Rhythm.SVARR,
    "Atrial fibrillation": Rhythm.AFIB,
    "Atrial flutter, typical": Rhythm.AFLUT,
    "Atrial extrasystole, type: bigemini": Rhythm.BIGU,
    # Beside "Sinus rhythm", which then is what the atria do.
    "Unipolar atrial pacing": Rhythm.PACE,
    "Unipolar ventricular pacing": Rhythm.PACE,
    "Bipolar ventricular pacing": Rhythm.PACE,
    "Biventricular pacing": Rhythm.PACE,
}

SUPERCLASSES: dict[Diagnosis, tuple[str, ...]] = {
    STTC: ("Ischemia", "Non-specific repolarization abnormalities"),
    MI: ("Stemi", "Scar formation"),
    HYP: (
        "Left ventricular hypertrophy", "Right ventricular hypertrophy",
        "Left atrial hypertrophy", "Right atrial hypertrophy", "Left atrial overload", "Right atrial overload",
    ),
    CD: (
        "I degree av block", "Iii degree av-block", "Left anterior hemiblock",
        "Incomplete left bundle branch block", "Complete left bundle branch block",
        "Incomplete right bundle branch block", "Complete right bundle branch block",
        "Non-specific intravintricular conduction delay",
    ),
}  # fmt: skip

UNCLASSED = (
    "Undefined ischemia/scar/supp.nstemi", "Left ventricular overload", "Electric axis of the heart",
    "Early repolarization syndrome", "Sinoatrial blockade, undefined", "Aberrant conduction",
    "Pacemaker presence, undefined", "P-synchrony",
    "Atrial extrasystole", "Atrial extrasystole, type",
    "Ventricular extrasystole, type", "Ventricular extrasystole, localisation", "Ventricular extrasystole, morphology",
)  # fmt: skip
