"""The interactive trace of a segmentation demo: signal, coloured waves, beats, annotation, probabilities."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.records.record import Waves
from heartkit.reports.charts import INK, SOFT, Trace, packed
from heartkit.reports.lead_chart import bars, hover, lead_chart, line, shown_samples, signal_at
from heartkit.reports.page import Html
from heartkit.reports.segmentation_demo import NOTHING, SegmentationDemo, class_colours
from heartkit.reports.style import WAVE_COLOURS


def trace_chart(demo: SegmentationDemo) -> Html:
    """Return the chart of a recording: pan and zoom, and a slider over the whole.

    Parameters
    ----------
    demo : SegmentationDemo
        Of more than `LONGEST` samples the first ones are shown, and the caption says so.
    """
    shown = shown_samples(demo)
    stop = shown / demo.sampling_rate
    traces = [*_waves(demo, shown), _peaks(demo, stop), *_bars(demo, stop), *_probabilities(demo, shown)]
    rows = ["annotated", "found"] if len(demo.reference) else ["found"]
    count = f"{len(demo.waves)} waves coloured and {len(demo.beats)} {demo.said.marks}"
    alt = f"Trace of lead {demo.lead} over time with {count}."
    return lead_chart(demo, traces, rows, alt)


def segments(signal: NDArray[np.float32], rate: float, waves: Waves) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the pieces of a signal that lie within waves as one line with gaps.

    Parameters
    ----------
    signal : (samples,) array
        One lead.
    rate : float
        Hz.
    waves : Waves
        Whose samples to take.

    Returns
    -------
    (n,) array of float32, (n,) array of float32
        Times in seconds and values; after each wave one NaN value.
    """
    first = np.clip(np.ceil(waves.onset * rate - 1e-6), 0, len(signal)).astype(np.intp)
    last = np.clip(np.floor(waves.offset * rate + 1e-6) + 1, first, len(signal)).astype(np.intp)
    lengths = last - first + 1  # one more for the gap
    ends = np.cumsum(lengths)
    index = np.arange(lengths.sum()) - np.repeat(ends - lengths - first, lengths)
    values = np.append(signal, np.float32(np.nan))[np.minimum(index, len(signal))]
    values[ends - 1] = np.nan
    return (index / rate).astype(np.float32), values


def _waves(demo: SegmentationDemo, shown: int) -> list[Trace]:
    """Return one trace per kind of wave, drawn over the signal."""
    traces = []
    for kind in demo.kinds:
        time, values = segments(demo.signal[:shown], demo.sampling_rate, demo.waves.of_kind(kind))
        if len(time):
            thick = line(WAVE_COLOURS[kind.name], 3.0, shown)
            place = {"x": packed(time), "y": packed(values), "hovertemplate": hover(demo)}
            traces.append({**thick, **place, "name": kind.name, "legendgroup": kind.name})
    return traces


def _peaks(demo: SegmentationDemo, stop: float) -> Trace:
    peaks = demo.beats[demo.beats <= stop]
    return {
        "type": "scatter", "mode": "markers", "name": demo.said.mark,
        "x": packed(peaks), "y": packed(signal_at(demo, peaks)),
        "marker": {"symbol": "triangle-down-open", "size": 9, "color": INK, "line": {"width": 1.5}},
        "hovertemplate": f"{demo.said.mark} at %{{x:.3f}} s<extra></extra>",
    }  # fmt: skip


def _bars(demo: SegmentationDemo, stop: float) -> list[Trace]:
    """Return spans found, and above or below them those annotated, as bars to compare."""
    levels = (
        [(demo.reference, 0, "annotated"), (demo.waves, 1, "found")]
        if len(demo.reference)
        else [(demo.waves, 0, "found")]
    )
    traces = []
    for waves, level, what in levels:
        for kind in demo.kinds:
            chosen = waves.take(np.flatnonzero((waves.kind == kind) & (waves.onset < stop)))
            if len(chosen):
                bar = bars(f"{kind.name}, {what}", WAVE_COLOURS[kind.name], chosen.onset, chosen.offset, level)
                traces.append({**bar, "legendgroup": kind.name})
    return traces


def _probabilities(demo: SegmentationDemo, shown: int) -> list[Trace]:
    """Return each class's probability in whole percent: a byte each instead of four."""
    percent = np.rint(100 * np.nan_to_num(demo.probabilities[:shown]).clip(0, 1)).astype(np.uint8)
    waves = {kind.name for kind in demo.kinds}
    traces = []
    for at, (name, colour) in enumerate(
        zip(demo.class_names, class_colours(demo.class_names, demo.class_kinds), strict=True)
    ):
        is_wave = name.upper() in waves
        traces.append({
            **line(SOFT if colour == NOTHING else colour, 1.5, shown), "yaxis": "y3", "name": escape(name),
            "legendgroup": name.upper() if is_wave else escape(name), "showlegend": not is_wave,
            "y": packed(percent[:, at]), "x0": 0, "dx": 1 / demo.sampling_rate,
            "hovertemplate": f"{escape(name)} %{{y}} %<extra></extra>",
        })  # fmt: skip
    return traces
