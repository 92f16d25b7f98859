"""Training: frames per CPU-second of the bare model, end to end through ``train``, and what might make it faster.

Every number is measured in a process of its own, since most of what is varied is fixed when TensorFlow is imported.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

CONFIG = Path(__file__).parents[1] / "configs" / "seg-4-tcn-sm.json"
BATCH, FRAMES, REPEATS = 256, 5120, 3
VAL_SHARE = 0.29
"""Validation frames per training frame of an epoch, as LUDB gives them: 37 patients x 100 against 50 x 256."""
AUGMENTATIONS = ["baseline_wander", "motion_noise", "powerline_noise", "lead_noise", "cutout"]
BARE: dict[str, dict[str, Any]] = {
    "Keras default": {"jit_compile": "auto"},
    "XLA off": {"jit_compile": False},
}
VARIANTS: dict[str, dict[str, Any]] = {
    "XLA on": {"jit_compile": True},
    "batch 64": {"batch": 64},
    "batch 1024": {"batch": 1024},
    "10 steps per execution": {"steps_per_execution": 10},
    "deterministic": {"deterministic": True},
    "oneDNN off": {"environment": {"TF_ENABLE_ONEDNN_OPTS": "0"}},
}
"""Each as "XLA off" with one thing changed."""
WHOLE = "end to end"


TARGETS = {"end_to_end_ratio": "at least 0.85"}


def run(quick: bool = False) -> dict[str, Any]:
    """Measure.

    Parameters
    ----------
    quick : bool
        Leave the variants out, and measure once instead of three times.

    Returns
    -------
    dict
        Training frames per CPU-second. ``bare``: name -> of ``fit`` on arrays in memory, its first steps left out;
        ``end_to_end``: through `heartkit.modes.train.train` with five augmentations, both preprocesses, validation,
        checkpoint and history, from the end of the first epoch to that of the last; ``end_to_end_ratio``: the latter
        against the fastest of ``bare``; ``variants``: name -> as ``bare``. Each is the median of three processes, one
        in turn of each.
    """
    variants = {} if quick else VARIANTS | other_backends()
    options = {**{name: {**one} for name, one in (BARE | variants).items()}, WHOLE: {"end_to_end": True}}
    rates: dict[str, list[float]] = {name: [] for name in options}
    for _ in range(1 if quick else REPEATS):
        for name, one in options.items():
            rates[name].append(measured({"frames": FRAMES, **one}))
    rate = {name: round(statistics.median(found)) for name, found in rates.items()}
    bare = {name: rate[name] for name in BARE}
    report: dict[str, Any] = {
        "bare": bare,
        "end_to_end": rate[WHOLE],
        "end_to_end_ratio": round(rate[WHOLE] / max(bare.values()), 3),
    }
    return report | ({"variants": {name: rate[name] for name in variants}} if variants else {})


def other_backends() -> dict[str, dict[str, Any]]:
    """Return Keras' other backends, as far as they are installed."""
    return {
        f"Keras on {name}": {"jit_compile": "auto", "environment": {"KERAS_BACKEND": name}}
        for name in ("torch", "jax")
        if importlib.util.find_spec(name) is not None
    }


def measured(options: dict[str, Any]) -> float:
    """Measure in a fresh process; return training frames per CPU-second of all its threads."""
    environment = os.environ | options.pop("environment", {})
    command = [sys.executable, __file__, "--measure", json.dumps(options)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.splitlines()[-1])


def bare_rate(
    frames: int,
    jit_compile: bool | str = False,
    batch: int = BATCH,
    steps_per_execution: int = 1,
    deterministic: bool = False,
) -> float:
    """Fit the configuration's network to random frames that lie in memory."""
    from heartkit.models.backend import keras, tf
    from heartkit.modes.network import build_model
    from heartkit.objectives.losses import masked_crossentropy

    if deterministic:
        keras.utils.set_random_seed(0)
        tf.config.experimental.enable_op_determinism()
    params, task = parameters()
    model = build_model(params, task)
    model.compile(
        keras.optimizers.Adam(1e-3), masked_crossentropy(np.ones(params.num_classes, np.float32)),
        jit_compile=jit_compile, steps_per_execution=steps_per_execution,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    steps = max(steps_per_execution, -(-frames // batch) // steps_per_execution * steps_per_execution)
    signals = rng.standard_normal((steps * batch, params.frame_size, 1), np.float32)
    classes = rng.integers(0, params.num_classes, signals.shape[:2]).astype(np.int8)
    warm = steps_per_execution * batch
    model.fit(signals[:warm], classes[:warm], batch_size=batch, verbose=0)
    start = time.process_time()
    model.fit(signals, classes, batch_size=batch, verbose=0)
    return len(signals) / (time.process_time() - start)


def end_to_end_rate(frames: int) -> float:
    """Train on synthetic ECG as a user does: an epoch of twice `frames` that is not counted, and two that are."""
    from heartkit.modes.train import train

    steps = 2 * frames // BATCH
    with tempfile.TemporaryDirectory() as folder, epoch_times() as times:
        params, task = parameters(
            job_dir=Path(folder) / "job",
            cache_dir=Path(folder) / "cache",
            datasets=[{"name": "ecg-synthetic", "params": {"num_pts": 200}}],
            augmentations=[{"name": name} for name in AUGMENTATIONS],
            epochs=3,
            steps_per_epoch=steps,
            val_size=round(VAL_SHARE * steps * BATCH),
            data_parallelism=os.cpu_count() or 1,
            verbose=0,
        )
        train(params, task)
    return 2 * steps * BATCH / (times[-1] - times[0])


@contextmanager
def epoch_times() -> Iterator[list[float]]:
    """Note the CPU time at the end of each epoch, all that happens there included."""
    from heartkit.modes.fitting import EpochEnd

    times: list[float] = []
    original = EpochEnd.on_epoch_end

    def noting(self: EpochEnd, epoch: int, logs: dict[str, float] | None = None) -> None:
        original(self, epoch, logs)
        times.append(time.process_time())

    EpochEnd.on_epoch_end = noting
    try:
        yield times
    finally:
        EpochEnd.on_epoch_end = original


def parameters(**changes: Any) -> tuple[Any, Any]:
    """Return the configuration's training parameters, and its task."""
    from heartkit.config import load
    from heartkit.params import HKTrainParams
    from heartkit.tasks.segmentation import TASK

    return load(CONFIG).params(HKTrainParams, TASK.name).replaced(**changes), TASK


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="no variants, and once instead of three times")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure is None:
        print(json.dumps(run(given.quick), indent=2))
        return
    options = json.loads(given.measure)
    print(end_to_end_rate(options["frames"]) if options.pop("end_to_end", False) else bare_rate(**options))


if __name__ == "__main__":
    main()
