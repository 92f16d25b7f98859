"""The store: what comes out is what went in, resampled; broken records and broken writes lose nothing else."""

import errno
import gc
import logging
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.errors import DataError, HeartkitError, NoRecordsError, RecordError
from heartkit.records.record import Record
from heartkit.records.rows import ANNOTATIONS
from heartkit.records.store import default_cache, prepare
from heartkit.records.wave_track import wave_track
from heartkit.signal.resample import resample
from made_records import MadeSource, plain_record, stored
from wave_records import wave_records


@given(st.lists(wave_records(gaps=True), min_size=1, max_size=3), st.sampled_from([100.0, 128.0, 250.0]))
@settings(max_examples=30)
def test_round_trip(records, rate):
    records = [
        Record(**{f: getattr(one, f) for f in one.__dataclass_fields__} | {"id": f"r{n}"})
        for n, one in enumerate(records)
    ]
    readable = [one for one in records if np.isfinite(one.signals).any()]
    if not readable:
        return
    with tempfile.TemporaryDirectory() as cache:
        store = stored(records, Path(cache), rate)
        assert store.ids == [one.id for one in readable]
        assert store.patients == [one.patient for one in readable]
        for number, one in enumerate(readable):
            _same(store.record(number), one, rate)
            _check_track(store.track(number), one, rate)
            assert store.samples[number] == store.signals(number).shape[1]


def _same(back: Record, one: Record, rate: float) -> None:
    assert (back.id, back.patient, back.leads, back.units, back.diagnoses, back.sampling_rate) == (
        one.id, one.patient, one.leads, one.units, one.diagnoses, rate,
    )  # fmt: skip
    for name, kind in ANNOTATIONS.items():
        for part in kind.__dataclass_fields__:
            was, now = getattr(getattr(one, name), part), getattr(getattr(back, name), part)
            assert np.array_equal(was, now), (name, part)
    bridged = one.signals.copy()
    for lead in bridged:
        good = np.isfinite(lead)
        lead[:] = np.interp(np.arange(lead.size), np.flatnonzero(good), lead[good]) if good.any() else 0
    assert np.array_equal(back.signals, resample(bridged, one.sampling_rate, rate))


def _check_track(track: np.ndarray, one: Record, rate: float) -> None:
    whole = wave_track(one.waves, one.annotated, *track.shape, rate)
    for lead, row in enumerate(track):
        missing = np.flatnonzero(np.isnan(one.signals[lead])) / one.sampling_rate
        distance = np.min(np.abs(np.arange(row.size)[:, None] / rate - missing), axis=1, initial=np.inf)
        # A sample between two good ones of the source is made from them; one near a missing one is unknown.
        assert (row[distance < min(1 / rate, 1 / one.sampling_rate)] == -1).all()
        far = distance > 2 / rate + 1 / one.sampling_rate
        assert (row[far] == whole[lead, far]).all()


def test_a_gap_is_unknown_and_does_not_spread(tmp_path):
    one = plain_record("1", samples=2000, rate=200.0, leads=("I", "II"))
    one.signals[0, 800:900] = np.nan
    one.signals[1, 5] = np.inf
    store = stored([one], tmp_path)
    assert np.isfinite(store.signals(0)).all()
    for lead, (first, last) in enumerate([(400, 450), (2, 3)]):
        unknown = np.flatnonzero(store.track(0)[lead] == -1)
        assert first - 2 <= unknown[0] <= first
        assert last - 1 <= unknown[-1] <= last + 2
        assert len(unknown) == unknown[-1] - unknown[0] + 1
    # The ramp is bridged by the ramp.
    assert np.allclose(store.signals(0)[0, 420], one.signals[0, 0] + 840, atol=1e-2)


def test_a_lead_that_is_missing_altogether_is_unknown(tmp_path):
    one = plain_record("1", leads=("I", "II"))
    one.signals[1] = np.nan
    store = stored([one], tmp_path)
    assert (store.track(0)[0] == 0).all()
    assert (store.track(0)[1] == -1).all()
    assert np.array_equal(store.signals(0)[0], one.signals[0])


def test_unusable_records_are_left_out_counted_and_named(tmp_path, caplog):
    blank = plain_record("7")
    blank.signals[:] = np.nan
    bad = [RecordError(f"Record 'b{n}': no header.") for n in range(6)]
    with caplog.at_level(logging.WARNING):
        store = stored([*bad, plain_record("8"), blank, plain_record("9")], tmp_path)
    assert store.ids == ["8", "9"]
    assert len(store.skipped) == 7
    assert store.skipped["7"] == "Record '7': every sample is NaN or infinite."
    [said] = caplog.messages
    assert said.startswith("made: left out 7 unusable of 9 recordings: Record 'b0': no header.; Record 'b1'")
    assert said.endswith("'b4': no header.; and 2 more")
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        stored([*bad, plain_record("8"), blank, plain_record("9")], tmp_path)
    assert caplog.messages == [said], "a run that finds it prepared says so too"


def test_nothing_usable_is_an_error_that_says_why(tmp_path):
    with pytest.raises(NoRecordsError, match=r"2 listed, 2 unusable; Record 'x': torn; .* `heartkit download`"):
        stored([RecordError("Record 'x': torn"), RecordError("Record 'y': torn")], tmp_path)
    with pytest.raises(NoRecordsError, match="0 listed"):
        stored([], tmp_path)


def test_the_second_time_nothing_is_read(tmp_path):
    records = [plain_record(str(n)) for n in range(5)]
    source = MadeSource(records)
    prepare(source, 50, tmp_path, progress=False)
    assert source.reads == ["0", "1", "2", "3", "4"]
    prepare(source, 50.0, tmp_path, progress=False)
    assert len(source.reads) == 5


def test_only_a_lost_shard_is_made_again(tmp_path):
    source = MadeSource([plain_record(str(n)) for n in range(5)])
    first = prepare(source, 100, tmp_path, progress=False)
    shards = sorted(tmp_path.glob("made-100hz-*/*.arrow"))
    assert len(shards) == 3
    was = shards[1].read_bytes()
    shards[1].unlink()
    source.reads.clear()
    again = prepare(source, 100, tmp_path, progress=False)
    assert source.reads == ["2", "3"]
    assert again.ids == first.ids
    assert shards[1].read_bytes() == was


def test_another_state_rate_or_reader_is_another_folder(tmp_path, monkeypatch):
    records = [plain_record("1")]
    for source, rate in [(MadeSource(records), 100), (MadeSource(records, state="new"), 100),
                         (MadeSource(records), 100.0001), (MadeSource(records), 50)]:  # fmt: skip
        prepare(source, rate, tmp_path, progress=False)
    assert len(list(tmp_path.iterdir())) == 4
    monkeypatch.setattr("heartkit.records.store.code_state", lambda: "a better reader")
    prepare(MadeSource(records), 100, tmp_path, progress=False)
    assert len(list(tmp_path.iterdir())) == 5
    for source in (MadeSource(records, records_per_shard=1), MadeSource([*records, plain_record("2")])):
        assert len(prepare(source, 100, tmp_path, progress=False)) == len(source.given)
    assert len(list(tmp_path.iterdir())) == 7


def test_a_full_disk_leaves_no_half_shard(tmp_path, monkeypatch):
    source = MadeSource([plain_record(str(n)) for n in range(4)])
    real = pa.ipc.new_file
    opened = []

    def full_at_the_second(sink, schema):
        opened.append(sink)
        writer = real(sink, schema)
        if len(opened) < 2:
            return writer

        class Full:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                writer.close()

            def write_table(self, table):
                raise OSError(errno.ENOSPC, "No space left on device")

        return Full()

    monkeypatch.setattr(pa.ipc, "new_file", full_at_the_second)
    with pytest.raises(HeartkitError, match="no space left"):
        prepare(source, 100, tmp_path, progress=False)
    [folder] = tmp_path.iterdir()
    assert [file.name for file in folder.iterdir()] == ["shard-00000.arrow"]
    monkeypatch.undo()
    source.reads.clear()
    assert len(prepare(source, 100, tmp_path, progress=False)) == 4
    assert source.reads == ["2", "3"]


@pytest.mark.parametrize("keep", [0, 10, 1000])
def test_a_damaged_shard_is_named(tmp_path, keep):
    stored([plain_record("1")], tmp_path)
    [file] = tmp_path.glob("*/*.arrow")
    os.truncate(file, keep)
    with pytest.raises(DataError, match=r"shard-00000\.arrow is damaged.*prepared anew"):
        stored([plain_record("1")], tmp_path)


def test_what_is_mapped_cannot_be_written(tmp_path):
    store = stored([plain_record(str(n)) for n in range(3)], tmp_path)
    arrays = [store.signals(0), store.track(2), *store.flat("signals"), *store.flat("track")]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    assert np.shares_memory(store.signals(0), store.flat("signals")[0])


def test_places_find_every_sample_however_many_leads(tmp_path):
    records = [
        plain_record("0", samples=30, leads=("I", "II", "V1")),
        plain_record("1", samples=50),
        RecordError("Record '2': torn"),
        plain_record("3", samples=20, leads=("PPG", "II")),
        plain_record("4", samples=40),
    ]
    store = stored(records, tmp_path, per_shard=3)
    usable = [one for one in records if isinstance(one, Record)]
    assert store.leads == [list(one.leads) for one in usable]
    shard, offset = store.places
    for number, one in enumerate(usable):
        start = offset[number]
        flat = store.flat("signals")[shard[number]][start : start + one.signals.size]
        assert np.array_equal(flat, one.signals.ravel())
        assert np.array_equal(store.signals(number), one.signals)


def test_the_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HEARTKIT_CACHE", str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv("HEARTKIT_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "heartkit"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache() == Path.home() / ".cache" / "heartkit"


def open_handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def mapped_shards(folder: Path) -> int:
    gc.collect()  # what was mapped to be written may not be gone yet
    return len({line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if str(folder) in line})


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_open_store_holds_no_file_and_maps_a_shard_only_when_it_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr("heartkit.records.store.MAPPED", 2)
    handles = open_handles()
    records = [plain_record(str(n), f"p{n % 3}") for n in range(12)]
    store = stored(records, tmp_path)
    assert len(store.flat("signals")) == 6
    assert mapped_shards(tmp_path) == 0
    store.signals(0)
    assert mapped_shards(tmp_path) == 1
    for number in (3, 11, 5, 0, 8, 2, 11):
        assert np.array_equal(store.signals(number), records[number].signals)
        assert mapped_shards(tmp_path) <= 2
    assert open_handles() == handles
    assert len({id(name) for name in store.patients}) == 3
    assert len({id(leads) for leads in store.leads}) == 1
    assert store.patient_numbers.tolist() == [n % 3 for n in range(12)]
