from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from heartkit.metrics.delineation import COLUMNS, delineation_report, delineation_scores, delineation_table

P, QRS, T = 1, 2, 3


def waves(*rows: tuple[int, float, float, float, int]) -> SimpleNamespace:
    kind, onset, peak, offset, lead = np.array(rows, float).reshape(-1, 5).T
    return SimpleNamespace(kind=kind.astype(int), onset=onset, peak=peak, offset=offset, lead=lead.astype(int))


def spans(*rows: tuple[int, float, float]) -> SimpleNamespace:
    lead, start, stop = np.array(rows, float).reshape(-1, 3).T
    return SimpleNamespace(kind=lead.astype(int), start=start, stop=stop)


def counts(table: np.ndarray, *at: int) -> tuple[int, ...]:
    return tuple(table[at][..., :3].astype(int).ravel())


def test_counts_and_errors_by_hand():
    reference = waves((QRS, 1.0, 1.04, 1.1, 0), (QRS, 2.0, 2.04, 2.1, 0), (P, 1.8, 1.85, 1.9, 0))
    predicted = waves((QRS, 1.01, 1.04, 1.3, 0), (QRS, 1.97, 2.04, 2.1, 0), (P, 1.0, 1.05, 1.1, 0))
    table = delineation_table(reference, predicted, spans((0, 0.5, 3.0)), [0], [P, QRS])
    assert table.shape == (1, 2, 3, len(COLUMNS))
    assert counts(table, 0, 0, 0) == (0, 1, 1)
    np.testing.assert_allclose(table[0, 1, 0], [2, 0, 0, -20, 10**2 + 30**2], atol=1e-6)
    np.testing.assert_allclose(table[0, 1, 1], [2, 0, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(table[0, 1, 2], [1, 1, 1, 0, 0], atol=1e-6)
    scores = delineation_scores(table[0, 1])
    np.testing.assert_allclose(scores["error_mean"], [-10, 0, 0], atol=1e-6)
    np.testing.assert_allclose(scores["error_sd"], [np.std([10, -30], ddof=1), 0, np.nan], atol=1e-6)
    np.testing.assert_allclose(scores["f1"], [1, 1, 0.5])


def test_outside_of_the_annotated_span_nothing_is_false():
    reference = waves((QRS, 1.0, 1.04, 1.1, 0))
    # One beat before the span, one that begins just before it and is right, one after it, one in it.
    predicted = waves(
        (QRS, 0.2, 0.24, 0.3, 0), (QRS, 0.98, 1.03, 1.1, 0), (QRS, 1.6, 1.64, 1.7, 0), (QRS, 1.3, 1.34, 1.4, 0)
    )
    table = delineation_table(reference, predicted, spans((0, 1.0, 1.5)), [0], [QRS])
    assert [counts(table, 0, 0, at) for at in range(3)] == [(1, 0, 1)] * 3


def test_leads_are_scored_apart_and_gaps_between_spans_count_for_nothing():
    reference = waves((T, 1.0, 1.1, 1.2, 0), (T, 5.0, 5.1, 5.2, 0), (T, 1.0, 1.1, 1.2, 3))
    predicted = waves((T, 1.0, 1.1, 1.2, 0), (T, 3.0, 3.1, 3.2, 0), (T, 5.0, 5.1, 5.2, 3))
    annotated = spans((0, 0.5, 2.0), (0, 4.0, 6.0), (3, 0.5, 2.0))
    table = delineation_table(reference, predicted, annotated, [0, 3], [P, QRS, T])
    assert counts(table, 0, 2, 1) == (1, 1, 0)
    assert counts(table, 1, 2, 1) == (0, 1, 0)
    assert table[:, :2].sum() == 0


def test_a_wave_for_all_leads_counts_on_each():
    reference = waves((QRS, 1.0, 1.04, 1.1, -1))
    predicted = waves((QRS, 1.0, 1.04, 1.1, 0))
    table = delineation_table(reference, predicted, spans((-1, 0, 2)), [0, 1], [QRS])
    assert counts(table, 0, 0, 0) == (1, 0, 0)
    assert counts(table, 1, 0, 0) == (0, 1, 0)


def test_unknown_fiducials_and_empty_sides():
    reference = waves((T, np.nan, 1.1, 1.2, 0))
    table = delineation_table(reference, waves(), spans((0, 0, 2)), [0], [T])
    assert [counts(table, 0, 0, at) for at in range(3)] == [(0, 0, 0), (0, 1, 0), (0, 1, 0)]
    scores = delineation_scores(table[0, 0])
    assert np.isnan(scores["se"][0])
    assert scores["f1"][1] == 0
    assert np.isnan(scores["error_mean"]).all()


def test_recovers_the_spread_of_random_errors():
    rng = np.random.default_rng(6)
    onset = np.arange(1, 801) * 0.8
    rows = np.column_stack([np.full(800, QRS), onset, onset + 0.04, onset + 0.1, rng.integers(0, 2, 800)])
    reference = waves(*rows)
    moved = rows.copy()
    moved[:, 1:4] += rng.normal(0.007, 0.012, (800, 3))
    table = delineation_table(reference, waves(*moved), spans((0, 0, 700), (1, 0, 700)), [0, 1], [QRS]).sum(0)
    errors = 1000 * (moved - rows)[:, 1:4]
    scores = delineation_scores(table[0])
    np.testing.assert_allclose(scores["error_mean"], errors.mean(0), atol=1e-6)
    np.testing.assert_allclose(scores["error_sd"], errors.std(0, ddof=1), atol=1e-6)


def test_report_counts_the_three_fiducials_together():
    tables = np.random.default_rng(1).integers(20, 40, (9, 3, 3, 5)).astype(float)
    tables[..., 4] *= 100
    report = delineation_report(tables, ["P", "QRS", "T"], np.random.default_rng(0))
    total = tables.sum((0, 2))[1]
    score = report["waves"]["QRS"]["all"]
    assert score["reference"] == total[0] + total[1]
    assert score["se"]["value"] == pytest.approx(total[0] / (total[0] + total[1]))
    assert score["ppv"]["value"] == pytest.approx(total[0] / (total[0] + total[2]))
    assert score["f1"]["low"] < score["f1"]["value"] < score["f1"]["high"]
    json.dumps(report, allow_nan=False)
