"""The kinds of synthetic ECG: for each, the ranges from which a record's heart is drawn.

Times are seconds, angles degrees (see `heartkit.synthesis.leads.direction`), amplitudes mV of the dipole at an
impedance of 1. The ranges of `NORMAL` were set so that intervals and proportions of sinus rhythm fall where those of
LUDB do, and millivolts where those of PTB-XL's normal ECGs do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from heartkit.records.vocabulary import Beat, Rhythm

Ranges = Mapping[str, tuple[float, float]]

NORMAL: Ranges = MappingProxyType(
    {
        # P: right atrium first, then the left one.
        "pr": (0.100, 0.225),
        "p_amplitude": (0.06, 0.20),
        "p_axis": (5, 80),
        "p_sd": (0.0120, 0.0255),
        "p_lag": (0.006, 0.045),
        "p_left_ratio": (0.5, 1.2),
        "p_right_tilt": (-75, -10),
        "p_left_tilt": (5, 65),
        # QRS: septum, main mass of the left ventricle, its late lateral wall, base of the heart.
        "qrs_width": (0.86, 1.26),
        "q_ratio": (0.08, 0.55),
        "q_axis": (60, 250),
        "q_tilt": (-80, -25),
        "q_lead": (0.017, 0.026),
        "r_amplitude": (1.4, 2.6),
        "r_axis": (-25, 78),
        "r_tilt": (-15, 40),
        "r_sd": (0.0090, 0.0125),
        "l_ratio": (0.50, 1.20),
        "l_turn": (-45, 45),
        "l_tilt": (45, 90),
        "l_lag": (0.008, 0.019),
        "s_ratio": (0.08, 0.50),
        "s_axis": (170, 310),
        "s_tilt": (10, 75),
        "s_lag": (0.026, 0.036),
        # ST and T.
        "st_amplitude": (-0.05, 0.09),
        "st_axis": (0, 80),
        "st_tilt": (-60, 10),
        "qtc": (0.355, 0.460),
        "t_amplitude": (0.12, 0.80),
        "t_axis": (-35, 68),
        "t_tilt": (-60, 25),
        "t_discordance": (-0.45, 0.45),
        "t_rise": (0.026, 0.058),
        "t_fall_ratio": (0.65, 0.95),
        "t2_ratio": (-0.45, 0.60),
        "t2_turn": (-70, 70),
        "t2_tilt": (-70, 70),
        "t2_lead": (0.035, 0.075),
    }
)

_WIDE: Ranges = {
    "qrs_width": (1.25, 1.75),
    "q_ratio": (0.10, 0.50),
    "l_ratio": (0.60, 1.10),
    "l_lag": (0.017, 0.028),
    "s_ratio": (0.20, 0.70),
    "s_lag": (0.034, 0.044),
    "t_discordance": (0.70, 1.0),
    "st_amplitude": (0.0, 0.12),
    "qtc": (0.40, 0.48),
}

PVC_BEAT: Ranges = {
    **_WIDE,
    "qrs_width": (1.40, 1.90),
    "r_amplitude": (1.6, 3.6),
    "r_axis": (-150, 150),
    "r_tilt": (-80, 80),
    "l_turn": (-70, 70),
    "s_axis": (0, 360),
    "t_amplitude": (0.4, 1.2),
    "qtc": (0.40, 0.48),
}
"""A ventricular premature beat: what differs from `NORMAL`."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of record.

    Parameters
    ----------
    summary : str
        One line for the user.
    ranges : mapping
        What differs from `NORMAL`.
    rhythm : Rhythm
        ``SR`` stands for sinus rhythm of any rate.
    ectopy : Beat
        The kind of premature beats; ``NORMAL`` means none.
    """

    summary: str
    ranges: Ranges = field(default_factory=dict)
    rhythm: Rhythm = Rhythm.SR
    ectopy: Beat = Beat.NORMAL


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "SR": Preset("sinus rhythm, normal conduction"),
        "AFIB": Preset("atrial fibrillation: irregular, fibrillatory waves, no P", rhythm=Rhythm.AFIB),
        "AFLUT": Preset("atrial flutter: sawtooth of 240 to 340 per minute, no P", rhythm=Rhythm.AFLUT),
        "PAC": Preset("sinus rhythm with atrial premature beats", ectopy=Beat.PAC),
        "PVC": Preset("sinus rhythm with ventricular premature beats", ectopy=Beat.PVC),
        "LBBB": Preset(
            "left bundle branch block: wide notched QRS, discordant T",
            {
                **_WIDE,
                "qrs_width": (1.30, 1.60),
                "q_axis": (-30, 50),
                "q_tilt": (-30, 40),
                "r_axis": (-45, 55),
                "r_tilt": (20, 60),
                "l_tilt": (20, 70),
                "s_axis": (-70, 40),
                "s_tilt": (20, 70),
            },
        ),
        "LAHB": Preset(
            "left anterior hemiblock: axis of -45 to -80 degrees",
            {
                "qrs_width": (0.95, 1.15),
                "q_axis": (80, 140),
                "q_ratio": (0.15, 0.40),
                "r_axis": (-80, -48),
                "r_tilt": (0, 40),
                "l_turn": (-25, 15),
                "s_axis": (230, 300),
            },
        ),
        "LPHB": Preset(
            "left posterior hemiblock: axis of 100 to 130 degrees",
            {
                "qrs_width": (0.95, 1.15),
                "q_axis": (-70, -30),
                "q_ratio": (0.15, 0.40),
                "r_axis": (102, 132),
                "r_tilt": (0, 40),
                "l_turn": (-15, 15),
            },
        ),
        "ant_STEMI": Preset(
            "anterior ST-elevation infarction",
            {
                "st_amplitude": (0.25, 0.80),
                "st_axis": (-30, 40),
                "st_tilt": (-80, -40),
                "t_amplitude": (0.5, 1.3),
                "t_axis": (0, 50),
                "t_tilt": (-80, -40),
                "t_discordance": (-0.1, 0.1),
                "q_ratio": (0.0, 0.12),
                "r_tilt": (20, 60),
            },
        ),
        "high_take_off": Preset(
            "high take-off of the ST segment (early repolarisation)",
            {
                "st_amplitude": (0.12, 0.35),
                "st_axis": (10, 60),
                "st_tilt": (-55, -10),
                "t_amplitude": (0.5, 1.1),
                "t_axis": (10, 60),
                "t_tilt": (-60, -10),
                "t_discordance": (-0.1, 0.1),
            },
        ),
        "random_morphology": Preset(
            "anything: all shapes drawn from wide ranges",
            {
                "pr": (0.10, 0.26),
                "p_axis": (-120, 180),
                "p_amplitude": (0.03, 0.30),
                "qrs_width": (0.75, 1.55),
                "q_ratio": (0.0, 0.8),
                "q_axis": (0, 360),
                "q_tilt": (-90, 90),
                "r_amplitude": (0.6, 3.2),
                "r_axis": (-180, 180),
                "r_tilt": (-60, 75),
                "l_ratio": (0.1, 1.2),
                "l_turn": (-120, 120),
                "l_tilt": (-80, 80),
                "s_ratio": (0.0, 0.9),
                "s_axis": (0, 360),
                "st_amplitude": (-0.30, 0.40),
                "st_axis": (-180, 180),
                "st_tilt": (-80, 80),
                "qtc": (0.34, 0.50),
                "t_amplitude": (0.08, 1.2),
                "t_axis": (-180, 180),
                "t_tilt": (-80, 80),
                "t2_ratio": (-0.9, 0.7),
            },
        ),
    }
)

DEFAULT_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "SR": 14, "random_morphology": 3, "AFIB": 3, "LAHB": 2, "LBBB": 2, "PAC": 2, "PVC": 2,
        "high_take_off": 2, "LPHB": 1, "ant_STEMI": 1, "AFLUT": 1,
    }
)  # fmt: skip
"""How often each preset comes where a configuration does not say."""
