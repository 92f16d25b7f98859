"""Signal to signal: a noisy signal made clean, one signal made of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import ConfigError
from heartkit.frames.windows import OVERLAP, predict_recording
from heartkit.objectives.base import Objective
from heartkit.objectives.losses import Loss, squared_error
from heartkit.objectives.whole_leads import WholeLeads
from heartkit.params import HKTrainParams


@dataclass(frozen=True)
class SignalAnswer(WholeLeads):
    """A model that makes a signal of a signal, for whole leads."""

    def frames(self, frames: NDArray[np.float32], own_unit: bool = True) -> NDArray[np.float32]:
        """Return the answers (n, frame_size, 1) to frames (n, frame_size, 1).

        Parameters
        ----------
        frames : (n, frame_size, 1) array of float32
            In the lead's unit.
        own_unit : bool
            Whether answers are brought back to the lead's unit, as far as the preprocesses can be undone.
        """
        done = self.preprocess.measured(frames)
        outputs = self.predict(done.frames)
        return np.asarray(done.undo(outputs) if own_unit else outputs)

    def signal(self, signal: NDArray[np.float32], own_unit: bool = True) -> NDArray[np.float32]:
        """Return (samples,): the averaged answers of overlapping windows to a lead (samples,), as `frames` does."""
        made = predict_recording(
            signal[:, None], self.frame_size, lambda frames: frames, lambda frames: self.frames(frames, own_unit),
            self.overlap,
        )  # fmt: skip
        return made[:, 0]


class Reconstruct(Objective):
    """Objective of tasks that answer with a signal (frame_size, 1), in the units that preprocesses leave."""

    head = "sample"
    watched = ("loss", "cosine")
    main = "cosine"

    def output_shape(self, frame_size: int, num_classes: int) -> tuple[int, ...]:
        """Return (frame_size, num_classes)."""
        return frame_size, num_classes

    def require_classes(self, class_map: Mapping[int, int], num_classes: int) -> None:
        """Raise `ConfigError` unless ``num_classes`` is 1: the answer is one signal."""
        if num_classes != 1:
            raise ConfigError(
                f"num_classes is {num_classes}, but the answer of this task is one signal. Set num_classes to 1."
            )

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
        self,
        preprocess: Any,
        predict: Any,
        frame_size: int,
        rate: float,
        class_map: Mapping[int, int],
        overlap: float = OVERLAP,
    ) -> SignalAnswer:
        """Return a model as a method that answers for whole leads."""
        return SignalAnswer(preprocess, predict, frame_size, rate, overlap=overlap)


def rows(*signals: NDArray[Any]) -> Sequence[NDArray[np.float32]]:
    """Return signals of one channel (n, samples, 1) as (n, samples)."""
    return [signal[..., 0] for signal in signals]
