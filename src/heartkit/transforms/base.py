"""What every transform is: strict parameters, a draw of random numbers, and a pure function of both."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from heartkit.errors import ConfigError, UnknownNameError

log = logging.getLogger(__name__)

Frames = NDArray[np.float32]
"""Frames, (batch, frame_size, channels)."""


class Params(BaseModel):
    """The parameters of a transform: nothing unknown is let through.

    Parameters
    ----------
    name : str, optional
        A label for the step, as second-generation files write it; it changes nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str | None = None


def _pair(value: Any) -> Any:
    """Read one number as a range of one value."""
    return (value, value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _ordered(pair: tuple[Any, Any]) -> tuple[Any, Any]:
    if pair[0] > pair[1]:
        raise ValueError(f"the low end {pair[0]!r} lies above the high end {pair[1]!r}")
    return pair


_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Count = Annotated[int, Field(ge=0)]

Span = Annotated[tuple[_Amount, _Amount], BeforeValidator(_pair), AfterValidator(_ordered)]
"""[low, high] of a number that is not negative; one number stands for both."""

ShareSpan = Annotated[tuple[_Share, _Share], BeforeValidator(_pair), AfterValidator(_ordered)]
"""[low, high] of a share between 0 and 1."""

CountSpan = Annotated[tuple[_Count, _Count], BeforeValidator(_pair), AfterValidator(_ordered)]
"""[low, high] of a whole number, both included."""

P = TypeVar("P", bound=Params)
D = TypeVar("D")


class Transform(ABC, Generic[P, D]):
    """One step on whole batches of frames.

    Parameters
    ----------
    params : Params
        Of the class's own `params_type`.
    sampling_rate : float
        Hz, of the frames that will come.
    noise_folder : Path, optional
        Where the NSTDB records are, for the steps that add recorded noise.
    held_out : bool
        Whether the frames are held out. Recorded noise is cut from one half of its records for training and from the
        other for held-out frames, so that no network is judged on noise that it has seen.
    """

    params_type: ClassVar[type[Params]]

    def __init__(
        self, params: P, sampling_rate: float, noise_folder: Path | None = None, held_out: bool = False
    ) -> None:
        self.params = params
        self.sampling_rate = float(sampling_rate)
        self.noise_folder = noise_folder
        self.held_out = held_out
        self.prepare()

    def prepare(self) -> None:
        """Check parameters against the sampling rate and set up what every batch needs; by default nothing."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, batch: int, frame_size: int, channels: int) -> D:
        """Draw the random numbers for one batch."""

    @abstractmethod
    def apply(self, frames: Frames, drawn: D) -> Frames:
        """Return new frames, a pure function of `frames` and `drawn`."""

    def output_size(self, frame_size: int) -> int:
        """Return how many samples a frame of `frame_size` samples has afterwards."""
        return frame_size

    def __call__(self, frames: Frames, rng: np.random.Generator) -> Frames:
        """Draw and apply.

        Parameters
        ----------
        frames : (batch, frame_size, channels) array of float32
            Finite; left unchanged.
        rng : numpy.random.Generator
            Where the randomness comes from.

        Returns
        -------
        (batch, frame_size, channels) array of float32
        """
        return self.apply(frames, self.draw(rng, *frames.shape))

    @classmethod
    def create(
        cls,
        given: Mapping[str, Any],
        sampling_rate: float,
        noise_folder: Path | None = None,
        label: str = "",
        held_out: bool = False,
    ) -> Self:
        """Check parameters as a configuration writes them and build the transform.

        Parameters
        ----------
        given : mapping
            Parameter names to values.
        sampling_rate : float
            Hz.
        noise_folder : Path, optional
            Where the NSTDB records are.
        label : str
            What error messages call the step, e.g. ``"augmentation 'cutout'"``.
        held_out : bool
            Whether the frames are held out.

        Raises
        ------
        ConfigError
            For an unknown parameter (with the nearest names) or a value out of range.
        """
        label = label or f"transform {cls.__name__!r}"
        try:
            params = cls.params_type.model_validate(dict(given))
        except ValidationError as error:
            raise _config_error(cls.params_type, error.errors()[0], label) from error
        return cls(params, sampling_rate, noise_folder, held_out)  # type: ignore[arg-type]


class Preprocess(Transform[P, Any]):
    """A step that draws nothing: the same frames always give the same result.

    What it takes from the frames themselves, such as their mean, is measured first and then applied, so that other
    frames can go through the same, and answers can be brought back.
    """

    def draw(self, rng: np.random.Generator | None, batch: int, frame_size: int, channels: int) -> None:
        """Draw nothing."""

    def measure(self, frames: Frames) -> Any:
        """Return what `apply` takes from the frames; by default nothing."""
        return None

    def undo(self, frames: Frames, measured: Any) -> Frames:
        """Return what `apply` would have made `frames` of; by default themselves, as what is filtered out is gone."""
        return frames

    def without_offset(self, measured: Any) -> Any:
        """Return what was measured without any offset in it; by default it holds none."""
        return measured

    def __call__(self, frames: Frames, rng: np.random.Generator | None = None) -> Frames:
        """Measure and apply; the generator is neither needed nor used."""
        return self.apply(frames, self.measure(frames))


class AdditiveNoise(Transform[P, D]):
    """A step that adds something whose size is relative to each frame's own standard deviation, channel by channel."""

    @abstractmethod
    def noise(self, drawn: D, frame_size: int) -> NDArray[np.float32]:
        """Return what is added, in standard deviations of the frame, as (batch, channels, frame_size)."""

    def apply(self, frames: Frames, drawn: D) -> Frames:
        """Return the frames with the noise added."""
        added = self.noise(drawn, frames.shape[1]) * spread(frames)[:, :, None]
        return frames + added.transpose(0, 2, 1)


def spread(frames: Frames) -> NDArray[np.float32]:
    """Return the standard deviation over time of each channel of each frame, (batch, channels)."""
    rows = frames.transpose(0, 2, 1)
    centred = rows - rows.mean(axis=2, keepdims=True)
    variance = np.einsum("bct,bct->bc", centred, centred) / frames.shape[1]
    return np.asarray(np.sqrt(variance), np.float32)


def times_matrix(frames: Frames, matrix: NDArray[np.float32]) -> Frames:
    """Return the frames with each channel multiplied by a (frame_size, new_size) matrix from the right.

    All channels of all frames go through one product, which is several times faster than one for each frame.
    """
    batch, frame_size, channels = frames.shape
    rows = np.ascontiguousarray(frames.transpose(0, 2, 1)).reshape(batch * channels, frame_size)
    return np.ascontiguousarray((rows @ matrix).reshape(batch, channels, -1).transpose(0, 2, 1))


def uniform(rng: np.random.Generator, span: tuple[float, float], *shape: int) -> NDArray[np.float32]:
    """Draw float32 numbers evenly from ``[low, high]``."""
    low, high = span
    return rng.random(shape, np.float32) * np.float32(high - low) + np.float32(low)


def below_nyquist(span: tuple[float, float], sampling_rate: float, what: str) -> tuple[float, float]:
    """Return the range of frequencies, cut at half the sampling rate (which the log then says).

    Raises
    ------
    ConfigError
        If all of it lies above half the sampling rate.
    """
    nyquist = sampling_rate / 2
    if span[0] > nyquist:
        raise ConfigError(
            f"The frequency {list(span)!r} Hz of {what} lies above {nyquist:g} Hz, half the sampling rate "
            f"{sampling_rate:g} Hz. Choose lower frequencies, or leave the step out."
        )
    if span[1] > nyquist:
        log.warning("%s: frequencies %s Hz are cut at %g Hz, half the sampling rate.", what, list(span), nyquist)
    return span[0], min(span[1], nyquist)


def _config_error(params_type: type[Params], detail: ErrorDetails, label: str) -> ConfigError:
    where = ".".join(map(str, detail["loc"]))
    if detail["type"] == "extra_forbidden":
        return UnknownNameError(f"parameter of {label}:", where, _names(params_type))
    if detail["type"] == "missing":
        return ConfigError(
            f"The {label} needs the parameter {where!r}. Known: {', '.join(sorted(_names(params_type)))}."
        )
    said = detail["msg"].removeprefix("Value error, ")
    return ConfigError(f"The parameter {where!r} of {label} is {detail['input']!r}: {said[0].lower()}{said[1:]}.")


def _names(params_type: type[Params]) -> list[str]:
    names: list[str] = []
    for name, field in params_type.model_fields.items():
        alias = field.validation_alias
        names += [str(choice) for choice in alias.choices] if isinstance(alias, AliasChoices) else [name]
    return names
