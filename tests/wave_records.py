"""Records with waves, for tests by hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from heartkit.records.record import Beats, Record, Spans, Waves

LEADS = ("I", "II", "V1")


@st.composite
def wave_records(draw: st.DrawFn, name: str = "r", gaps: bool = False) -> Record:
    """Records of one to three leads; waves on a grid of milliseconds that do not overlap, and beats and rhythms."""
    rate = draw(st.sampled_from([100.0, 128.0, 250.0, 360.0, 500.0]))
    leads, samples = draw(st.integers(1, 3)), draw(st.integers(60, 600))
    end = int(1000 * samples / rate)
    rows = [(lead, *wave) for lead in range(leads) for wave in draw(_spans_of_lead(end))]
    lead, onset, peak, offset, kind = np.array(rows, np.int64).reshape(-1, 5).T
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    signals = rng.standard_normal((leads, samples)).cumsum(axis=1).astype(np.float32)
    if gaps:
        for _ in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, samples - 1))
            signals[draw(st.integers(0, leads - 1)), at : at + draw(st.integers(1, 40))] = np.nan
    beats = np.sort(rng.integers(0, end, 4)) / 1000
    begin, stop = np.sort(draw(st.tuples(st.integers(0, end), st.integers(0, end))))
    return Record(
        name, draw(st.sampled_from(["a", "b"])), rate, LEADS[:leads], ("mV",) * leads, signals,
        Waves(kind.astype(np.int8), onset / 1000, peak / 1000, offset / 1000, lead.astype(np.int16)),
        Beats(beats, rng.integers(0, 4, 4).astype(np.int8)),
        Spans(np.array([7], np.int16), np.array([begin / 1000]), np.array([stop / 1000])),
        Spans(np.arange(leads, dtype=np.int16), np.full(leads, begin / 1000), np.full(leads, stop / 1000)),
        {"sinus rhythm": 100.0, "ünïcode": 15.0},
    )  # fmt: skip


@st.composite
def _spans_of_lead(draw: st.DrawFn, end: int) -> list[tuple[int, int, int, int]]:
    """(onset, peak, offset, kind) in ms, one after the other with a gap of at least 1 ms."""
    count = draw(st.integers(0, min(4, end // 8)))
    times = sorted(draw(st.lists(st.integers(0, end), min_size=3 * count, max_size=3 * count, unique=True)))
    return [(*times[3 * n : 3 * n + 3], draw(st.integers(1, 4))) for n in range(count)]
