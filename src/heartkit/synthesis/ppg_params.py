"""What a configuration may ask of the PPG generator."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from heartkit.synthesis.params import EcgParams, Factor, Range, between
from heartkit.synthesis.rhythm import Variability

Share = Annotated[Range, between(0, 1)]

_SWING, _JITTER = 0.25, 0.3
"""What 1 stands for in `frequency_modulation` and `ibi_randomness`."""


class PpgParams(EcgParams):
    """How synthetic PPGs shall be.

    Ranges are ``[low, high]``, drawn evenly for each record, or one number. All parameters of `EcgParams` are here,
    too: ``presets`` and ``heart_rate`` rule the rhythm of the pulse, and those that shape the ECG do so where a
    record has one (``with_ecg``).

    Parameters
    ----------
    presets : list of str
        Kinds of record, of `heartkit.synthesis.presets.PRESETS`; by default those that differ in rhythm.
    duration, sample_rate : float
        Seconds, 2 to 3600, and Hz, 50 to 2000.
    frequency_modulation : range
        How much breathing changes the rate (respiratory sinus arrhythmia), 0 to 1: at 1 intervals of 1 s become up
        to 18 % longer and shorter.
    ibi_randomness : range
        How much intervals differ by chance, 0 to 1: at 1 intervals of 1 s have a standard deviation of 21 %.
    amplitude_modulation : range
        How much breathing changes the height of pulses, as a share of it.
    baseline_modulation : range
        How much breathing moves the baseline up and down, as a share of a pulse's height.
    transit_time : range
        Seconds from the R peak to the foot of the pulse, 0.05 to 0.8. At a finger it is 0.18 to 0.32 s (the heart's
        pre-ejection period included); patient monitors add some 0.25 s of their own.
    dicrotic_multiplier : range
        Factor on the height of the dicrotic wave; at 0 there is no notch to be seen.
    noise_multiplier : range
        0 is a clean recording; 1 a bad one, with baseline drift and movement as large as half a pulse and white noise
        of 5 % of one. An ECG in the same record is as bad.
    """

    presets: list[str] = Field(default=["SR", "AFIB", "AFLUT", "PAC", "PVC"], min_length=1)
    duration: float = Field(default=20.0, ge=2.0, le=3600.0)
    frequency_modulation: Share = (0.0, 0.5)
    ibi_randomness: Share = (0.01, 0.1)
    amplitude_modulation: Share = (0.02, 0.2)
    baseline_modulation: Annotated[Range, between(0, 10)] = (0.02, 0.2)
    transit_time: Annotated[Range, between(0.05, 0.8)] = (0.18, 0.32)
    dicrotic_multiplier: Factor = (0.8, 1.2)
    noise_multiplier: Factor = (0.0, 0.3)

    @property
    def variability(self) -> Variability:
        """How much intervals vary, as `heartkit.synthesis.rhythm` counts it."""
        low, high = self.frequency_modulation
        least, most = self.ibi_randomness
        return Variability((_SWING * low, _SWING * high), (_JITTER * least, _JITTER * most))
