"""What every objective is: loss, scores and decoding for a kind of answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import ConfigError, ModelError
from heartkit.frames.drawing import Cutter
from heartkit.frames.prepared import Prepared
from heartkit.frames.stored import StoredFrames
from heartkit.frames.windows import OVERLAP, Predict
from heartkit.objectives.losses import Loss
from heartkit.params import HKTrainParams

Held = tuple[StoredFrames, NDArray[np.float32]]
"""Held-out frames, and what a model answers to them."""


@dataclass(frozen=True)
class Scoring:
    """How held-out frames and recordings are scored.

    Parameters
    ----------
    split : str
        Whose they are.
    names : sequence of str
        Names of the classes; empty where a task has none.
    class_map : mapping of int to int
        Numbers of the task's vocabulary -> classes.
    rng : numpy.random.Generator
        Draws the resamples of intervals.
    validation : callable
        Returns frames of the validation patients and the model's answers to them: what is chosen (a threshold) is
        chosen there.
    threshold : float, optional
        Leave out what has no class as probable as this.
    rate : float
        Hz, of the frames.
    training : callable, optional
        Returns frames of the training patients, of the datasets that are scored, and the model's answers to them: what
        a baseline is fitted to.
    cutter : Cutter, optional
        How the task cuts frames: what scores whole recordings by frames needs it.
    untrained : callable
        Returns the same network with fresh weights, as a baseline; None where the model is no Keras model.
    beating : bool
        Whether answers that are signals show heart beats.
    """

    split: str
    names: Sequence[str]
    class_map: Mapping[int, int]
    rng: np.random.Generator
    validation: Callable[[], Held]
    threshold: float | None = None
    rate: float = 1.0
    training: Callable[[], Held] | None = None
    cutter: Cutter | None = None
    untrained: Callable[[], Predict | None] = lambda: None
    beating: bool = True


class Objective(ABC):
    """Base of all objectives.

    Attributes
    ----------
    name : str
        What it is called.
    head : str
        The head that models need: ``"frame"`` or ``"sample"``.
    watched : tuple of str
        What `watch` returns, ``"loss"`` among it.
    main : str
        Which of those an exported model must keep, unless a configuration says otherwise; more is better.
    labels : bool
        Whether answers are class numbers.
    fewest : int
        Of so many classes at least there must be training frames, or there is nothing to learn; 0 where answers are no
        classes.
    activation : str or None
        What makes probabilities of a model's answers: ``"softmax"`` or ``"sigmoid"``; None where they are no logits.
    """

    name: ClassVar[str]
    head: ClassVar[str]
    watched: ClassVar[tuple[str, ...]]
    main: ClassVar[str]
    labels: ClassVar[bool] = False
    fewest: ClassVar[int] = 0
    activation: ClassVar[str | None] = None

    @abstractmethod
    def output_shape(self, frame_size: int, num_classes: int) -> tuple[int, ...]:
        """Return the shape of a model's answer to one frame."""

    def answers(self, targets: NDArray[Any], class_map: Mapping[int, int]) -> NDArray[Any]:
        """Return targets in the task's vocabulary as what the loss compares with; by default as they are."""
        return targets

    def class_counts(self, answers: NDArray[Any], num_classes: int) -> NDArray[np.int64]:
        """Return how many of some frames have each class, (num_classes,), by their answers; all 0 where none can."""
        return np.zeros(num_classes, np.int64)

    @abstractmethod
    def loss(self, params: HKTrainParams, answers: NDArray[Any]) -> Loss:
        """Return the loss for Keras; `answers` are those of some training frames, to weigh classes by."""

    def soft(self, answers: NDArray[Any], num_classes: int) -> NDArray[np.float32]:
        """Return answers of which a weighted mean has a meaning, for ``mixup``.

        Raises
        ------
        ConfigError
            If they have none.
        """
        raise ConfigError(f"mixup has no meaning for answers of the kind {self.name!r}. Leave it out.")

    def imitate(self, temperature: float) -> Loss:
        """Return the loss ``loss(teacher, outputs)`` of answers against those of a larger model.

        Raises
        ------
        ConfigError
            If there is none.
        """
        raise ConfigError(f"A teacher has no meaning for answers of the kind {self.name!r}. Leave it out.")

    @abstractmethod
    def watch(self, answers: NDArray[Any], outputs: NDArray[np.float32]) -> dict[str, float]:
        """Return what training and export watch, by the names in `watched`."""

    @abstractmethod
    def answer(
        self,
        preprocess: Any,
        predict: Any,
        frame_size: int,
        rate: float,
        class_map: Mapping[int, int],
        overlap: float = OVERLAP,
    ) -> Any:
        """Return a model as a method that answers for whole leads."""

    @abstractmethod
    def score(self, held: StoredFrames, outputs: NDArray[np.float32], scoring: Scoring) -> dict[str, Any]:
        """Score frames, with intervals over patients: ``frames``, and ``baselines`` of the same form."""

    def score_recordings(self, prepared: Sequence[Prepared], answer: Any, scoring: Scoring) -> dict[str, Any]:
        """Score whole recordings, where that says more than frames do: ``recordings`` and ``baselines``."""
        return {}

    def thresholds(self, validation: Callable[[], Held], names: Sequence[str]) -> dict[str, float]:
        """Return what is chosen on validation frames and kept with a model: a threshold for each class, by its name.

        Parameters
        ----------
        validation : callable
            Returns the frames, and the model's answers to them.
        names : sequence of str
            Names of the classes.

        Returns
        -------
        dict
            By default nothing, and no frame is answered for it.
        """
        return {}

    def require_output(self, shape: tuple[int, ...], frame_size: int, num_classes: int, path: Path) -> None:
        """Raise `ModelError` unless a model's answers have the shape that they should have."""
        expected = self.output_shape(frame_size, num_classes)
        if tuple(shape) != expected:
            raise ModelError(
                f"The model {str(path)!r} answers with shape {tuple(shape)!r}; with frame_size {frame_size} and "
                f"num_classes {num_classes} it should be {expected!r}. Correct num_classes and class_map, or choose "
                f"the model that was trained with them."
            )

    def require_classes(self, class_map: Mapping[int, int], num_classes: int) -> None:  # noqa: B027
        """Raise `ConfigError` unless a configuration's classes can be those of this objective; by default all can."""

    def require_answers(self, answers: NDArray[Any], num_classes: int, file: Path) -> None:  # noqa: B027
        """Raise `DataError` unless stored answers can be those of this objective; by default all can."""

    def require_watched(self, metric: str, key: str) -> None:
        """Raise `ConfigError` unless a metric that a configuration names under `key` is one of `watched`."""
        if metric not in self.watched:
            raise ConfigError(
                f"{key} is {metric!r}, which has no meaning for answers of the kind {self.name!r}. Choose one of: "
                f"{', '.join(self.watched)}."
            )
