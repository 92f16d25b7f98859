"""What a beat looks like: the bumps of the heart's dipole that make P, QRS, ST and T.

A beat is a sum of two-sided Gaussian bumps, each with a direction in space, after McSharry et al., "A dynamical model
for generating synthetic electrocardiogram signals", IEEE Trans. Biomed. Eng. 50, 2003, and its extension to the dipole
in Sameni et al., "Multichannel ECG and noise modeling", EURASIP J. Adv. Signal Process., 2007.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.records.vocabulary import Beat, Rhythm
from heartkit.synthesis.draws import Draws
from heartkit.synthesis.leads import direction
from heartkit.synthesis.presets import NORMAL, PRESETS, PVC_BEAT, Ranges

Floats = NDArray[np.float64]

P, QRS, ST, T = slice(0, 2), slice(2, 6), slice(6, 7), slice(7, 9)
BUMPS = 9
P_REACH, QRS_REACH, T_REACH = 2.15, 2.4, 2.5
"""Standard deviations from a bump's centre to where an annotator sees its wave begin or end."""


@dataclass(frozen=True, slots=True)
class Hearts:
    """The beats that the records of a batch can show, each as a sum of bumps.

    Times are seconds from the R peak at an interval of 1 s. The second axis is the kind of beat: `Beat.NORMAL`,
    `Beat.PAC`, `Beat.PVC`.

    Parameters
    ----------
    centre, rise, fall : (batch, 3, 9) arrays of float
        Seconds: where a bump is highest, and its standard deviation before and after that.
    vector : (batch, 3, 9, 3) array of float
        The dipole at the bump's height, mV in Frank's axes.
    origin : (batch, 3) array of float
        Where the QRS complex begins: the point from which P and T stretch with the interval.
    has_p : (batch, 3) array of bool
        Whether such a beat has a P wave.
    """

    centre: Floats
    rise: Floats
    fall: Floats
    vector: Floats
    origin: Floats
    has_p: NDArray[np.bool_]


def draw_hearts(
    draws: Draws, presets: Sequence[str], chosen: NDArray[np.intp], p_factor: Floats, t_factor: Floats
) -> Hearts:
    """Draw the hearts of a batch.

    Parameters
    ----------
    draws : Draws
        Random numbers of the batch.
    presets : sequence of str
        Names in `PRESETS`.
    chosen : (batch,) array of int
        Index into `presets`.
    p_factor, t_factor : (batch,) arrays of float
        Factors on the height of P and T waves.
    """
    usual = _draw_ranges(draws, [PRESETS[name].ranges for name in presets], chosen)
    premature = usual | {"p_axis": usual["p_axis"] + draws.uniform(-120, 120), "pr": usual["pr"] * 0.9}
    ventricular = _draw_ranges(draws, [PVC_BEAT], np.zeros_like(chosen))
    no_p = np.array([PRESETS[name].rhythm in (Rhythm.AFIB, Rhythm.AFLUT) for name in presets])[chosen]
    without = usual | {"p_amplitude": np.where(no_p, 0.0, usual["p_amplitude"] * p_factor)}
    premature |= {"p_amplitude": without["p_amplitude"]}
    ventricular |= {"p_amplitude": np.zeros(len(draws))}
    by_kind = {Beat.NORMAL: without, Beat.PAC: premature, Beat.PVC: ventricular}
    parts = [_bumps(by_kind[kind], t_factor) for kind in sorted(by_kind)]
    centre, rise, fall, vector, origin = (np.stack(columns, axis=1) for columns in zip(*parts, strict=True))
    has_p = np.stack([~no_p, ~no_p, np.zeros_like(no_p)], axis=1)
    return Hearts(centre, rise, fall, vector, origin, has_p)


def stretch(rr: Floats, mean_rr: Floats) -> Floats:
    """Return by how much P, QRS, ST and T of beats stretch with the interval, shape (..., 9).

    Repolarisation follows Fridericia's cube root, slowly: two thirds by the mean interval, one third by the last one.
    Atrioventricular conduction shortens a little as the rate rises.
    """
    felt = np.clip(mean_rr * 2 / 3 + rr / 3, 0.25, 1.6)
    out = np.ones((*rr.shape, BUMPS))
    out[..., P] = (0.8 + 0.2 * np.minimum(felt, 1.2))[..., None]
    out[..., ST.start :] = np.cbrt(felt)[..., None]
    return out


def _draw_ranges(draws: Draws, overrides: Sequence[Ranges], chosen: NDArray[np.intp]) -> dict[str, Floats]:
    """Draw every quantity of `NORMAL` for each record, the middle of its range most often."""
    ranges = np.array([[{**NORMAL, **changed}[name] for name in NORMAL] for changed in overrides])
    low, high = np.moveaxis(ranges[chosen], -1, 0)
    drawn = low + (high - low) * (draws.table(len(NORMAL)) + draws.table(len(NORMAL))) / 2
    return dict(zip(NORMAL, drawn.T, strict=True))


def _bumps(v: dict[str, Floats], t_factor: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return centre, rise, fall, vector and origin of one kind of beat."""
    width, sd = v["qrs_width"], v["r_sd"] * v["qrs_width"]
    q_time, l_time, s_time = -v["q_lead"] * width, v["l_lag"] * width, v["s_lag"] * width
    origin = q_time - QRS_REACH * 0.8 * sd
    j_point = s_time + QRS_REACH * 0.95 * sd
    p_first = origin - v["pr"] + P_REACH * v["p_sd"]
    t_fall = v["t_rise"] * v["t_fall_ratio"]
    t_time = origin + v["qtc"] - T_REACH * t_fall
    st_fall = np.maximum((t_time - j_point) / 3, 0.03)
    zero = np.zeros_like(sd)
    centre = [
        p_first, p_first + v["p_lag"], q_time, zero, l_time, s_time, j_point + 0.02, t_time, t_time - v["t2_lead"],
    ]  # fmt: skip
    rise = [v["p_sd"], v["p_sd"], 0.8 * sd, sd, 0.95 * sd, 0.95 * sd, zero + 0.02, v["t_rise"], v["t_rise"]]
    fall = [*rise[:6], st_fall, t_fall, v["t_rise"]]
    vectors = np.stack(_vectors(v, t_factor), axis=-2)
    return np.stack(centre, axis=-1), np.stack(rise, axis=-1), np.stack(fall, axis=-1), vectors, origin


def _vectors(v: dict[str, Floats], t_factor: Floats) -> list[Floats]:
    """Return the nine bumps' dipoles, each (batch, 3)."""
    main = direction(v["r_axis"], v["r_tilt"])
    late = direction(v["r_axis"] + v["l_turn"], v["l_tilt"])
    against = np.maximum(v["t_discordance"], 0)[:, None]
    t_way = (1 - against) * direction(v["t_axis"], v["t_tilt"]) - against * _unit(main + late)
    t_size = (v["t_amplitude"] * t_factor)[:, None]
    aside = np.tan(np.deg2rad(v["t2_turn"] / 2))[:, None] * direction(v["t_axis"] + 90, v["t2_tilt"])
    t_early = _unit(_unit(t_way) + aside)
    size = v["r_amplitude"][:, None]
    st = direction(v["st_axis"], v["st_tilt"])
    st_way = np.where(against > 0.5, t_way, st)
    p_size = v["p_amplitude"][:, None]
    return [
        p_size * direction(v["p_axis"], v["p_right_tilt"]),
        p_size * v["p_left_ratio"][:, None] * direction(v["p_axis"], v["p_left_tilt"]),
        size * v["q_ratio"][:, None] * direction(v["q_axis"], v["q_tilt"]),
        size * main,
        size * v["l_ratio"][:, None] * late,
        size * v["s_ratio"][:, None] * direction(v["s_axis"], v["s_tilt"]),
        v["st_amplitude"][:, None] * _unit(st_way),
        t_size * _unit(t_way),
        t_size * v["t2_ratio"][:, None] * t_early,
    ]


def _unit(vector: Floats) -> Floats:
    length = np.linalg.norm(vector, axis=-1, keepdims=True)
    unit: Floats = vector / np.maximum(length, 1e-3)
    return unit
