"""Frames per CPU-second of each transform, and of the chain that a training configuration uses."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from heartkit.transforms.pipeline import Pipeline, build_step
from heartkit.transforms.table import AugmentationFactory, PreprocessFactory

BATCH, FRAME_SIZE, RATE = 128, 256, 100.0
LAYERS = [{"name": "baseline_wander"}, {"name": "lead_noise"}, {"name": "cutout"}]
PARAMS: dict[str, dict[str, Any]] = {
    "filter": {"lowcut": 0.5, "highcut": 40, "order": 3},
    "random_augmentation": {"layers": LAYERS, "augmentations_per_sample": 2},
    "resizing": {"duration": 200},
}
CHAIN = ["baseline_wander", "motion_noise", "powerline_noise", "lead_noise", "nstdb", "filter", "znorm"]


def step(name: str) -> Any:
    factory = PreprocessFactory if PreprocessFactory.has(name) else AugmentationFactory
    return build_step(factory, name, PARAMS.get(name, {}), RATE)


def frames_per_second(work: Callable[[], object], seconds: float = 0.25) -> float:
    """Count CPU time, all threads of the process included."""
    work()
    runs, start = 0, time.process_time()
    while time.process_time() - start < seconds:
        work()
        runs += 1
    return runs * BATCH / (time.process_time() - start)


def run() -> dict[str, float]:
    rng = np.random.default_rng(0)
    frames = rng.standard_normal((BATCH, FRAME_SIZE, 1), np.float32)
    pipelines = {name: Pipeline([step(name)]) for name in [*PreprocessFactory.list(), *AugmentationFactory.list()]}
    pipelines["chain of five augmentations, filter, znorm"] = Pipeline([step(name) for name in CHAIN])
    with threadpool_limits(1):
        return {name: round(frames_per_second(partial(line, frames, rng))) for name, line in pipelines.items()}


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
