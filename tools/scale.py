"""Write ``docs/scale.md`` from its template here and ``benchmarks/scale.json``: no measured number is typed by hand.

``python -m tools.scale`` writes the page; a test holds that it agrees with what is stored.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from heartkit.frames.blocks import BLOCK_SAMPLES

ROOT = Path(__file__).parents[1]
STORED, PAGE = ROOT / "benchmarks" / "scale.json", ROOT / "docs" / "scale.md"
TEMPLATE = Path(__file__).with_name("scale_page.md")
SEGMENTS, SECONDS = 541_794, 1_048_577 / 250
"""Of Icentia11k as it is published."""
STORAGE, WORKERS = 1e9, (1, 16, 256)
"""Assumed bytes per second that all workers together read and write."""

WHOLE_SCOPE = "The last line is all 200 patients that are simulated."
PART_SCOPE = (
    "Files of 200 patients are simulated (4,660 hours); so far {patients} of them were prepared ({hours:.0f} hours): "
    "the\nrest awaits a machine that is free for longer."
)


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(json.loads(STORED.read_text(encoding="utf-8"))), encoding="utf-8")


def page(measured: dict[str, Any]) -> str:
    """Return the text of the page."""
    return TEMPLATE.read_text(encoding="utf-8").format(
        machine=measured["machine"],
        costs=_table(
            ["", "CPU ms per hour of ECG", "memory of the process (MB)"],
            [_cost(f"simulated segments to {rate} Hz", one) for rate, one in measured["one_process"].items()]
            + [_cost(f"the publisher's first segment to {rate} Hz", one) for rate, one in measured["real"].items()],
        ),
        growth=_table(
            ["patients", "hours", "CPU s", "wall s", "CPU ms per hour", "largest worker (MB)", "asking process (MB)"],
            [
                [one["patients"], one["hours"], one["cpu_s"], one["wall_s"], one["cpu_ms_per_hour"],
                 one["worker_peak_mb"], one["asking_peak_mb"]]
                for one in measured["prepare"]
            ],
        ),
        drawing=_table(
            ["frames of", "patients", "segments", "store opened (s)", "frames drawn (s)", "1,000 batches cut (s)",
             "memory of its own, peak (MB)", "with mapped files, peak (MB)"],
            [
                [one["framing"], one["patients"], one["segments"], one["open_s"], one["draw_s"],
                 one["thousand_batches_s"], one["peak_anonymous_mb"], one["peak_mb"]]
                for one in measured["draw"]
            ],
        ),
        **_whole(measured),
    )  # fmt: skip


def full_hours() -> float:
    """Return the hours of ECG in the whole dataset."""
    return SEGMENTS * SECONDS / 3600


def seconds(measured: dict[str, Any], workers: int) -> tuple[float, float]:
    """Return what the whole dataset takes at least: seconds of so many processors, and of the assumed storage."""
    largest = measured["prepare"][-1]
    cost = max(measured[files]["100"]["cpu_ms_per_hour"] for files in ("one_process", "real")) / 1000
    moved = largest["read_bytes_per_hour"] + largest["written_bytes_per_hour"]
    return full_hours() * cost / workers, full_hours() * moved / STORAGE


def _whole(measured: dict[str, Any]) -> dict[str, Any]:
    listing, store, largest = measured["listing"], measured["whole_store"], measured["prepare"][-1]
    before = listing["listing_s"] + listing["splitting_s"] + listing["fingerprint_s"] + store["open_s"]
    handing = measured["handing_out"]["wall_ms_per_piece"] * store["shards"] / 1000
    rows = []
    for workers in WORKERS:
        cpu, storage = seconds(measured, workers)
        rows.append([workers, _time(cpu), _time(storage), _time(max(cpu, storage, handing) + before)])
    return {
        "estimate": _table(["workers", "their processors", "storage at 1 GB/s", "both side by side"], rows),
        "full_hours": f"{full_hours():,.0f}",
        "full_segments": f"{SEGMENTS:,}",
        "terabytes": f"{full_hours() * largest['read_bytes_per_hour'] / 1e12:.2f}",
        "written": f"{full_hours() * largest['written_bytes_per_hour'] / 1e12:.2f}",
        "before": f"{before:.0f}",
        "handing": f"{handing:.0f}",
        "handing_ms": measured["handing_out"]["wall_ms_per_piece"],
        "enough": f"{seconds(measured, 1)[0] / seconds(measured, 1)[1]:.0f}",
        "scope": WHOLE_SCOPE if largest["patients"] == 200 else PART_SCOPE.format(**largest),
        "block_hours": f"{BLOCK_SAMPLES / 100 / 3600:.0f}",
        "listing": _table(
            ["Simulated, 11,000 patients x 50 segments x 3 files", "s"],
            [["listing", listing["listing_s"]], ["splitting", listing["splitting_s"]],
             ["fingerprint", listing["fingerprint_s"]], ["files opened", listing["files_opened"]],
             ["memory added, peak (MB)", listing["peak_anonymous_mb"] - listing["before_anonymous_mb"]]],
        ),
        "shards": f"{store['shards']:,}",
        "segments": f"{store['segments']:,}",
        "open_s": round(store["open_s"], 1),
        "open_mb": store["open_anonymous_mb"] - store["before_anonymous_mb"],
        "draw_s": round(store["draw_s"], 1),
        "whole_frames": f"{store['frames']:,}",
        "whole_peak": store["peak_anonymous_mb"],
        "batches_s": store["thousand_batches_s"],
    }  # fmt: skip


def _cost(name: str, one: dict[str, Any]) -> list[Any]:
    return [name, one["cpu_ms_per_hour"], one["worker_peak_mb"]]


def _time(value: float) -> str:
    if value < 90:
        return f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 5400 else f"{value / 3600:.1f} h"


def _table(columns: list[str], rows: list[list[Any]]) -> str:
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


if __name__ == "__main__":
    main()
