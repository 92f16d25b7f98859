"""What every protocol of `evaluate` is: conditions, and scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from heartkit.frames.prepared import Prepared
from heartkit.params import HKTestParams
from heartkit.tasks.base import Task


@dataclass(frozen=True)
class Trial:
    """A model and recordings, for a protocol to score.

    Parameters
    ----------
    prepared : sequence of Prepared
        The datasets.
    split : str
        Whose recordings to score.
    answer : callable
        The model, as its task's objective wraps it.
    frame_size : int
        Samples that the model takes.
    noise_folder : Path or None
        Where the NSTDB records are, if they are here.
    rng : numpy.random.Generator
        Draws the resamples of intervals.
    """

    prepared: Sequence[Prepared]
    split: str
    answer: Any
    frame_size: int
    noise_folder: Path | None
    rng: np.random.Generator


class Protocol(ABC):
    """Base of all protocols.

    Attributes
    ----------
    name : str
        What configurations call it.
    """

    name: ClassVar[str]

    @abstractmethod
    def require(self, params: HKTestParams, task: Task) -> None:
        """Raise `ConfigError` unless the protocol can be followed for this task with these parameters."""

    @abstractmethod
    def score(self, trial: Trial) -> dict[str, Any]:
        """Return scores in the form that the task's objective gives them: ``frames`` and ``baselines``."""
