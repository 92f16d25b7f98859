"""A backend of one's own: the models of backend ``pc``, one frame at a time, with the time that each took."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import heartkit as hk
from heartkit.backends.base import Predictor, checked, open_predictor


class TimedPredictor:
    """Float frames in, float answers out; see `heartkit.backends.base.Predictor`."""

    def __init__(self, inner: Predictor) -> None:
        self.inner = inner
        self.input_shape, self.output_shape = inner.input_shape, inner.output_shape
        self.milliseconds: list[float] = []

    def predict(self, frames: NDArray[Any], batch: int = 256) -> NDArray[np.float32]:
        """Answer for each frame, (n, time, channels) -> (n, *output_shape)."""
        values = checked(frames, self.input_shape)  # wrong shapes and NaN become the errors that users know
        answers = np.empty((len(values), *self.output_shape), np.float32)
        for number, frame in enumerate(values):
            started = time.perf_counter()
            answers[number] = self.inner.predict(frame[None])[0]
            self.milliseconds.append(1000 * (time.perf_counter() - started))
        return answers


def open_timed(path: Path) -> TimedPredictor:
    """Open a model file; this is what the factory holds."""
    return TimedPredictor(hk.BackendFactory.get("pc")(path))


def main(folder: Path) -> None:
    """Register the backend and run a model on it."""
    hk.BackendFactory.register("timed", open_timed, "backend pc, with the time of each frame")
    network = hk.ModelFactory.get("tcn").make((256, 1), {"blocks": [{"filters": 8}]}, num_classes=4)
    network.save(folder / "model.keras")
    predictor = open_predictor(folder / "model.keras", "timed", input_shape=(256, 1))
    answers = predictor.predict(np.zeros((3, 256, 1), np.float32))
    print(f"answers of shape {answers.shape}, {np.median(predictor.milliseconds):.1f} ms per frame")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        main(Path(temporary))
