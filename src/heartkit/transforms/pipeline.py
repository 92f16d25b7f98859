"""Transforms one after the other, built from a configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from heartkit.errors import ConfigError
from heartkit.registry import Registry
from heartkit.transforms.base import Frames, Preprocess, Transform
from heartkit.transforms.table import AugmentationFactory, PreprocessFactory

AnyTransform = Transform[Any, Any]


class Named(Protocol):
    """What a configuration says of one step, such as `PreprocessParams` and `AugmentationParams`."""

    @property
    def name(self) -> str:
        """The transform's name."""

    @property
    def params(self) -> Mapping[str, Any]:
        """Its parameters."""


@dataclass(frozen=True)
class Measured:
    """Preprocessed frames, and what each step took from them.

    Parameters
    ----------
    frames : (batch, output_size, channels) array of float32
        The preprocessed frames.
    steps : tuple of (Preprocess, object)
        Each step with what it measured.
    """

    frames: Frames
    steps: tuple[tuple[Preprocess[Any], Any], ...]

    def same(self, others: Frames) -> Frames:
        """Do to other frames (of the same shape) what was done to these, with what was measured on these."""
        for step, measured in self.steps:
            others = step.apply(others, measured)
        return others

    def about_zero(self) -> Measured:
        """Return the same with no offset measured: other frames, and answers, keep their own zero."""
        return Measured(self.frames, tuple((step, step.without_offset(measured)) for step, measured in self.steps))

    def undo(self, outputs: Frames) -> Frames:
        """Bring answers in preprocessed units back to the frames' own, as far as the steps can be undone.

        Parameters
        ----------
        outputs : (batch, output_size, channels) array of float32
            For example denoised frames.
        """
        for step, measured in reversed(self.steps):
            outputs = step.undo(outputs, measured)
        return outputs


class Pipeline:
    """Steps that are done in order.

    Parameters
    ----------
    steps : sequence of Transform
        May be empty: frames then pass as they are.
    """

    def __init__(self, steps: Sequence[AnyTransform]) -> None:
        self.steps = tuple(steps)

    @property
    def deterministic(self) -> bool:
        """Whether no step draws random numbers."""
        return all(isinstance(step, Preprocess) for step in self.steps)

    def output_size(self, frame_size: int) -> int:
        """Return how many samples a frame of `frame_size` samples has afterwards."""
        for step in self.steps:
            frame_size = step.output_size(frame_size)
        return frame_size

    def __call__(self, frames: Frames, rng: np.random.Generator | None = None) -> Frames:
        """Do all steps.

        Parameters
        ----------
        frames : (batch, frame_size, channels) array of float32
            Finite; left unchanged.
        rng : numpy.random.Generator, optional
            Needed unless the pipeline is `deterministic`.

        Returns
        -------
        (batch, output_size, channels) array of float32
        """
        for step in self.steps:
            if isinstance(step, Preprocess):
                frames = step(frames)
            elif rng is None:
                raise ValueError(f"{type(step).__name__} draws random numbers: pass a numpy.random.Generator.")
            else:
                frames = step(frames, rng)
        return frames

    def measured(self, frames: Frames) -> Measured:
        """Do all steps, none of which may draw random numbers, and keep what each took from the frames."""
        steps = []
        for step in self.steps:
            if not isinstance(step, Preprocess):
                raise ValueError(f"{type(step).__name__} draws random numbers: it is no preprocess.")
            steps.append((step, step.measure(frames)))
            frames = step.apply(frames, steps[-1][1])
        return Measured(frames, tuple(steps))


def build_preprocesses(steps: Sequence[Named], sampling_rate: float) -> Pipeline:
    """Build the preprocesses that a configuration lists.

    Parameters
    ----------
    steps : sequence with ``name`` and ``params``
        From the configuration.
    sampling_rate : float
        Hz, of the frames.

    Raises
    ------
    ConfigError
        For an unknown name or parameter, or a value out of range.
    """
    return Pipeline([build_step(PreprocessFactory, step.name, step.params, sampling_rate) for step in steps])


def build_augmentations(
    steps: Sequence[Named], sampling_rate: float, noise_folder: Path | None = None, held_out: bool = False
) -> Pipeline:
    """Build the augmentations that a configuration lists, as `build_preprocesses`.

    Parameters
    ----------
    steps : sequence with ``name`` and ``params``
        From the configuration.
    sampling_rate : float
        Hz, of the frames.
    noise_folder : Path, optional
        Where the NSTDB records are; see `heartkit.transforms.noise_bank.noise_bank`.
    held_out : bool
        Whether the frames are held out: recorded noise is then cut where that of training is not.
    """
    return Pipeline(
        [
            build_step(AugmentationFactory, step.name, step.params, sampling_rate, noise_folder, held_out)
            for step in steps
        ]
    )


def build_step(
    factory: Registry[type],
    name: str,
    params: Mapping[str, Any],
    sampling_rate: float,
    noise_folder: Path | None = None,
    held_out: bool = False,
) -> AnyTransform:
    """Build one step by its name."""
    chosen = factory.get(name)
    label = f"{factory.kind} {name!r}"
    if not (isinstance(chosen, type) and issubclass(chosen, Transform)):
        raise ConfigError(
            f"The {label} is {chosen!r}; expected a class derived from heartkit.transforms.base.Transform."
        )
    return chosen.create(params, sampling_rate, noise_folder, label, held_out)
