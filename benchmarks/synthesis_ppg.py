"""Synthetic PPG: records of one channel x 20 s x 100 Hz per CPU-second, and of PPG with lead II."""

from __future__ import annotations

import json
import statistics
import time

from heartkit.datasets.ppg_synthetic import PpgSynthetic
from heartkit.synthesis.ppg import generate
from heartkit.synthesis.ppg_params import PpgParams

BATCH, BATCHES, REPEATS = PpgSynthetic.records_per_shard, 4, 7

TARGETS = {"records_per_cpu_second": "at least 5,000"}


def run() -> dict[str, float]:
    """Measure the generator at its default parameters.

    Returns
    -------
    dict
        ``records_per_cpu_second`` of the PPG alone, and ``with_ecg_records_per_cpu_second``: medians over repeats of
        1024 records in batches of 256, the size of a shard.
    """
    return {
        "records_per_cpu_second": _rate(with_ecg=False),
        "with_ecg_records_per_cpu_second": _rate(with_ecg=True),
    }


def _rate(with_ecg: bool) -> float:
    params = PpgParams(duration=20, sample_rate=100)
    generate(params, 0, range(BATCH), with_ecg)
    rates = []
    for repeat in range(REPEATS):
        start = time.process_time()
        for batch in range(BATCHES):
            first = (repeat * BATCHES + batch) * BATCH
            generate(params, 0, range(first, first + BATCH), with_ecg)
        rates.append(BATCH * BATCHES / (time.process_time() - start))
    return round(statistics.median(rates), 1)


if __name__ == "__main__":
    print(json.dumps(run()))
