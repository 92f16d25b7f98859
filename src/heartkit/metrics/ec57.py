"""Beats found and named against an annotator's, beat by beat, as ANSI/AAMI EC57 asks and WFDB's ``bxb`` counts.

Two uses, one table: a detector of QRS complexes is scored by ``qrs_...`` alone and needs no kinds; a classifier gives
the kind of each beat too. Beats are classes of EC57, numbered as in `CLASSES`; `NOT_A_BEAT` is left out on either side.

Which cells count (EC57:1998 as in ``bxb`` 10.5; without missed and extra beats the table of de Chazal et al. 2004): a
fusion beat or an unclassified one that is called ventricular is neither right nor wrong, since the standard rewards no
guess at them; the same holds for an unclassified one called supraventricular. ``bxb`` has no false positive rate of
supraventricular beats and no accuracy; those are de Chazal's, with extra beats among the negatives as in ``bxb``'s
rate of the ventricular.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from heartkit.errors import DataError
from heartkit.metrics.bootstrap import Estimate, bootstrap
from heartkit.metrics.classification import ratio
from heartkit.metrics.matching import pair_beats

CLASSES = ("N", "S", "V", "F", "Q")
"""Codes 0 to 4: any beat that is not one of the others, supraventricular ectopic, ventricular ectopic, fusion of a
ventricular and a normal beat, unclassified or paced."""

NOT_A_BEAT = -1

UNCLASSIFIED = CLASSES.index("Q")
"""The class of beats whose kind is not told."""

NONE = len(CLASSES)
"""Last row of a matrix: no reference beat, so the test beat is extra. Last column: no test beat, so one is missed."""

ROWS, COLUMNS = (*CLASSES, "extra"), (*CLASSES, "missed")

QRS_SCORES = ("qrs_se", "qrs_ppv")
"""Sensitivity and positive predictivity (EC57's +P) of finding beats, whatever their kind."""

ECTOPIC_SCORES = ("se", "ppv", "fpr", "accuracy")

SCORES = (*QRS_SCORES, *(f"{kind}_{score}" for kind in ("veb", "sveb") for score in ECTOPIC_SCORES))
"""Also of ventricular (``veb``) and supraventricular (``sveb``) ectopic beats, and with false positive rate and
accuracy."""

LEARNING = 300.0
"""Seconds at the start of a recording that EC57 leaves to the algorithm for learning."""

WINDOW = 0.15
"""Seconds by which matching beats may differ."""


def beat_matrix(
    reference: ArrayLike,
    test: ArrayLike,
    reference_kind: ArrayLike | None = None,
    test_kind: ArrayLike | None = None,
    *,
    start: float = LEARNING,
    stop: float = np.inf,
    window: float = WINDOW,
    excluded: ArrayLike = (),
) -> NDArray[np.int64]:
    """Count the beats of one recording.

    Parameters
    ----------
    reference, test : (n,) and (m,) arrays
        Times of the annotator's beats and of those to score, in seconds, in any order.
    reference_kind, test_kind : (n,) and (m,) arrays of int, or None
        Their classes, numbered as in `CLASSES`; None takes all as unclassified.
    start, stop : float
        The part that is scored, in seconds. A recording that ends before `start` is refused, not scored as empty: ask
        for short ones with ``start=0``. `stop` is best its duration.
    window : float
        Seconds, included.
    excluded : (k, 2) array
        Starts and stops, in seconds, of what the annotator calls ventricular flutter or fibrillation. Reference beats
        in there are left out, and so are test beats that match none outside of it.

    Returns
    -------
    (6, 6) array of int64
        `ROWS` (reference) by `COLUMNS` (test).

    Raises
    ------
    DataError
        If kinds and times do not fit, a kind is no class, a time is not finite, or the recording ends before `start`.
    """
    ref_time, ref_kind = _beats("reference", reference, reference_kind)
    test_time, kind = _beats("test", test, test_kind)
    spans = np.asarray(excluded, np.float64).reshape(-1, 2)
    _check_long_enough(ref_time, test_time, start, stop)
    outside = ~_inside(ref_time, spans)
    ref_time, ref_kind = ref_time[outside], ref_kind[outside]
    i, j = pair_beats(ref_time, test_time, window, start)
    # Index -1 takes the last entry: no beat has no time, and a row or column of its own.
    ref_at, test_at = np.append(ref_time, np.nan)[i], np.append(test_time, np.nan)[j]
    counted = np.fmin(ref_at, test_at) <= stop
    counted &= (i >= 0) | ~_inside(test_at, spans)
    cell = np.append(ref_kind, NONE)[i] * len(COLUMNS) + np.append(kind, NONE)[j]
    return np.bincount(cell[counted], minlength=len(ROWS) * len(COLUMNS)).reshape(len(ROWS), -1).astype(np.int64)


def ec57_scores(matrix: NDArray[Any]) -> dict[str, NDArray[np.float64]]:
    """Score matrices of beats.

    Parameters
    ----------
    matrix : (..., 6, 6) array
        `ROWS` by `COLUMNS`, of one recording or summed over several.

    Returns
    -------
    dict of (...) arrays
        `SCORES`, each 0..1; NaN where undefined.
    """
    missed, extra = matrix[..., :NONE, NONE].sum(-1), matrix[..., NONE, :NONE].sum(-1)
    found = matrix[..., :NONE, :NONE].sum((-2, -1))
    return {
        "qrs_se": ratio(found, found + missed),
        "qrs_ppv": ratio(found, found + extra),
        **_ectopic("veb", matrix, "V", unpunished="FQ"),
        **_ectopic("sveb", matrix, "S", unpunished="Q"),
    }


def ec57_report(
    matrices: NDArray[np.integer],
    records: Sequence[str],
    patients: ArrayLike,
    rng: np.random.Generator,
    scores: Sequence[str] = SCORES,
    resamples: int = 2000,
) -> dict[str, Any]:
    """Report EC57's gross and average statistics with 95 % intervals over patients, ready for JSON.

    Parameters
    ----------
    matrices : (records, 6, 6) array of int
        One per recording, from `beat_matrix`.
    records : sequence of str
        Their names.
    patients : (records,) array
        Whose they are, in any code.
    rng : numpy.random.Generator
        Draws the resamples.
    scores : sequence of str
        Which of `SCORES`; `QRS_SCORES` for a detector.
    resamples : int
        How many.

    Returns
    -------
    dict
        ``patients``; ``gross``, where every beat counts alike; ``average``, where every recording does that defines
        the score; both name -> ``{"value", "low", "high"}``. ``matrix``: ``rows``, ``columns``, ``counts``.
        ``records``: name -> score -> number, None where undefined, and ``counts``.

    Raises
    ------
    DataError
        If there is no recording.
    """
    each = ec57_scores(matrices)
    values = np.stack([each[name] for name in scores], axis=-1)
    estimates = _estimates(matrices, values, np.asarray(patients), scores, rng, resamples)
    return {
        "patients": len(np.unique(np.asarray(patients))),
        "gross": {name: estimates[name].json() for name in scores},
        "average": {name: estimates["average"].json(at) for at, name in enumerate(scores)},
        "matrix": {"rows": list(ROWS), "columns": list(COLUMNS), "counts": matrices.sum(0).tolist()},
        "records": {
            record: {
                **{name: None if np.isnan(value) else float(value) for name, value in zip(scores, row, strict=True)},
                "counts": counts.tolist(),
            }
            for record, row, counts in zip(records, values, matrices, strict=True)
        },
    }


def _estimates(
    matrices: NDArray[np.integer],
    values: NDArray[np.float64],
    patients: NDArray[Any],
    scores: Sequence[str],
    rng: np.random.Generator,
    resamples: int,
) -> dict[str, Estimate]:
    """Estimate gross statistics by name, and all averages as one."""
    defined = ~np.isnan(values)
    # Everything that adds up over records, side by side, so that one bootstrap serves both statistics.
    columns = (matrices.reshape(len(matrices), -1), np.where(defined, values, 0.0), defined)
    names, owner = np.unique(patients, return_inverse=True)
    statistics = np.zeros((len(names), sum(column.shape[1] for column in columns)))
    np.add.at(statistics, owner, np.concatenate(columns, axis=1))

    def metrics(total: NDArray[Any]) -> Mapping[str, NDArray[np.float64]]:
        cells = len(ROWS) * len(COLUMNS)
        counts, sums, number = np.split(total, [cells, cells + len(scores)], axis=-1)
        gross = ec57_scores(counts.reshape(*total.shape[:-1], len(ROWS), len(COLUMNS)))
        return {**{name: gross[name] for name in scores}, "average": ratio(sums, number)}

    return bootstrap(statistics, metrics, rng, resamples)


def _ectopic(prefix: str, matrix: NDArray[Any], kind: str, unpunished: str) -> dict[str, NDArray[np.float64]]:
    """Score one ectopic class; reference beats of the classes `unpunished` may be called so without penalty."""
    at = CLASSES.index(kind)
    others = [row for row in range(len(ROWS)) if row != at]
    punished = [row for row in others if ROWS[row] not in tuple(unpunished)]
    called_other = [column for column in range(NONE) if column != at]
    hits = matrix[..., at, at]
    missed = matrix[..., at, :].sum(-1) - hits
    false = matrix[..., punished, at].sum(-1)
    rejected = matrix[..., others, :][..., called_other].sum((-2, -1))
    return {
        f"{prefix}_se": ratio(hits, hits + missed),
        f"{prefix}_ppv": ratio(hits, hits + false),
        f"{prefix}_fpr": ratio(false, false + rejected),
        f"{prefix}_accuracy": ratio(hits + rejected, hits + rejected + missed + false),
    }


def _beats(what: str, time: ArrayLike, kind: ArrayLike | None) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return times and kinds of what is a beat."""
    times = np.asarray(time, np.float64)
    kinds = np.full(times.shape, UNCLASSIFIED) if kind is None else np.asarray(kind, np.intp)
    if kinds.shape != times.shape or times.ndim != 1:
        raise DataError(f"Shapes of {what} times {times.shape} and kinds {kinds.shape} must be one (n,).")
    if not np.isfinite(times).all():
        raise DataError(f"A {what} time is {times[~np.isfinite(times)][0]}; expected finite seconds.")
    wrong = kinds[(kinds < NOT_A_BEAT) | (kinds >= NONE)]
    if len(wrong):
        raise DataError(
            f"A {what} kind is {wrong[0]}; expected {NOT_A_BEAT} (not a beat) or 0 to {NONE - 1} ({' '.join(CLASSES)})."
        )
    return times[kinds != NOT_A_BEAT], kinds[kinds != NOT_A_BEAT]


def _check_long_enough(reference: NDArray[np.float64], test: NDArray[np.float64], start: float, stop: float) -> None:
    beats = np.concatenate([reference, test])
    last = stop if np.isfinite(stop) or not len(beats) else beats.max()
    if last < start:
        raise DataError(
            f"The recording ends at {last:g} s, within the first {start:g} s that are left out. Score short recordings "
            "with start=0."
        )


def _inside(time: NDArray[np.float64], spans: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Say which times lie in a span, ends included."""
    return np.asarray(((time[:, None] >= spans[:, 0]) & (time[:, None] <= spans[:, 1])).any(1))
