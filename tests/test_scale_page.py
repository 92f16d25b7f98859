"""The page about scale says what was measured, and the simulated Icentia11k is one that the reader reads."""

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.icentia_files import SAMPLES, layout, simulate
from tools import scale

from heartkit.datasets.icentia11k import Icentia11k
from heartkit.frames.blocks import BLOCK_SAMPLES
from heartkit.records.record import Record
from heartkit.records.vocabulary import Beat


def stored() -> dict:
    return json.loads(scale.STORED.read_text(encoding="utf-8"))


def test_the_page_is_what_the_stored_numbers_say() -> None:
    assert scale.PAGE.read_text(encoding="utf-8") == scale.page(stored()), "run `python -m tools.scale`"


def test_the_estimate_is_cost_times_hours_shared_among_the_workers() -> None:
    measured = {
        "prepare": [{"read_bytes_per_hour": 2e6, "written_bytes_per_hour": 1e6}],
        "one_process": {"100": {"cpu_ms_per_hour": 50}},
        "real": {"100": {"cpu_ms_per_hour": 80}},
    }
    hours = 541_794 * (1_048_577 / 250) / 3600
    assert scale.seconds(measured, 16) == pytest.approx((hours * 0.08 / 16, hours * 3e6 / 1e9))
    measured["one_process"]["100"]["cpu_ms_per_hour"] = 100
    assert scale.seconds(measured, 1)[0] == pytest.approx(hours * 0.1)


def test_memory_does_not_grow_with_the_dataset() -> None:
    """Of what was measured when the page was written."""
    measured = stored()
    first, *_, last = measured["prepare"]
    assert last["hours"] >= 5 * first["hours"]
    assert last["worker_peak_mb"] < 1.1 * first["worker_peak_mb"]
    assert last["asking_peak_mb"] < 1.1 * first["asking_peak_mb"]
    block_hours = BLOCK_SAMPLES / 100 / 3600
    for one in measured["draw"]:
        added = one["peak_anonymous_mb"] - one["before_anonymous_mb"]
        beats = 6000 * min(block_hours, last["hours"]) if one["framing"] == "beat" else 0
        assert added < 20 + 250 * beats / 1e6, "250 bytes for each beat of a block, however many blocks there are"
    assert measured["listing"]["files_opened"] == 0
    assert measured["whole_store"]["segments"] == 550_000


@pytest.mark.slow
def test_simulated_segments_are_read(tmp_path: Path) -> None:
    simulate(tmp_path, 2, 2, different=1)
    dataset = Icentia11k(tmp_path)
    names = [info.id for info in dataset.listing()]
    assert names == ["p00000_s00", "p00000_s01", "p00001_s00", "p00001_s01"]
    one, other = dataset.read(names[0]), dataset.read(names[3])
    assert isinstance(one, Record)
    assert one.signals.shape == (1, SAMPLES)
    assert np.array_equal(one.signals, other.signals)
    assert 40 < 60 * len(one.beats) / one.duration < 140
    assert set(one.beats.kind.tolist()) <= {Beat.NORMAL, Beat.PAC, Beat.PVC, Beat.UNCLASSIFIED}
    assert len(one.rhythms) == 70
    at = np.rint(one.beats.time[one.beats.kind == Beat.NORMAL] * 250).astype(int)
    assert np.abs(one.signals[0, at]).mean() > 3 * np.abs(one.signals).mean(), "marks stand on the R peaks"


def test_the_layout_of_empty_files_is_the_same_layout(tmp_path: Path) -> None:
    layout(tmp_path, 3, 2)
    assert [info.id for info in Icentia11k(tmp_path).listing()] == [f"p0000{p}_s0{s}" for p in range(3) for s in (0, 1)]
    assert all(file.stat().st_size == 0 for file in tmp_path.rglob("*.*"))
