"""What a configuration may ask of the ECG generator."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from heartkit.errors import UnknownNameError
from heartkit.strict import StrictParams
from heartkit.synthesis.presets import DEFAULT_WEIGHTS, PRESETS


def _as_pair(value: Any) -> Any:
    """Read ``[low, high]`` as a pair, and a single number as a range of one value."""
    if isinstance(value, list | tuple):
        if len(value) != 2:
            raise ValueError(f"must be a number or [low, high], got {list(value)}")
        return tuple(value)
    return (value, value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def between(low: float, high: float) -> AfterValidator:
    """Return a check that a range is in order and within limits."""

    def check(value: tuple[float, float]) -> tuple[float, float]:
        if not low <= value[0] <= value[1] <= high:
            raise ValueError(
                f"must be a number or [low, high] with {low:g} <= low <= high <= {high:g}, got {list(value)}"
            )
        return value

    return AfterValidator(check)


Range = Annotated[tuple[float, float], BeforeValidator(_as_pair)]
"""``[low, high]``, drawn evenly for each record, or one number."""
Factor = Annotated[Range, between(0, 100)]


class EcgParams(StrictParams):
    """How synthetic ECGs shall be.

    Ranges are ``[low, high]``, drawn evenly for each record, or one number.

    Parameters
    ----------
    presets : list of str
        Kinds of record, of `heartkit.synthesis.presets.PRESETS`.
    preset_weights : list of float, optional
        How often each preset comes, relative to the others; by default as in `DEFAULT_WEIGHTS`.
    duration : float
        Seconds, 2 to 3600.
    sample_rate : float
        Hz, 50 to 2000.
    heart_rate : range
        Mean ventricular rate in beats per minute, 25 to 220. Atrial flutter conducts every second to sixth flutter
        wave, so its rate is the nearest one possible.
    impedance : range
        Of the body between heart and electrodes, relative to a thin chest; amplitudes are divided by it.
    p_multiplier, t_multiplier : range
        Factors on the height of P and T waves (of fibrillatory and flutter waves too, for P).
    noise_multiplier : range
        0 is a clean recording; 1 a bad one, with some 0.5 mV of baseline wander, 0.1 mV of muscle noise (standard
        deviation) and 0.05 mV of mains hum.
    voltage_factor : range
        Amplitude in per mille: 1000 leaves the heart's dipole as it is.

    Raises
    ------
    UnknownNameError
        If a preset does not exist.
    ConfigError
        If a value is of the wrong kind or out of its range.
    """

    presets: list[str] = Field(default=list(DEFAULT_WEIGHTS), min_length=1)
    preset_weights: list[Annotated[float, Field(ge=0)]] | None = None
    duration: float = Field(default=10.0, ge=2.0, le=3600.0)
    sample_rate: float = Field(default=100.0, ge=50.0, le=2000.0)
    heart_rate: Annotated[Range, between(25, 220)] = (40.0, 140.0)
    impedance: Annotated[Range, between(0.05, 100)] = (1.0, 2.0)
    p_multiplier: Factor = (0.8, 1.2)
    t_multiplier: Factor = (0.8, 1.2)
    noise_multiplier: Factor = (0.0, 0.1)
    voltage_factor: Annotated[Range, between(1, 100_000)] = (800.0, 1000.0)

    @field_validator("presets")
    @classmethod
    def _known(cls, names: list[str]) -> list[str]:
        for name in names:
            if name not in PRESETS:
                raise UnknownNameError("preset", name, PRESETS)
        return names

    @model_validator(mode="after")
    def _a_weight_for_each(self) -> EcgParams:
        if self.preset_weights is None:
            return self
        if len(self.preset_weights) != len(self.presets):
            raise ValueError(
                f"preset_weights must have one entry for each preset, "
                f"got {len(self.preset_weights)} for {len(self.presets)} presets"
            )
        if sum(self.preset_weights) <= 0:
            raise ValueError("preset_weights are all zero; give at least one preset a weight above 0")
        return self

    @property
    def samples(self) -> int:
        """Number of samples of a record."""
        return round(self.duration * self.sample_rate)

    @property
    def weights(self) -> list[float]:
        """The weight of each of `presets`."""
        return self.preset_weights or [DEFAULT_WEIGHTS[name] for name in self.presets]
