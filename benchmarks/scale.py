"""How cost and memory grow with the dataset, on a simulated Icentia11k in its file layout.

``python -m benchmarks.scale`` measures all, writes ``benchmarks/scale.json`` and from it ``docs/scale.md``. Each number
comes from a Python process of its own.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from tools import scale as page

from benchmarks.icentia_files import RATE, SAMPLES, layout, simulate
from heartkit.datasets.icentia11k import PATIENTS as ALL_PATIENTS
from heartkit.datasets.icentia11k import SEGMENTS as ALL_SEGMENTS
from heartkit.datasets.icentia11k import Icentia11k
from heartkit.frames.blocks import draw_in_blocks
from heartkit.frames.framing import BeatFrames, RhythmFrames
from heartkit.frames.sampling import draw_by_class
from heartkit.frames.strips import whole_leads
from heartkit.records.record import Beats, Record, Spans
from heartkit.records.rows import to_row, to_table
from heartkit.records.shards import ShardWriter, shard_file
from heartkit.records.source import RecordInfo
from heartkit.records.splits import split_patients
from heartkit.records.store import Store, prepare

SIZES, SEGMENTS, TARGET_RATE, JOBS = (2, 5, 10, 50, 200), 20, 100, 2
FRAME, PER_PATIENT, BATCHES, BATCH, REPEATS = 500, 100, 1000, 128, 5
RESULTS = Path(__file__).with_name("scale.json")


def main(scratch: Path | None = None) -> None:
    """Measure all in a scratch folder that has some 25 GB of space, and write the results and their page."""
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        files, cache = Path(name, "files"), Path(name, "cache")
        simulate(files, max(SIZES), SEGMENTS)
        measured: dict[str, Any] = {
            "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
            "one_process": {
                str(rate): _in_process("prepared", files, 10, Path(name, f"one{rate}"), rate, 1)
                for rate in (TARGET_RATE, RATE)
            },
            "real": {str(rate): _in_process("real", rate) for rate in (TARGET_RATE, RATE)},
            "handing_out": _in_process("handed_out", 1500),
            "prepare": [_in_process("prepared", files, size, cache, TARGET_RATE, JOBS) for size in SIZES],
            "draw": [
                {"patients": size, **_in_process("drawn", files, size, cache, framing)}
                for framing in ("rhythm", "beat")
                for size in SIZES
            ],
            "listing": _in_process("listed", Path(name, "layout")),
            "whole_store": _in_process("whole_store", Path(name, "whole")),
        }
    RESULTS.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    page.main()


def prepared(files: str, patients: str, cache: str, rate: str, jobs: str) -> dict[str, Any]:
    """Prepare the first `patients`; of several processes the peak is that of the largest."""
    source = Icentia11k(Path(files), {"patients": int(patients)})
    wall = time.perf_counter()
    store = prepare(source, int(rate), Path(cache), int(jobs), progress=False)
    wall = time.perf_counter() - wall
    if int(jobs) > 1:
        from joblib.externals.loky import get_reusable_executor

        get_reusable_executor().shutdown(wait=True)
    asking, working = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    hours = len(store) * SAMPLES / RATE / 3600
    cpu = sum(one.ru_utime + one.ru_stime for one in (asking, working))
    return {
        "patients": int(patients), "segments": len(store), "hours": round(hours, 1), "processes": int(jobs),
        "wall_s": round(wall, 2), "cpu_s": round(cpu, 2), "cpu_ms_per_hour": round(1000 * cpu / hours, 2),
        "wall_ms_per_hour": round(1000 * wall / hours, 2),
        "read_bytes_per_hour": round(_size(source.path / "p00" / "p00000") / (len(store) / int(patients)) / hours
                                     * len(store)),
        "written_bytes_per_hour": round(_size(Path(store.folder)) / hours),
        "worker_peak_mb": round(working.ru_maxrss / 1024) if int(jobs) > 1 else _status_mb("VmHWM"),
        "asking_peak_mb": _status_mb("VmHWM"),
    }  # fmt: skip


def real(rate: str) -> dict[str, Any]:
    """Prepare the segment that is among the real recordings, again and again as if it were many."""
    data = Path(os.environ.get("HEARTKIT_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
    source = Icentia11k(data / "icentia11k-continuous-ecg" / "1.0")
    infos = source.listing() * source.records_per_shard
    with tempfile.TemporaryDirectory() as folder:
        write = ShardWriter(source, int(rate), Path(folder))
        write((0, infos))  # what is imported, and read from a disk, only once
        begun = time.process_time()
        for number in range(REPEATS):
            write((number, infos))
    hours = REPEATS * len(infos) * SAMPLES / RATE / 3600
    return {
        "hours": round(hours, 1),
        "cpu_ms_per_hour": round(1000 * (time.process_time() - begun) / hours, 2),
        "worker_peak_mb": _status_mb("VmHWM"),
    }


def handed_out(pieces: str) -> dict[str, Any]:
    """Hand out pieces of no work, each a shard's list of recordings, to a Ray cluster of two nodes on this machine."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    from ray.cluster_utils import Cluster

    from heartkit.records.cluster import spread_on_cluster

    small = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args=small)
    cluster.add_node(**small)
    work = [[RecordInfo(f"p{n:05d}_s{s:02d}", f"p{n:05d}") for s in range(16)] for n in range(int(pieces))]
    wall, cpu = time.perf_counter(), time.process_time()
    done = sum(1 for _ in spread_on_cluster(len, work, "counted", cluster.address))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    cluster.shutdown()
    return {
        "pieces": done,
        "cpu_ms_per_piece": round(1000 * cpu / done, 2),
        "wall_ms_per_piece": round(1000 * wall / done, 2),
    }


def drawn(files: str, patients: str, cache: str, framing: str) -> dict[str, Any]:
    """Open the prepared store, draw frames of all patients, and cut a thousand batches in random order."""
    source = Icentia11k(Path(files), {"patients": int(patients)})
    with _watched() as measured:
        begun = time.perf_counter()
        store = prepare(source, TARGET_RATE, Path(cache), progress=False)
        measured["open_s"] = round(time.perf_counter() - begun, 3)
        measured |= {"framing": framing, "segments": len(store), **_draw_and_cut(store, framing)}
    return measured


def listed(folder: str) -> dict[str, Any]:
    """List, split and fingerprint the whole layout in empty files, counting the files that are opened."""
    layout(Path(folder), ALL_PATIENTS, ALL_SEGMENTS)
    source, opened = Icentia11k(Path(folder)), []
    sys.addaudithook(lambda event, what: opened.append(what[0]) if event == "open" and folder in str(what[0]) else None)
    with _watched() as measured:
        listing = _timed(measured, "listing_s", source.listing)
        groups = _timed(measured, "splitting_s", lambda: split_patients(source.name, listing))
        _timed(measured, "fingerprint_s", source.fingerprint)
    return {
        "patients": ALL_PATIENTS, "segments": len(listing), "files_opened": len(opened),
        **{split: len(group) for split, group in groups.items()}, **measured,
    }  # fmt: skip


def whole_store(folder: str) -> dict[str, Any]:
    """Open a store of as many recordings as the whole dataset has, which are only seconds long, and draw from it."""
    size = Icentia11k.records_per_shard
    Path(folder).mkdir()
    names = [f"p{patient:05d}_s{segment:02d}" for patient in range(ALL_PATIENTS) for segment in range(ALL_SEGMENTS)]
    shards = -(-len(names) // size)
    table = to_table([to_row(_short(), TARGET_RATE)] * size).replace_schema_metadata({"skipped": "{}"})
    for number in range(shards):
        _write_renamed(table, names[number * size : (number + 1) * size], shard_file(Path(folder), number))
    with _watched() as measured:
        store = _timed(measured, "open_s", lambda: Store(Path(folder), shards, TARGET_RATE))
        measured["open_anonymous_mb"] = _anonymous_mb()
        measured |= {"shards": shards, "segments": len(store), **_draw_and_cut(store, "whole leads")}
    return measured


def _draw_and_cut(store: Store, framing: str) -> dict[str, Any]:
    rules: dict[str, Callable[..., Any]] = {
        "whole leads": partial(whole_leads, store, leads=None),
        "rhythm": partial(RhythmFrames().strips, store, leads=None, frame_size=FRAME),
        "beat": partial(BeatFrames().strips, store, leads=None, frame_size=FRAME),
    }
    rng, result = np.random.default_rng(0), {}

    def draw() -> Any:
        return draw_in_blocks(
            store,
            range(len(store)),
            rules[framing],
            lambda strips: draw_by_class(strips, np.zeros(len(strips), np.int64), PER_PATIENT, FRAME, rng),
        )

    strips, index, _ = _timed(result, "draw_s", draw)
    order = rng.permutation(len(index))

    def cut() -> None:
        for number in range(BATCHES):
            rows = index.take(np.resize(np.roll(order, -number * BATCH), BATCH))
            strips.cut("signals", rows.strip, rows.start, FRAME)

    _timed(result, "thousand_batches_s", cut)
    return {"frames": len(index), **result}


def _timed(result: dict[str, Any], name: str, work: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    answer = work()
    result[name] = round(time.perf_counter() - begun, 3)
    return answer


@contextmanager
def _watched() -> Iterator[dict[str, Any]]:
    """Note the highest memory while the body runs: all of it, and what is not a mapped file."""
    measured: dict[str, Any] = {"before_anonymous_mb": _anonymous_mb()}
    peak, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.02):
            peak[0] = max(peak[0], _anonymous_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield measured
    finally:
        ended.set()
        watcher.join()
    measured["peak_anonymous_mb"] = max(peak[0], _anonymous_mb())
    measured["peak_mb"] = _status_mb("VmHWM")


def _anonymous_mb() -> int:
    """Return memory that is no page of a file: the system can take those back at any time."""
    return _status_mb("RssAnon")


def _status_mb(name: str) -> int:
    """Return one of the system's figures about this process (`getrusage` would count its parent's peak as its own)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return round(int(status.partition(f"{name}:")[2].split()[0]) / 1024)


def _short() -> Record:
    """Return ten seconds with twelve beats of one rhythm."""
    signal = np.random.default_rng(0).normal(0, 0.3, (1, 10 * TARGET_RATE)).astype(np.float32)
    beats = Beats(np.arange(12) * 0.8 + 0.4, np.zeros(12, np.int8))
    rhythms = Spans(np.zeros(1, np.int16), np.zeros(1), np.full(1, 10.0))
    return Record("", "", TARGET_RATE, ("ecg",), ("mV",), signal, beats=beats, rhythms=rhythms)


def _write_renamed(table: pa.Table, names: list[str], file: Path) -> None:
    table = table.slice(0, len(names))
    for column, values in (("id", names), ("patient", [name[:6] for name in names])):
        table = table.set_column(table.schema.get_field_index(column), column, pa.array(values))
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def _in_process(what: str, *args: object) -> Any:
    command = [sys.executable, "-m", "benchmarks.scale", what, *map(str, args)]
    print(" ".join(command[2:]), flush=True)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    print(done.stdout.strip(), flush=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    measures: dict[str, Callable[..., Any]] = {
        one.__name__: one for one in (prepared, real, handed_out, drawn, listed, whole_store)
    }
    if sys.argv[1:2] and sys.argv[1] in measures:
        print(json.dumps(measures[sys.argv[1]](*sys.argv[2:])))
    else:
        main(Path(sys.argv[1]) if sys.argv[1:] else None)
