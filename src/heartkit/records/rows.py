"""One recording as one row of a shard: resampled, its waves laid out sample by sample, its annotations as lists."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from heartkit.errors import RecordError
from heartkit.records.record import Beats, Record, Spans, Waves
from heartkit.records.wave_track import wave_track
from heartkit.signal.resample import resample

ANNOTATIONS: dict[str, type[Waves] | type[Beats] | type[Spans]] = {
    "waves": Waves, "beats": Beats, "rhythms": Spans, "annotated": Spans,
}  # fmt: skip


def to_row(record: Record, rate: float) -> dict[str, Any]:
    """Turn a recording into a row of a shard, at the target rate (Hz).

    Raises
    ------
    RecordError
        If all of its samples are missing.
    """
    signals, missing = _filled(record)
    signals = resample(signals, record.sampling_rate, rate)
    track = wave_track(record.waves, record.annotated, len(record.leads), signals.shape[1], rate)
    for lead, start, stop in missing:
        track[lead, max(0, int(start * rate) - 1) : int(stop * rate) + 2] = -1
    cells = {
        "id": record.id,
        "patient": record.patient,
        "leads": list(record.leads),
        "units": list(record.units),
        "samples": signals.shape[1],
        "signals": signals.ravel(),
        "track": track.ravel(),
        "diagnoses": json.dumps(dict(record.diagnoses)),
    }
    for name, kind in ANNOTATIONS.items():
        for part in dataclasses.fields(kind):
            cells[f"{name}.{part.name}"] = getattr(getattr(record, name), part.name)
    return cells


def _filled(record: Record) -> tuple[NDArray[np.float32], list[tuple[int, float, float]]]:
    """Bridge missing samples by straight lines, and say which stretches (lead, start s, stop s) were missing.

    The bridged stretches count as unknown in the track, so that no frame of a training or test set touches them.
    """
    broken = ~np.isfinite(record.signals)
    if not broken.any():
        return record.signals, []
    if broken.all():
        raise RecordError(f"Record {record.id!r}: every sample is NaN or infinite.")
    signals, stretches = record.signals.copy(), []
    for lead in np.flatnonzero(broken.any(axis=1)):
        bad = broken[lead]
        at = np.arange(bad.size)
        signals[lead] = 0 if bad.all() else np.interp(at, at[~bad], signals[lead, ~bad])
        edges = np.flatnonzero(np.diff(np.concatenate(([0], bad.view(np.int8), [0]))))
        stretches += [(int(lead), *(edge / record.sampling_rate)) for edge in edges.reshape(-1, 2)]
    return signals, stretches


def to_table(rows: list[dict[str, Any]]) -> pa.Table:
    """Build a shard's table; its columns and types are the same however few rows there are."""
    types = {"signals": pa.large_list(pa.float32()), "track": pa.large_list(pa.int8())}
    types |= {"leads": pa.list_(pa.string()), "units": pa.list_(pa.string()), "samples": pa.int64()}
    empty = {name: kind.empty() for name, kind in ANNOTATIONS.items()}
    for name, kind in ANNOTATIONS.items():
        for part in dataclasses.fields(kind):
            dtype = getattr(empty[name], part.name).dtype
            types[f"{name}.{part.name}"] = pa.list_(pa.from_numpy_dtype(dtype))
    names = ["id", "patient", "diagnoses", *types]
    columns = [pa.array([one[name] for one in rows], types.get(name, pa.string())) for name in names]
    return pa.table(columns, names)
