"""The interactive trace of a segmentation demo: signal, coloured waves, R peaks, annotation, probabilities."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.records.record import Waves
from heartkit.records.vocabulary import Wave
from heartkit.reports import words
from heartkit.reports.charts import INK, PAPER, SOFT, Trace, axis, chart, layout, packed
from heartkit.reports.page import Html
from heartkit.reports.segmentation_demo import NOTHING, SegmentationDemo, class_colours
from heartkit.reports.style import WAVE_COLOURS

LONGEST = 600_000
"""Samples that a page shows at most; 40 minutes at 250 Hz make it some 15 MB."""

_WEBGL_FROM = 20_000  # samples: below, ordinary lines are fast enough and print better
_OVERVIEW = 2000  # points pairs, lowest and highest, of the slider's small trace
_FIRST_VIEW = 10.0  # seconds
_OUT_OF_SIGHT = {"rangemode": "fixed", "range": [9e9, 1e10]}


def trace_chart(demo: SegmentationDemo) -> Html:
    """Return the chart of a recording: pan and zoom, and a slider over the whole.

    Parameters
    ----------
    demo : SegmentationDemo
        Of more than `LONGEST` samples the first ones are shown, and the caption says so.
    """
    shown = min(len(demo.signal), LONGEST)
    stop = shown / demo.sampling_rate
    traces = [
        _signal(demo, shown),
        *_waves(demo, shown),
        _peaks(demo, stop),
        *_bars(demo, stop),
        *_probabilities(demo, shown),
        _overview(demo, shown),
    ]
    caption = "Drag to zoom, double-click to see all, click on the legend to hide; the slider below moves the view."
    if shown < len(demo.signal):
        caption += f" Shown are the first {words.seconds(stop)} of {words.seconds(demo.duration)}."
    alt = f"Trace of lead {demo.lead} over time with {len(demo.waves)} waves coloured and {len(demo.r_peaks)} R peaks."
    return chart(traces, _layout(demo, stop), alt, caption)


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


def _layout(demo: SegmentationDemo, stop: float) -> dict[str, Any]:
    slider = {
        "visible": True, "range": [0, stop], "thickness": 0.09, "bordercolor": SOFT, "borderwidth": 1, "bgcolor": PAPER,
        "yaxis": _OUT_OF_SIGHT, "yaxis2": _OUT_OF_SIGHT, "yaxis3": _OUT_OF_SIGHT, "yaxis4": {"rangemode": "auto"},
    }  # fmt: skip
    rows = ["annotated", "found"] if len(demo.reference) else ["found"]
    return layout(
        660,
        xaxis=axis("time (s)", range=[0, min(_FIRST_VIEW, stop)], anchor="y3", rangeslider=slider),
        yaxis=axis(demo.amplitude, domain=[0.36, 1]),
        yaxis2=axis("", domain=[0.25, 0.33], tickvals=list(range(len(rows))), ticktext=rows, showgrid=False,
                    range=[-0.6, len(rows) - 0.4], fixedrange=True),
        yaxis3=axis("probability (%)", domain=[0, 0.21], range=[-4, 104], fixedrange=True),
        # The slider's own trace: in the chart itself this axis shows nothing.
        yaxis4={"overlaying": "y", "range": [9e9, 1e10], "visible": False, "fixedrange": True},
        dragmode="zoom",
    )  # fmt: skip


def _signal(demo: SegmentationDemo, shown: int) -> Trace:
    return {
        **_line(INK, 1.0, shown), "name": escape(demo.lead), "y": packed(demo.signal[:shown]), "x0": 0,
        "dx": 1 / demo.sampling_rate, "hovertemplate": _hover(demo),
    }  # fmt: skip


def _waves(demo: SegmentationDemo, shown: int) -> list[Trace]:
    """Return one trace per kind of wave, drawn over the signal."""
    traces = []
    for kind in demo.kinds:
        time, values = segments(demo.signal[:shown], demo.sampling_rate, demo.waves.of_kind(kind))
        if len(time):
            line = _line(WAVE_COLOURS[kind.name], 3.0, shown)
            place = {"x": packed(time), "y": packed(values), "hovertemplate": _hover(demo)}
            traces.append({**line, **place, "name": kind.name, "legendgroup": kind.name})
    return traces


def _peaks(demo: SegmentationDemo, stop: float) -> Trace:
    peaks = demo.r_peaks[demo.r_peaks <= stop]
    known = np.flatnonzero(np.isfinite(demo.signal))
    at = np.interp(peaks * demo.sampling_rate, known, demo.signal[known]) if len(known) else np.zeros(len(peaks))
    return {
        "type": "scatter", "mode": "markers", "name": "R peak", "x": packed(peaks), "y": packed(at),
        "marker": {"symbol": "triangle-down-open", "size": 9, "color": INK, "line": {"width": 1.5}},
        "hovertemplate": "R peak at %{x:.3f} s<extra></extra>",
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
                traces.append(_bar(chosen, kind, level, what))
    return traces


def _bar(waves: Waves, kind: Wave, level: int, what: str) -> Trace:
    time = np.stack([waves.onset, waves.offset, np.full(len(waves), np.nan)], axis=1).ravel()
    return {
        "type": "scatter", "mode": "lines", "yaxis": "y2", "name": f"{kind.name}, {what}", "legendgroup": kind.name,
        "showlegend": False, "x": packed(time), "y": packed(np.full(len(time), float(level))),
        "line": {"color": WAVE_COLOURS[kind.name], "width": 10},
        "hovertemplate": f"{kind.name} {what}: %{{x:.3f}} s<extra></extra>",
    }  # fmt: skip


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
            **_line(SOFT if colour == NOTHING else colour, 1.5, shown), "yaxis": "y3", "name": escape(name),
            "legendgroup": name.upper() if is_wave else escape(name), "showlegend": not is_wave,
            "y": packed(percent[:, at]), "x0": 0, "dx": 1 / demo.sampling_rate,
            "hovertemplate": f"{escape(name)} %{{y}} %<extra></extra>",
        })  # fmt: skip
    return traces


def _overview(demo: SegmentationDemo, shown: int) -> Trace:
    """Return lowest and highest value of each short stretch: the trace as it looks from afar, in few points."""
    step = max(1, -(-shown // _OVERVIEW))
    padded = np.pad(demo.signal[:shown], (0, -shown % step), constant_values=np.nan).reshape(-1, step)
    known = np.isfinite(padded)
    low, high = np.where(known, padded, np.inf).min(1), np.where(known, padded, -np.inf).max(1)
    values = np.where(known.any(1, keepdims=True), np.stack([low, high], axis=1), np.nan).ravel()
    time = np.repeat(np.arange(len(padded)) * step / demo.sampling_rate, 2)
    return {
        "type": "scatter", "mode": "lines", "yaxis": "y4", "x": packed(time), "y": packed(values), "hoverinfo": "skip",
        "showlegend": False, "line": {"color": SOFT, "width": 1},
    }  # fmt: skip


def _line(colour: str, width: float, samples: int) -> Trace:
    kind = "scattergl" if samples > _WEBGL_FROM else "scatter"
    return {"type": kind, "mode": "lines", "line": {"color": colour, "width": width}, "connectgaps": False}


def _hover(demo: SegmentationDemo) -> str:
    return f"%{{x:.3f}} s, %{{y:.3f}} {escape(demo.unit)}"
