"""A small TCN, trained for seconds on sine waves, and what it converts to; each made once per process."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.artifact.convert import convert
from heartkit.models.backend import keras
from heartkit.models.tcn import ARCHITECTURE
from heartkit.params import QuantizationParams

TIME, CLASSES = 96, 3


def tcn_params(block_type: str = "mb", norm: str | None = "batch", **block: Any) -> dict[str, Any]:
    """Two dilated blocks with squeeze-excite in the second."""
    blocks = [
        {"filters": filters, "kernel": [1, 5], "dilation": dilation, "se_ratio": se, "norm": norm} | block
        for filters, dilation, se in ((8, 1, 0), (12, 2, 2))
    ]
    return {"input_kernel": 5, "input_norm": norm, "block_type": block_type, "blocks": blocks, "output_kernel": [1, 5]}


def sines(count: int, seed: int = 0, time: int = TIME) -> NDArray[np.float32]:
    """Sine waves of random rate, phase and size with noise, shape (count, time, 1)."""
    rng = np.random.default_rng(seed)
    rate, phase, size = rng.uniform(0.5, 5, (count, 1)), rng.uniform(size=(count, 1)), rng.uniform(0.5, 2, (count, 1))
    waves = size * np.sin(2 * np.pi * (rate * np.arange(time) / 100 + phase))
    return (waves + 0.1 * rng.standard_normal((count, time)))[..., None].astype(np.float32)


def levels(frames: NDArray[np.float32]) -> NDArray[np.int64]:
    """The class of each sample: low, middle, high."""
    return np.digitize(frames[..., 0], [-0.5, 0.5])


def made(block_type: str = "mb", norm: str | None = "batch", **block: Any) -> Any:
    """A compiled network with fresh weights."""
    keras.utils.set_random_seed(7)
    model = ARCHITECTURE.make((TIME, 1), tcn_params(block_type, norm, **block), CLASSES)
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


def trained(block_type: str = "mb", norm: str | None = "batch") -> Any:
    """The mb network after a few epochs, with the data's own statistics in its batch norm; others as they are made."""
    return _trained(block_type, norm)


@cache
def _trained(block_type: str, norm: str | None) -> Any:
    model = made(block_type, norm)
    if (block_type, norm) == ("mb", "batch"):
        frames = sines(800)
        model.fit(frames, levels(frames), batch_size=32, epochs=4, verbose=0)
    return model


def converted(
    format: str, io_type: str = "int8", conversion: str = "CONCRETE", block_type: str = "mb", norm: str | None = "batch"
) -> bytes:
    """The trained network as a flatbuffer."""
    return _converted(format, io_type, conversion, block_type, norm)


@cache
def _converted(format: str, io_type: str, conversion: str, block_type: str, norm: str | None) -> bytes:
    params = QuantizationParams.read(
        {"enabled": True, "format": format, "io_type": io_type, "conversion": conversion}, "test"
    )
    count = 600 if (block_type, norm) == ("mb", "batch") else 60
    return convert(trained(block_type, norm), params, sines(count, seed=1))
