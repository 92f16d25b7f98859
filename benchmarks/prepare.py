"""Preparing LUDB: seconds to read and resample it to 100 Hz, and to find it prepared."""

from __future__ import annotations

import json
import os
import resource
import tempfile
import time
from pathlib import Path

from heartkit.datasets.ludb import Ludb
from heartkit.records.store import prepare

RATE, JOBS = 100, (1, 2)


def run(folder: Path | None = None) -> dict[str, float | None]:
    """Measure with one process and with two, in a fresh cache each.

    Parameters
    ----------
    folder : Path, optional
        LUDB's files; by default those of ``HEARTKIT_TEST_DATA`` or ``../shared/data``.

    Returns
    -------
    dict
        ``records``, and for each number of processes the seconds of wall and CPU (of all processes) of the first and
        the second time; None for all where LUDB is not here.
    """
    data = Path(os.environ.get("HEARTKIT_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    folder = folder or data / "ludb" / "1.0.1"
    result: dict[str, float | None] = {"records": None}
    for jobs in JOBS:
        with tempfile.TemporaryDirectory() as cache:
            for turn in ("first", "second"):
                name = f"{jobs}_process{'es' if jobs > 1 else ''}_{turn}"
                result |= {f"{name}_wall_s": None, f"{name}_cpu_s": None}
                if folder.is_dir():
                    wall, cpu, result["records"] = _timed(folder, Path(cache), jobs)
                    result |= {f"{name}_wall_s": round(wall, 3), f"{name}_cpu_s": round(cpu, 3)}
    return result


def _timed(folder: Path, cache: Path, jobs: int) -> tuple[float, float, int]:
    wall, cpu = time.perf_counter(), _cpu()
    store = prepare(Ludb(folder), RATE, cache, jobs, progress=False)
    # Workers count when they have ended, and would otherwise wait for more to do.
    if jobs > 1:
        _end_workers()
    return time.perf_counter() - wall, _cpu() - cpu, len(store)


def _end_workers() -> None:
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
