"""Heart-rate variability on a page: tachogram, Poincaré plot, spectrum, and the table of measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from heartkit.reports import page, words
from heartkit.reports.beat_words import R_PEAKS, BeatWords
from heartkit.reports.charts import INK, SOFT, Trace, axis, chart, layout, packed
from heartkit.reports.page import Html
from heartkit.reports.style import BLUE, GREEN, ORANGE, PINK
from heartkit.signal.hrv import BANDS, SHORTEST, Hrv, RRIntervals

_BAND_COLOURS = {"vlf": PINK, "lf": GREEN, "hf": BLUE}
_HEIGHT = 400
_MANY = 300  # dots that stand well apart
TACHOGRAM_HOVER = "%{x:.2f} s: %{y:.0f} ms<extra></extra>"


def variability(rr: RRIntervals | None, hrv: Hrv | None, said: BeatWords = R_PEAKS) -> list[Html]:
    """Return what a page says of heart-rate variability.

    Parameters
    ----------
    rr, hrv : RRIntervals and Hrv, or None
        None where there are too few beats; that is then said in words.
    said : BeatWords
        What beats and intervals are called.
    """
    if rr is None or hrv is None or not len(rr.interval):
        none = f"There is none to show: fewer than two {said.marks} were found, so there is no {said.interval}."
        return [page.paragraph(none)]
    left_out = f"{int((~rr.kept).sum()):,}" if not rr.kept.all() else "none"
    count = f"{len(rr.interval):,} {said.intervals}"
    return [
        page.paragraph(f"{count}; {left_out} of them taken for ectopic or artefact and left out below."),
        tachogram(rr, said=said),
        Html(f'<div class="pair">{"".join(_pair(rr, hrv, said))}</div>'),
        page.table(["measure", "value", "unit"], _rows(hrv, said), "Measures after the Task Force of 1996"),
    ]


def why_no_bands(rr: RRIntervals, hrv: Hrv) -> str:
    """Say which frequency bands are not given, and why; empty where all are."""
    missing = [name for name in BANDS if getattr(hrv, name) is None]
    duration = float(rr.time[-1] - rr.time[0] + rr.interval[0])
    short = [f"{name.upper()} (needs {SHORTEST[name]:.0f} s)" for name in missing if duration < SHORTEST[name]]
    said = f"Too short, at {words.seconds(duration)}, for the power of {', '.join(short)}." if short else ""
    if len(missing) > len(short):
        said += f" No spectrum: the kept intervals cover {100 * rr.coverage:.0f} % of the time, which is too little."
    return said.strip()


def _rows(hrv: Hrv, said: BeatWords) -> list[list[str]]:
    return [[name.replace(R_PEAKS.rate, said.rate), _number(name, value), unit] for name, value, unit in hrv.table()]


def _number(name: str, value: float | None) -> str:
    if value is None:
        return words.UNKNOWN
    return f"{value:,.0f}" if name == "Beats" else f"{value:,.2f}" if name == "LF/HF" else f"{value:,.1f}"


def tachogram(rr: RRIntervals, dots: Sequence[Trace] | None = None, said: BeatWords = R_PEAKS) -> Html:
    """Return the chart of intervals over time.

    Parameters
    ----------
    rr : RRIntervals
        At least one.
    dots : sequence of Trace, optional
        Marks of the intervals, at (time, ms); by default filled where they are kept, crosses where not.
    said : BeatWords
        What beats and intervals are called.
    """
    milliseconds = 1000 * rr.interval
    line: Trace = {
        "type": "scatter", "mode": "lines", "x": packed(rr.time), "y": packed(milliseconds), "hoverinfo": "skip",
        "line": {"color": SOFT, "width": 1}, "showlegend": False,
    }  # fmt: skip
    alt = f"Tachogram: {said.intervals} over time, {milliseconds.min():.0f} to {milliseconds.max():.0f} ms."
    arranged = layout(_HEIGHT - 60, xaxis=axis("time (s)"), yaxis=axis(f"{said.interval} (ms)"))
    marks = _marks(rr.time, milliseconds, rr.kept, TACHOGRAM_HOVER) if dots is None else dots
    return chart([line, *marks], arranged, alt, f"Tachogram: each {said.interval} at its end.")


def _pair(rr: RRIntervals, hrv: Hrv, said: BeatWords) -> Iterator[Html]:
    """Return Poincaré plot and spectrum, or the words that stand for them."""
    if len(rr.interval) > 1:
        yield _poincare(rr, hrv, said)
    else:
        yield page.paragraph(f"No Poincaré plot: it needs two {said.intervals}.")
    reason = why_no_bands(rr, hrv)
    if hrv.frequency is not None and hrv.psd is not None:
        yield _spectrum(hrv.frequency, hrv.psd, reason, said)
    else:
        yield page.paragraph(f"There are no frequency bands. {reason}")


def _poincare(rr: RRIntervals, hrv: Hrv, said: BeatWords) -> Html:
    this, following = 1000 * rr.interval[:-1], 1000 * rr.interval[1:]
    low, high = float(min(this.min(), following.min())), float(max(this.max(), following.max()))
    room = 0.08 * (high - low) or 50.0
    ends = [low - room, high + room]
    traces: list[Trace] = [{
        "type": "scatter", "mode": "lines", "x": ends, "y": ends, "hoverinfo": "skip", "showlegend": False,
        "line": {"color": SOFT, "width": 1, "dash": "dot"},
    }]  # fmt: skip
    hover = "%{x:.0f} ms, then %{y:.0f} ms<extra></extra>"
    traces += _marks(this, following, rr.successive, hover)
    caption = f"Poincaré plot: each {said.interval} against the one before it."
    if hrv.sd1 is not None and hrv.sd2 is not None:
        centre = (float(this[rr.successive].mean()), float(following[rr.successive].mean()))
        traces.append(_ellipse(centre, hrv.sd1, hrv.sd2))
        caption += f" The ellipse has half axes of SD1 = {hrv.sd1:.1f} ms and SD2 = {hrv.sd2:.1f} ms."
    arranged = layout(
        _HEIGHT, xaxis=axis(f"{said.interval} (ms)", range=ends),
        yaxis=axis(f"next {said.interval} (ms)", range=ends, scaleanchor="x", constrain="domain"),
    )  # fmt: skip
    return chart(traces, arranged, f"Poincaré plot of {len(this)} pairs of {said.intervals}.", caption)


def _ellipse(centre: tuple[float, float], across: float, along: float) -> Trace:
    angle = np.linspace(0, 2 * np.pi, 121)
    u, v = along * np.cos(angle) / np.sqrt(2), across * np.sin(angle) / np.sqrt(2)
    return {
        "type": "scatter", "mode": "lines", "name": "SD1, SD2", "hoverinfo": "skip",
        "x": packed(centre[0] + u - v), "y": packed(centre[1] + u + v), "line": {"color": ORANGE, "width": 2},
    }  # fmt: skip


def _spectrum(frequency: NDArray[np.float64], psd: NDArray[np.float64], reason: str, said: BeatWords) -> Html:
    traces: list[Trace] = []
    for name, (low, high) in BANDS.items():
        grid = np.concatenate([[low], frequency[(frequency > low) & (frequency < high)], [high]])
        traces.append({
            "type": "scatter", "mode": "lines", "fill": "tozeroy", "name": f"{name.upper()} {low:g}–{high:g} Hz",
            "x": packed(grid), "y": packed(np.interp(grid, frequency, psd)), "line": {"color": _BAND_COLOURS[name]},
            "hovertemplate": "%{x:.3f} Hz: %{y:.0f} ms²/Hz<extra></extra>",
        })  # fmt: skip
    arranged = layout(
        _HEIGHT, xaxis=axis("frequency (Hz)", rangemode="tozero"),
        yaxis=axis("power density (ms²/Hz)", rangemode="tozero"),
    )  # fmt: skip
    alt = f"Power spectral density of the {said.intervals}."
    return chart(traces, arranged, alt, f"Spectrum of the {said.intervals}. {reason}")


def _marks(x: NDArray[np.float64], y: NDArray[np.float64], kept: NDArray[np.bool_], hover: str) -> list[Trace]:
    """Return filled dots for what counts and crosses for what is left out, smaller where there are many."""
    small = dot_size(len(x))
    styles = (
        (kept, "normal", {"color": INK, "size": small}),
        (~kept, "left out", {"color": INK, "size": small + 2, "symbol": "x-thin-open"}),
    )
    return [
        {
            "type": "scatter", "mode": "markers", "name": name, "marker": marker, "showlegend": not kept.all(),
            "x": packed(x[chosen]), "y": packed(y[chosen]), "hovertemplate": hover,
        }
        for chosen, name, marker in styles
        if chosen.any()
    ]  # fmt: skip


def dot_size(count: int) -> int:
    """Return the size in pixels of so many dots."""
    return 3 if count > _MANY else 6
