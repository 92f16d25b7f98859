"""How well wave boundaries are placed: onset, peak and offset of each wave against an annotator's.

Each fiducial is matched one to one within a tolerance, 150 ms unless told otherwise (the window of ANSI/AAMI EC57 and
of the LUDB and QTDB literature, e.g. Kalyakulina et al. 2020), per lead and kind of wave. Tables of counts add up over
leads, recordings and patients.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from heartkit.metrics.bootstrap import bootstrap
from heartkit.metrics.classification import ratio
from heartkit.metrics.matching import match_points

FIDUCIALS = ("onset", "peak", "offset")

COLUMNS = ("tp", "fn", "fp", "error_ms", "error_ms2")
"""Columns of a table: matched, missed and false fiducials; sums of signed errors (ms) and of their squares (ms²)."""

DELINEATION_SCORES = ("se", "ppv", "f1", "error_mean", "error_sd")

ALL_LEADS = -1
"""Lead number of a wave that holds for every lead (as in ``heartkit.records``)."""


class WaveColumns(Protocol):
    """Wave spans as columns, such as ``heartkit.records.record.Waves``; times in seconds, NaN where unknown."""

    @property
    def kind(self) -> NDArray[Any]: ...  # noqa: D102
    @property
    def onset(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def peak(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def offset(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def lead(self) -> NDArray[Any]: ...  # noqa: D102


class SpanColumns(Protocol):
    """Annotated stretches as columns, such as ``heartkit.records.record.Spans``: `kind` is the lead."""

    @property
    def kind(self) -> NDArray[Any]: ...  # noqa: D102
    @property
    def start(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def stop(self) -> NDArray[np.float64]: ...  # noqa: D102


def delineation_table(
    reference: WaveColumns,
    predicted: WaveColumns,
    annotated: SpanColumns,
    leads: Sequence[int],
    kinds: Sequence[int],
    tolerance: float = 0.15,
) -> NDArray[np.float64]:
    """Match the fiducials of one recording and count.

    Parameters
    ----------
    reference, predicted : WaveColumns
        The annotator's waves, and those to score.
    annotated : SpanColumns
        Where the annotator worked. A predicted fiducial outside of it may match but is never false, since nothing is
        known there: LUDB leaves a record's first and last beats unmarked. Reference fiducials outside are left out.
    leads, kinds : sequences of int
        The leads and the kinds of wave to score.
    tolerance : float
        Seconds, included.

    Returns
    -------
    (leads, kinds, 3, 5) array
        `FIDUCIALS` by `COLUMNS`; error is predicted minus reference.
    """
    # Every (lead, kind) is moved to a stretch of time of its own, so that one call matches all of them.
    cells = len(leads) * len(kinds)
    table = np.zeros((cells, len(FIDUCIALS), len(COLUMNS)))
    sides = [_by_cell(waves, leads, kinds) for waves in (reference, predicted)]
    for at, fiducial in enumerate(FIDUCIALS):
        (ref_time, ref_cell), (pred_time, pred_cell) = (_times(side, fiducial) for side in sides)
        known = _inside(ref_time, ref_cell, annotated, leads, len(kinds))
        ref_time, ref_cell = ref_time[known], ref_cell[known]
        stride = _stride(ref_time, pred_time, tolerance)
        i, j = match_points(ref_time + ref_cell * stride, pred_time + pred_cell * stride, tolerance)
        free = np.ones(len(pred_time), bool)
        free[j] = False
        false = pred_cell[free & _inside(pred_time, pred_cell, annotated, leads, len(kinds))]
        error = (pred_time[j] - ref_time[i]) * 1000
        hits = np.bincount(ref_cell[i], minlength=cells)
        table[:, at, 0] = hits
        table[:, at, 1] = np.bincount(ref_cell, minlength=cells) - hits
        table[:, at, 2] = np.bincount(false, minlength=cells)
        table[:, at, 3] = np.bincount(ref_cell[i], error, cells)
        table[:, at, 4] = np.bincount(ref_cell[i], error**2, cells)
    return table.reshape(len(leads), len(kinds), len(FIDUCIALS), len(COLUMNS))


def delineation_scores(table: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Score tables of counts.

    Parameters
    ----------
    table : (..., 5) array
        `COLUMNS`, summed over whatever is to be scored together.

    Returns
    -------
    dict of (...) arrays
        ``se``, ``ppv``, ``f1`` in 0..1; ``error_mean`` and ``error_sd`` (sample standard deviation) of the matched
        fiducials in ms. NaN where undefined.
    """
    hits, missed, false, error, squares = np.moveaxis(table, -1, 0)
    spread = np.maximum(squares - hits * np.nan_to_num(ratio(error, hits)) ** 2, 0)
    return {
        "se": ratio(hits, hits + missed),
        "ppv": ratio(hits, hits + false),
        "f1": ratio(2 * hits, 2 * hits + missed + false),
        "error_mean": ratio(error, hits),
        "error_sd": np.sqrt(ratio(spread, np.maximum(hits - 1, 0))),
    }


def delineation_report(
    tables: NDArray[np.float64], names: Sequence[str], rng: np.random.Generator, resamples: int = 2000
) -> dict[str, Any]:
    """Report boundary scores with 95 % intervals over patients, ready for JSON.

    Parameters
    ----------
    tables : (patients, kinds, 3, 5) array
        One table per patient, summed over leads and recordings.
    names : sequence of str
        Names of the kinds of wave.
    rng : numpy.random.Generator
        Draws the resamples.
    resamples : int
        How many.

    Returns
    -------
    dict
        ``patients``, ``waves``: name -> ``onset``, ``peak``, ``offset`` and ``all`` (the three counted together) ->
        ``reference`` (how many there are) and `DELINEATION_SCORES`, each ``{"value", "low", "high"}``.
    """
    tables = np.concatenate([tables, tables.sum(-2, keepdims=True)], axis=-2)
    estimates = bootstrap(tables, delineation_scores, rng, resamples)
    count = tables[..., :2].sum((0, -1))
    waves = {
        name: {
            fiducial: {
                "reference": int(count[row, column]),
                **{score: estimates[score].json(row, column) for score in DELINEATION_SCORES},
            }
            for column, fiducial in enumerate((*FIDUCIALS, "all"))
        }
        for row, name in enumerate(names)
    }
    return {"patients": len(tables), "waves": waves}


def _by_cell(
    waves: WaveColumns, leads: Sequence[int], kinds: Sequence[int]
) -> tuple[WaveColumns, NDArray[np.intp], NDArray[np.intp]]:
    """Return the waves, which of them count, and the (lead, kind) cell of each; those for all leads count on each."""
    index, cell = [], []
    for row, lead in enumerate(leads):
        on_lead = (waves.lead == lead) | (waves.lead == ALL_LEADS)
        for column, kind in enumerate(kinds):
            chosen = np.flatnonzero(on_lead & (waves.kind == kind))
            index.append(chosen)
            cell.append(np.full(len(chosen), row * len(kinds) + column))
    return waves, np.concatenate(index), np.concatenate(cell)


def _times(
    side: tuple[WaveColumns, NDArray[np.intp], NDArray[np.intp]], fiducial: str
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return the known times of one fiducial and their cells."""
    waves, index, cell = side
    time = np.asarray(getattr(waves, fiducial), np.float64)[index]
    known = np.isfinite(time)
    return time[known], cell[known]


def _inside(
    time: NDArray[np.float64], cell: NDArray[np.intp], annotated: SpanColumns, leads: Sequence[int], kinds: int
) -> NDArray[np.bool_]:
    """Say which times lie in an annotated stretch of their lead."""
    lead = np.asarray(leads)[cell // kinds]
    inside = np.zeros(len(time), bool)
    for where, start, stop in zip(annotated.kind, annotated.start, annotated.stop, strict=True):
        inside |= ((lead == where) | (where == ALL_LEADS)) & (time >= start - 1e-9) & (time <= stop + 1e-9)
    return inside


def _stride(reference: NDArray[np.float64], predicted: NDArray[np.float64], tolerance: float) -> float:
    """Return a distance that keeps the points of neighbouring cells further apart than the tolerance."""
    times = np.concatenate([reference, predicted])
    return float(np.ptp(times)) + 4 * tolerance + 1 if len(times) else 1.0
