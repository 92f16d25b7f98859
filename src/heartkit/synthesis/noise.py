"""Noise that resembles the three records of the MIT-BIH Noise Stress Test Database, made without it.

Gaussian noise is shaped to the power spectral densities that were measured on the records (Moody, Muldrow, Mark:
"A noise stress test for arrhythmia detectors", 1984; PhysioNet nstdb 1.0.0) and then swells and fades as they do: the
standard deviation per second of the part above 1 Hz spreads about log-normally.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import ConfigError

# Octave-like bands from 0.05 to 150 Hz, in which the spectra below were measured.
_FREQUENCY = np.array(
    [
        0.07,
        0.14,
        0.27,
        0.42,
        0.61,
        0.87,
        1.2,
        1.7,
        2.4,
        3.5,
        4.9,
        6.9,
        9.8,
        13.9,
        19.6,
        27.7,
        37.9,
        51.1,
        74.7,
        104,
        143,
    ]
)


@dataclass(frozen=True, slots=True)
class NoiseShape:
    """What one kind of noise is like.

    Parameters
    ----------
    spectrum : tuple of float
        Power spectral density in dB at the bands' centres; only its shape matters.
    swelling : float
        Standard deviation of the logarithm of the loudness.
    pace : float
        Seconds over which the loudness changes.
    """

    spectrum: tuple[float, ...]
    swelling: float
    pace: float


SHAPES = {
    "bw": NoiseShape(
        (3.1, 8.7, -1.7, -6.9, -15.3, -18.6, -23.6, -28.7, -34.3, -39.0, -40.2, -43.1, -44.6, -43.6, -44.8, -45.5,
         -46.0, -47.2, -51.3, -56.1, -60.0), 0.55, 8.0,
    ),
    "em": NoiseShape(
        (-5.3, 5.0, -2.4, -7.6, -12.3, -3.5, -6.8, -7.3, -10.0, -14.7, -17.0, -18.8, -23.4, -27.1, -33.3, -38.3,
         -41.7, -44.9, -50.3, -56.0, -57.9), 0.35, 6.0,
    ),
    "ma": NoiseShape(
        (4.8, 6.4, -1.1, -4.4, -6.9, -11.7, -16.0, -19.7, -24.2, -28.2, -30.6, -31.5, -28.1, -25.9, -24.4, -23.6,
         -25.6, -30.0, -43.0, -47.8, -48.2), 0.6, 2.0,
    ),
}  # fmt: skip
"""Baseline wander, electrode motion and muscle artefact."""


def synthetic_noise(
    kind: str, leads: int, samples: int, sampling_rate: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Make noise of one kind.

    Parameters
    ----------
    kind : str
        ``"bw"`` (baseline wander), ``"em"`` (electrode motion) or ``"ma"`` (muscle artefact).
    leads, samples : int
        Shape of the result; leads are independent.
    sampling_rate : float
        Hz.
    rng : numpy.random.Generator
        Where the randomness comes from.

    Returns
    -------
    (leads, samples) array of float32
        Mean 0, standard deviation 1 per lead; frequencies below 0.05 Hz are left out.

    Raises
    ------
    ConfigError
        If the kind is unknown or there are fewer than two samples.
    """
    if kind not in SHAPES:
        raise ConfigError(f"Unknown noise {kind!r}. Known: {', '.join(SHAPES)}.")
    if samples < 2:
        raise ConfigError(f"The noise would have {samples!r} samples; expected at least 2.")
    shape = SHAPES[kind]
    frequency = np.asarray(np.fft.rfftfreq(samples, 1 / sampling_rate), np.float64)
    gain = _gain(shape.spectrum, frequency)
    noise = _shaped(gain, leads, samples, rng) * _loudness(shape, leads, samples, sampling_rate, rng)
    noise -= noise.mean(axis=1, keepdims=True)
    return np.asarray(noise / noise.std(axis=1, keepdims=True), np.float32)


def _gain(spectrum: tuple[float, ...], frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the amplitude at each frequency: straight lines through `spectrum` on double logarithmic axes."""
    level = np.interp(np.log(np.maximum(frequency, 1e-6)), np.log(_FREQUENCY), spectrum)
    gain = 10 ** (level / 20)
    # A short stretch has no bins above 0.05 Hz other than its first few: only what is slower is left out.
    gain[(frequency < 0.05) & (np.arange(len(frequency)) != 1)] = 0
    return np.asarray(gain)


def _shaped(gain: NDArray[np.float64], leads: int, samples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return Gaussian noise with the given amplitude spectrum."""
    white = np.fft.rfft(rng.standard_normal((leads, samples)), axis=1)
    return np.fft.irfft(white * gain, samples, axis=1)


def _loudness(
    shape: NoiseShape, leads: int, samples: int, sampling_rate: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return a positive curve, log-normal about 1, that changes over some `shape.pace` seconds."""
    knots = max(int(samples / sampling_rate / shape.pace) + 2, 4)
    levels = rng.standard_normal((leads, knots)) * shape.swelling
    position = np.linspace(0, knots - 1, samples)
    smooth = np.stack([np.interp(position, np.arange(knots), row) for row in levels])
    return np.asarray(np.exp(smooth))
