"""LiteRT on this computer."""

from __future__ import annotations

from pathlib import Path

from heartkit.artifact.runners import LiteRTRunner
from heartkit.backends.quantised import QuantisedPredictor, read_flatbuffer


def litert_predictor(model: bytes, reference: bool = False) -> QuantisedPredictor:
    """Predict with a LiteRT model in memory.

    Parameters
    ----------
    model : bytes
        The flatbuffer.
    reference : bool
        True for the reference kernels, whose numbers are a microcontroller's; False for the fast ones.
    """
    return QuantisedPredictor(LiteRTRunner(model, reference))


def open_predictor(path: Path) -> QuantisedPredictor:
    """Open a ``.tflite`` file with the fast kernels; an absent or unreadable one raises `ModelError`."""
    return litert_predictor(read_flatbuffer(path))
