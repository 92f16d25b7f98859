"""The converted model: int8 latency per frame on LiteRT, TFLite-Micro's arena, time to convert."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from heartkit.artifact.arena import smallest_arena
from heartkit.artifact.convert import convert
from heartkit.artifact.inspect import inspect
from heartkit.artifact.runners import LiteRTRunner
from heartkit.models.cost import cost
from heartkit.models.files import load_model
from heartkit.models.tcn import ARCHITECTURE
from heartkit.params import QuantizationParams

FRAME, CLASSES, CALIBRATION, REPEATS = (256, 1), 4, 1000, 5
SEGMENTATION = {
    "input_kernel": 7,
    "input_norm": "batch",
    "blocks": [
        {"filters": filters, "kernel": 7, "dilation": dilation, "se_ratio": ratio, "norm": "batch"}
        for filters, dilation, ratio in ((16, 1, 0), (24, 2, 2), (32, 4, 2), (48, 8, 2))
    ],
    "output_kernel": 7,
}


def run(model_file: Path | None = None) -> dict[str, Any]:
    """Measure a trained model, by default the segmentation TCN with fresh weights (as fast as a trained one).

    Returns
    -------
    dict
        ``parameters``, ``macs``, ``model_bytes``, ``arena_bytes`` (None where TFLite-Micro is not installed), seconds
        to convert by each way, and microseconds per frame of the fast and the reference kernels, best of five.
    """
    model = load_model(model_file) if model_file else ARCHITECTURE.make(FRAME, SEGMENTATION, CLASSES)
    frames = np.random.default_rng(0).standard_normal((CALIBRATION, *model.input_shape[1:])).astype(np.float32)
    result: dict[str, Any] = {"parameters": cost(model).parameters, "macs": cost(model).macs}
    for way in ("CONCRETE", "KERAS", "SAVED_MODEL"):
        start = time.perf_counter()
        flat = convert(model, QuantizationParams(enabled=True, conversion=way), frames)  # type: ignore[arg-type]
        result[f"convert_{way.lower()}_s"] = time.perf_counter() - start
    found = inspect(flat)
    raw = np.random.default_rng(1).integers(-128, 128, (256, *found.input.shape[1:])).astype(np.int8)
    fast, reference = LiteRTRunner(flat), LiteRTRunner(flat, reference=True)
    return result | {
        "model_bytes": found.size,
        "arena_bytes": _arena(flat),
        "int8_us_per_frame": _best(lambda: fast.run(raw)) / len(raw) * 1e6,
        "int8_reference_us_per_frame": _best(lambda: reference.run(raw[:32])) / 32 * 1e6,
    }


def _best(work: Callable[[], object]) -> float:
    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(once() for _ in range(REPEATS))


def _arena(flat: bytes) -> int | None:
    try:
        import tflite_micro
    except ImportError:
        return None
    del tflite_micro
    return smallest_arena(flat)


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]) if len(sys.argv) > 1 else None), indent=2))
