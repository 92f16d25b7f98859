"""Synthetic ECG: records of 12 leads x 10 s x 100 Hz per CPU-second."""

from __future__ import annotations

import json
import statistics
import time

from heartkit.synthesis.ecg import generate
from heartkit.synthesis.params import EcgParams

BATCH, BATCHES, REPEATS = 64, 8, 5

TARGETS = {"records_per_cpu_second": "at least 300"}


def run() -> dict[str, float]:
    """Measure the generator at its default parameters.

    Returns
    -------
    dict
        ``records_per_cpu_second``: median over repeats of 512 records in batches of 64, the size of a shard.
    """
    params = EcgParams(duration=10, sample_rate=100)
    generate(params, 0, range(BATCH))
    rates = []
    for repeat in range(REPEATS):
        start = time.process_time()
        for batch in range(BATCHES):
            first = (repeat * BATCHES + batch) * BATCH
            generate(params, 0, range(first, first + BATCH))
        rates.append(BATCH * BATCHES / (time.process_time() - start))
    return {"records_per_cpu_second": round(statistics.median(rates), 1)}


if __name__ == "__main__":
    print(json.dumps(run()))
