"""From the heart's dipole to the twelve leads."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
MEASURED = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""The eight leads that are independent of each other; the other four follow from I and II."""

DOWER = np.array(
    [
        [0.632, -0.235, 0.059],
        [0.235, 1.066, -0.132],
        [-0.515, 0.157, -0.917],
        [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277],
        [1.213, 0.127, -0.601],
        [1.125, 0.127, -0.086],
        [0.831, 0.076, 0.230],
    ]
)
"""`MEASURED` from Frank's X (to the left), Y (to the feet) and Z (to the back).

Dower, Machado, Osborne, "On deriving the electrocardiogram from vectorcardiographic leads", Clin. Cardiol. 3, 1980.
"""

_STEP = 2.0**-12


def twelve_leads(measured: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the twelve leads from the eight that are measured.

    Einthoven's and Goldberger's equations hold to the last bit, because the signals are first rounded to 2^-12 mV
    (a quarter of a microvolt), of which float32 holds sums and halves exactly.

    Parameters
    ----------
    measured : (..., 8, samples) array of float32
        `MEASURED` in mV, below 1000 mV.

    Returns
    -------
    (..., 12, samples) array of float32
        `LEADS` in mV.
    """
    out = np.empty((*measured.shape[:-2], len(LEADS), measured.shape[-1]), np.float32)
    rounded = measured * np.float32(1 / _STEP)
    np.rint(rounded, out=rounded)
    rounded *= np.float32(_STEP)
    one, two = rounded[..., 0, :], rounded[..., 1, :]
    out[..., 0:2, :] = rounded[..., :2, :]
    out[..., 2, :] = two - one
    out[..., 3, :] = (one + two) * np.float32(-0.5)
    out[..., 4, :] = one - two * np.float32(0.5)
    out[..., 5, :] = two - one * np.float32(0.5)
    out[..., 6:, :] = rounded[..., 2:, :]
    return out


def all_rows(measured: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the twelve leads' rows of lead matrices from those of `MEASURED`: (..., 8, 3) to (..., 12, 3)."""
    one, two = measured[..., 0, :], measured[..., 1, :]
    limbs = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    return np.concatenate([np.stack(limbs, axis=-2), measured[..., 2:, :]], axis=-2)


def direction(frontal: NDArray[np.float64], backward: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return unit vectors in Frank's axes.

    Parameters
    ----------
    frontal : array
        Degrees in the frontal plane as cardiologists count them: 0 is to the left (lead I), 90 to the feet (aVF).
    backward : array
        Degrees out of that plane, towards the back.

    Returns
    -------
    (..., 3) array
        X, Y, Z.
    """
    angle, tilt = np.deg2rad(frontal), np.deg2rad(backward)
    return np.stack([np.cos(angle) * np.cos(tilt), np.sin(angle) * np.cos(tilt), np.sin(tilt)], axis=-1)
