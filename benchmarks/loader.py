"""Training batches: frames per CPU-second out of the loader, with five augmentations and both preprocesses."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from heartkit.datasets.ecg_synthetic import EcgSynthetic
from heartkit.frames.arranging import Plain, Steps
from heartkit.frames.batches import Batches, FrameSet
from heartkit.params import AugmentationParams, PreprocessParams
from heartkit.records.store import Store, prepare
from heartkit.tasks.segmentation import TASK
from heartkit.transforms.pipeline import build_augmentations, build_preprocesses

BATCH, FRAME, RATE, RECORDS, PER_PATIENT, BATCHES, REPEATS = 128, 256, 100, 500, 100, 100, 7
AUGMENTATIONS = ("baseline_wander", "random_noise", "amplitude_warp", "powerline_noise", "cutout")
PREPROCESSES: dict[str, dict[str, Any]] = {"filter": {"lowcut": 0.5, "highcut": 40, "order": 3}, "znorm": {"eps": 0.01}}

TARGETS = {"frames_per_cpu_second": "at least 20,000"}


def run() -> dict[str, float]:
    """Measure the loader on prepared synthetic records of 12 leads.

    Returns
    -------
    dict
        ``frames_per_cpu_second`` of the whole, and microseconds of CPU per frame: of the whole, and of cutting frames
        and their answers alone. Each is the median of seven runs of a hundred batches; one process, one thread.
    """
    with tempfile.TemporaryDirectory() as cache, threadpool_limits(1):
        # Smaller shards than usual: as many as a dataset of ten thousand records has.
        source = EcgSynthetic(Path(cache), {"num_pts": RECORDS})
        source.records_per_shard = 4  # type: ignore[misc]
        frames = _frames(prepare(source, RATE, Path(cache), progress=False))
        augment = build_augmentations([AugmentationParams(name=name) for name in AUGMENTATIONS], RATE)
        preprocess = build_preprocesses(
            [PreprocessParams(name=name, params=given) for name, given in PREPROCESSES.items()], RATE
        )
        whole = _seconds_per_frame(
            Batches([frames], BATCH, 0, partial(Plain(), steps=Steps(augment, preprocess), training=True))
        )
        cut = _seconds_per_frame(Batches([frames], BATCH, 0, lambda frames, answers, rng: (frames, answers)))
    return {
        "frames_per_cpu_second": round(1 / whole),
        "us_per_frame": round(whole * 1e6, 2),
        "cut_us_per_frame": round(cut * 1e6, 2),
    }


def _frames(store: Store) -> FrameSet:
    cutter = TASK.cutter({number: number for number in range(4)})
    strips = cutter.strips(store, range(len(store)), None, FRAME)
    index = cutter.draw(strips, PER_PATIENT, FRAME, np.random.default_rng(0))
    return FrameSet("ecg-synthetic", strips, index, FRAME, cutter.read)


def _seconds_per_frame(batches: Batches) -> float:
    def once(repeat: int) -> float:
        start = time.process_time()
        for number in range(BATCHES):
            batches.batch(repeat * BATCHES + number)
        return time.process_time() - start

    once(0)
    return statistics.median(once(repeat) for repeat in range(1, REPEATS + 1)) / (BATCHES * BATCH)


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
