"""How a batch of cut frames becomes what a model is given and what it should answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float32]
Augment = Callable[[Frames, np.random.Generator], Frames]
Batch = tuple[Frames, NDArray[Any]]
Arrange = Callable[[Frames, NDArray[Any], np.random.Generator], Batch]
"""``arrange(frames, answers, rng)`` gives inputs and answers."""


class Measured(Protocol):
    """Frames that were preprocessed, and what was taken from them to do so."""

    @property
    def frames(self) -> Frames:
        """The preprocessed frames."""

    def same(self, others: Frames) -> Frames:
        """Do to other frames what was done to these, with what was measured on these."""

    def undo(self, outputs: Frames) -> Frames:
        """Bring answers back to the frames' own unit, as far as that can be done."""

    def about_zero(self) -> Measured:
        """Return the same with no offset measured: other frames, and answers, keep their own zero."""


class Preprocessing(Protocol):
    """What every frame goes through, such as `heartkit.transforms.pipeline.Pipeline`."""

    def __call__(self, frames: Frames) -> Frames:
        """Return preprocessed frames."""

    def measured(self, frames: Frames) -> Measured:
        """Return preprocessed frames with what was measured on them."""


@dataclass(frozen=True)
class AboutZero:
    """Preprocesses of noisy frames whose clean ones have a zero of their own: offsets are noise, and not given back.

    Parameters
    ----------
    preprocess : Preprocessing
        The preprocesses.
    """

    preprocess: Preprocessing

    def __call__(self, frames: Frames) -> Frames:
        """Return preprocessed frames."""
        return self.preprocess(frames)

    def measured(self, frames: Frames) -> Measured:
        """Return preprocessed frames with what was measured on them but offsets."""
        return self.preprocess.measured(frames).about_zero()


@dataclass(frozen=True)
class Steps:
    """What frames go through on their way to a model.

    Parameters
    ----------
    augment : callable
        ``augment(frames, rng)``, frames (n, frame_size, channels).
    preprocess : Preprocessing
        The preprocesses.
    """

    augment: Augment
    preprocess: Preprocessing


class Arrangement(ABC):
    """A way from cut frames (n, frame_size, channels) to inputs and answers.

    Attributes
    ----------
    noise_belongs : bool
        Whether augmentations are part of the task, so that held-out frames go through them too.
    """

    noise_belongs: ClassVar[bool] = False

    def preprocessing(self, preprocess: Preprocessing) -> Preprocessing:
        """Return the preprocesses as answers for whole leads need them; by default as they are."""
        return preprocess

    @abstractmethod
    def __call__(
        self, frames: Frames, answers: NDArray[Any], rng: np.random.Generator, steps: Steps, training: bool
    ) -> Batch:
        """Return inputs and answers; unless `noise_belongs`, augmentation happens in `training` only."""


class Plain(Arrangement):
    """Frames in, the answers that the task knows out."""

    def __call__(
        self, frames: Frames, answers: NDArray[Any], rng: np.random.Generator, steps: Steps, training: bool
    ) -> Batch:
        """Return preprocessed frames, augmented before in training, and their answers."""
        return steps.preprocess(steps.augment(frames, rng) if training else frames), answers


class Beside(Arrangement):
    """The first channel of a frame is a signal; what stands beside it is known for sure and passes as it is."""

    def __call__(
        self, frames: Frames, answers: NDArray[Any], rng: np.random.Generator, steps: Steps, training: bool
    ) -> Batch:
        """Return frames whose first channel is preprocessed, and augmented before in training, and their answers."""
        signal = steps.preprocess(steps.augment(frames[..., :1], rng) if training else frames[..., :1])
        if signal.shape[1] != frames.shape[1]:
            return signal, answers  # resized, which who asked for it finds out
        return np.concatenate([signal, frames[..., 1:]], axis=2), answers


class Noisy(Arrangement):
    """Noisy frames in, the frames before the noise out.

    Both go through the same preprocesses with what was measured on the noisy frame: a device knows nothing else.

    Parameters
    ----------
    own_zero : bool
        Whether clean frames have a zero of their own, such as frames through a high-pass filter: the noisy frame's
        mean is then taken off the noisy frame alone. Else the mean counts as part of the clean frame.
    """

    noise_belongs = True

    def __init__(self, own_zero: bool = False) -> None:
        self.own_zero = own_zero

    def preprocessing(self, preprocess: Preprocessing) -> Preprocessing:
        """Return the preprocesses, without offsets where clean frames have a zero of their own."""
        return AboutZero(preprocess) if self.own_zero else preprocess

    def __call__(
        self, frames: Frames, answers: NDArray[Any], rng: np.random.Generator, steps: Steps, training: bool
    ) -> Batch:
        """Return noisy and clean frames, both preprocessed; given answers are not used."""
        done = self.preprocessing(steps.preprocess).measured(steps.augment(frames, rng))
        return done.frames, done.same(frames)


class Paired(Arrangement):
    """The first channel of a frame in, the second out; each is preprocessed by itself."""

    def __call__(
        self, frames: Frames, answers: NDArray[Any], rng: np.random.Generator, steps: Steps, training: bool
    ) -> Batch:
        """Return the first channel, augmented before in training, and the second; given answers are not used."""
        source = steps.augment(frames[..., :1], rng) if training else frames[..., :1]
        return steps.preprocess(source), steps.preprocess(frames[..., 1:])


class Views(Arrangement):
    """Each channel of a frame is one view of a patient: all first ones, then all second ones, with the same answers."""

    def __call__(
        self, frames: Frames, answers: NDArray[Any], rng: np.random.Generator, steps: Steps, training: bool
    ) -> Batch:
        """Return the views below each other, (views * n, frame_size, 1), and the answers as often.

        In training answers are counted from 0 within the batch: Keras hands answers to losses in single precision,
        which would make one of numbers that differ in their last digits only.
        """
        if training:
            answers = np.unique(answers, return_inverse=True)[1].astype(np.int32)
        views = np.concatenate([frames[..., at : at + 1] for at in range(frames.shape[-1])])
        made = steps.preprocess(steps.augment(views, rng) if training else views)
        return made, np.tile(answers, frames.shape[-1])
