"""Signal to signal: a noisy signal made clean, one signal made of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.stored import StoredFrames
from heartkit.frames.windows import predict_recording
from heartkit.objectives.base import Objective, Scoring
from heartkit.objectives.losses import Loss, squared_error
from heartkit.params import HKTrainParams


@dataclass(frozen=True)
class SignalAnswer:
    """A model that makes a signal of a signal, for whole leads.

    Parameters
    ----------
    preprocess : Pipeline
        The preprocesses.
    predict : callable
        Frames through the model.
    frame_size : int
        Samples the model takes.
    rate : float
        Hz.
    """

    preprocess: Any
    predict: Any
    frame_size: int
    rate: float

    def signal(self, signal: NDArray[np.float32], own_unit: bool = True) -> NDArray[np.float32]:
        """Return (samples,): the averaged answers of overlapping windows to a lead (samples,).

        Parameters
        ----------
        signal : (samples,) array of float32
            The lead, in its unit.
        own_unit : bool
            Whether answers are brought back to the lead's unit, as far as the preprocesses can be undone.
        """

        def answers(frames: NDArray[np.float32]) -> NDArray[np.float32]:
            done = self.preprocess.measured(frames)
            outputs = self.predict(done.frames)
            return np.asarray(done.undo(outputs) if own_unit else outputs)

        return predict_recording(signal[:, None], self.frame_size, lambda frames: frames, answers)[:, 0]


class Reconstruct(Objective):
    """Objective of tasks that answer with a signal (frame_size, 1), in the units that preprocesses leave."""

    name = "reconstruct"
    head = "sample"
    watched = ("loss", "cosine")
    main = "cosine"

    def output_shape(self, frame_size: int, num_classes: int) -> tuple[int, ...]:
        """Return (frame_size, num_classes)."""
        return frame_size, num_classes

    def loss(self, params: HKTrainParams, answers: NDArray[Any]) -> Loss:
        """Return the mean squared error."""
        return squared_error

    def soft(self, answers: NDArray[Any], num_classes: int) -> NDArray[np.float32]:
        """Return the signals: their mean is one."""
        return answers

    def imitate(self, temperature: float) -> Loss:
        """Return the mean squared error against the teacher's signal."""
        return squared_error

    def watch(self, answers: NDArray[Any], outputs: NDArray[np.float32]) -> dict[str, float]:
        """Return mean squared error, and the mean of the frames' cosine similarities, -1..1."""
        loss = float(np.mean((answers - outputs) ** 2, dtype=np.float64))
        norms = np.linalg.norm(answers, axis=1) * np.linalg.norm(outputs, axis=1)
        cosine = np.einsum("ntc,ntc->nc", answers, outputs)[norms > 0] / norms[norms > 0]
        return {"loss": loss, "cosine": float(cosine.mean()) if cosine.size else float("nan")}

    def answer(
        self, preprocess: Any, predict: Any, frame_size: int, rate: float, class_map: Mapping[int, int]
    ) -> SignalAnswer:
        """Return a model as a method that answers for whole leads."""
        return SignalAnswer(preprocess, predict, frame_size, rate)

    def score(self, held: StoredFrames, outputs: NDArray[np.float32], scoring: Scoring) -> dict[str, Any]:
        """Score frames."""
        return {"frames": self.watch(held.answers, outputs)}
