"""Beat-by-beat comparison: worked examples, published tables, wfdb on real annotations, and what must hold always."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import wfdb
from hypothesis import assume, given
from hypothesis import strategies as st
from wfdb.processing import compare_annotations

from heartkit.errors import DataError
from heartkit.metrics.ec57 import (
    CLASSES,
    NOT_A_BEAT,
    QRS_SCORES,
    SCORES,
    beat_matrix,
    ec57_report,
    ec57_scores,
)
from heartkit.metrics.matching import match_points, pair_beats

N, S, V, F, Q = range(5)

# Tens of milliseconds, so that ties and distances of exactly the window occur; dense enough for several in one window.
times = st.lists(st.integers(0, 400), max_size=18, unique=True).map(lambda ticks: np.array(sorted(ticks), float) / 100)
seeds = st.integers(0, 2**32 - 1)


def kinds(rng: np.random.Generator, time: np.ndarray) -> np.ndarray:
    return rng.integers(NOT_A_BEAT, 5, len(time))


def cells(matrix: np.ndarray) -> dict[str, int]:
    """Name what is not zero as bxb does: Vn is a ventricular beat called normal, No a missed and On an extra one."""
    rows, columns = np.nonzero(matrix)
    return {
        "NSVFQO"[row] + "nsvfqo"[column]: int(matrix[row, column]) for row, column in zip(rows, columns, strict=True)
    }


# ---- Pairing


def test_the_example_in_the_history_of_bxb() -> None:
    # Samples at 250 Hz: the second reference beat is as near to the first test beat as the first is, but better served.
    i, j = pair_beats(np.array([96, 160]) / 250, np.array([128, 185]) / 250, 37 / 250)
    assert (i.tolist(), j.tolist()) == ([0, 1], [0, 1])


def test_the_nearer_one_is_taken_and_the_window_is_included() -> None:
    i, j = pair_beats(np.array([1.0, 2.0]), np.array([0.9, 0.95, 2.15, 3.0]), 0.15)
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == [(-1, 0), (0, 1), (1, 2), (-1, 3)]
    i, j = pair_beats(np.array([1.0]), np.array([1.1501]), 0.15)
    assert list(zip(i.tolist(), j.tolist(), strict=True)) == [(0, -1), (-1, 0)]


@given(times, times, st.integers(0, 2))
def test_every_beat_once_within_the_window_and_in_order(reference, test, start):
    i, j = pair_beats(reference, test, 0.15, start)
    both = (i >= 0) & (j >= 0)
    assert not ((i < 0) & (j < 0)).any()
    assert (np.abs(reference[i[both]] - test[j[both]]) <= 0.15 + 1e-9).all()
    assert i[i >= 0].tolist() == np.flatnonzero(reference >= start).tolist()
    counted = j[j >= 0]
    assert (np.diff(counted) == 1).all()
    assert not len(counted) or counted[-1] == len(test) - 1
    assert len(i) == 0 or abs(int((test >= start).sum()) - len(counted)) <= 1  # the edge of the learning period
    assert start or len(counted) == len(test)
    assert both.sum() <= len(match_points(reference, test, 0.15)[0]) or start


@given(times, times, seeds)
def test_order_does_not_matter_nor_when_it_was(reference, test, seed):
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(reference)), rng.permutation(len(test))
    i, j = pair_beats(reference, test, 0.15)
    a, b = pair_beats(reference[shuffled[0]] + 7.25, test[shuffled[1]] + 7.25, 0.15)
    assert np.append(shuffled[0], -1)[a].tolist() == i.tolist()
    assert np.append(shuffled[1], -1)[b].tolist() == j.tolist()


@given(times, times)
def test_reference_and_test_trade_places(reference, test):
    assume(len(np.intersect1d(reference, test)) == 0)
    i, j = pair_beats(reference, test, 0.15)
    b, a = pair_beats(test, reference, 0.15)
    assert (i.tolist(), j.tolist()) == (a.tolist(), b.tolist())


@given(st.lists(st.integers(31, 90), max_size=12), seeds)
def test_is_the_best_pairing_where_beats_are_two_windows_apart(intervals, seed):
    reference = np.cumsum(np.array(intervals, float)) / 100
    rng = np.random.default_rng(seed)
    test = reference + rng.uniform(-0.15, 0.15, len(reference))
    test = test[rng.random(len(test)) < 0.7]
    assume((np.diff(test) > 0.3).all())
    i, j = pair_beats(reference, test, 0.15)
    both = (i >= 0) & (j >= 0)
    best = match_points(reference, test, 0.15)
    assert (i[both].tolist(), j[both].tolist()) == (best[0].tolist(), best[1].tolist())


def test_real_annotations_are_matched_as_wfdb_does(shared_data: Path) -> None:
    rng = np.random.default_rng(5)
    names = ["106", "114", "124", "201", "203", "207", "208", "223"]
    for name in names:
        marks = wfdb.rdann(str(shared_data / "mitdb" / "1.0.0" / name), "atr")
        beat = np.isin(marks.symbol, [*"NLRBAaJSVrFejnE/fQ?"])
        reference = marks.sample[beat]
        kept = reference[rng.random(len(reference)) > 0.05]
        extra = rng.integers(0, reference[-1], 60)
        test = np.unique(np.concatenate([kept + rng.integers(-50, 51, len(kept)), extra]))
        # wfdb leaves out a distance of the window itself, which none here is: 54 samples are 150 ms.
        theirs = compare_annotations(reference, test, 54)
        matrix = beat_matrix(reference / 360, test / 360, start=0, window=53.5 / 360)
        ours = np.array([matrix[:5, :5].sum(), matrix[:5, 5].sum(), matrix[5, :5].sum()])
        assert ours.tolist() == [theirs.tp, theirs.fn, theirs.fp]
        scores = ec57_scores(matrix)
        assert scores["qrs_se"] == pytest.approx(theirs.sensitivity)
        assert scores["qrs_ppv"] == pytest.approx(theirs.positive_predictivity)


# ---- The table


def test_learning_period_flutter_and_what_is_no_beat_by_hand() -> None:
    reference = [299.0, 301.0, 302.0, 303.0, 304.0, 310.5, 311.0, 312.0]
    ref_kind = [V, N, S, V, F, V, NOT_A_BEAT, N]
    test = [299.0, 301.05, 302.1, 303.4, 304.0, 306.0, 310.2, 310.8, 311.0, 311.9, 313.0]
    kind = [N, N, V, V, V, S, V, N, V, N, NOT_A_BEAT]
    matrix = beat_matrix(reference, test, ref_kind, kind, excluded=[[310.0, 310.9]])
    # 303.0 is missed and 303.4 extra; in the flutter neither counts; the artefact at 311.0 makes 311.0 extra.
    assert cells(matrix) == {"Nn": 2, "Sv": 1, "Vo": 1, "Fv": 1, "Ov": 2, "Os": 1}
    assert cells(beat_matrix(reference, test, start=0, excluded=[[310.0, 310.9]])) == {"Qq": 6, "Qo": 1, "Oq": 3}
    assert cells(beat_matrix(reference, test, ref_kind, kind, stop=302.0)) == {"Nn": 1, "Sv": 1}


def test_a_beat_on_the_edge_of_the_learning_period_is_paired_over_it() -> None:
    assert cells(beat_matrix([300.05], [299.95], [N], [V])) == {"Nv": 1}
    # The first test beat belongs to a reference beat before the edge, so it is not extra.
    assert cells(beat_matrix([299.95, 300.8], [300.05, 300.8], [N, N], [N, N])) == {"Nn": 1}
    assert cells(beat_matrix([299.5, 300.8], [300.2, 300.8], [N, N], [N, N])) == {"Nn": 1, "On": 1}


def test_a_flutter_wave_that_was_found_may_be_the_beat_beside_it() -> None:
    assert cells(beat_matrix([10.0], [10.1], [N], [N], start=0, excluded=[[10.05, 12]])) == {"Nn": 1}


@given(times, times, seeds)
def test_sums_are_the_numbers_of_beats(reference, test, seed):
    rng = np.random.default_rng(seed)
    ref_kind, kind = kinds(rng, reference), kinds(rng, test)
    matrix = beat_matrix(reference, test, ref_kind, kind, start=0)
    np.testing.assert_array_equal(matrix[:5].sum(1), np.bincount(ref_kind[ref_kind >= 0], minlength=5))
    np.testing.assert_array_equal(matrix[:, :5].sum(0), np.bincount(kind[kind >= 0], minlength=5))
    assert matrix[5, 5] == 0
    later = beat_matrix(reference + 301, test + 301, ref_kind, kind, excluded=[[100, 290]])
    np.testing.assert_array_equal(later, matrix)


@given(times, seeds)
def test_perfect_detection_and_none(reference, seed):
    assume(len(reference))
    kind = np.random.default_rng(seed).integers(0, 5, len(reference))
    scores = ec57_scores(beat_matrix(reference, reference, kind, kind, start=0))
    assert scores["qrs_se"] == scores["qrs_ppv"] == 1
    for name, code in (("veb", V), ("sveb", S)):
        assert scores[f"{name}_accuracy"] == 1
        assert (scores[f"{name}_se"] == scores[f"{name}_ppv"] == 1) or not (kind == code).any()
        assert scores[f"{name}_fpr"] == 0 or (kind == code).all()
    nothing = ec57_scores(beat_matrix(reference, [], kind, start=0))
    assert nothing["qrs_se"] == 0
    assert np.isnan(nothing["qrs_ppv"])


# ---- Which cells count

COUNTED = {
    "veb": {
        "tp": "Vv",
        "fn": "Vn Vs Vf Vq Vo",
        "fp": "Nv Sv Ov",
        "tn": "Nn Ns Nf Nq Sn Ss Sf Sq Fn Fs Ff Fq Qn Qs Qf Qq On Os Of Oq",
    },
    "sveb": {
        "tp": "Ss",
        "fn": "Sn Sv Sf Sq So",
        "fp": "Ns Vs Fs Os",
        "tn": "Nn Nv Nf Nq Vn Vv Vf Vq Fn Fv Ff Fq Qn Qv Qf Qq On Ov Of Oq",
    },
}
"""EC57:1998 as WFDB's documentation and de Chazal et al. 2004, figure 5, list them."""


def test_each_cell_counts_where_the_standard_says() -> None:
    matrix = np.random.default_rng(0).integers(1, 10_000, (6, 6))
    matrix[5, 5] = 0

    def count(names: str) -> int:
        return sum(matrix["NSVFQO".index(name[0]), "nsvfqo".index(name[1])] for name in names.split())

    scores = ec57_scores(matrix)
    for kind, groups in COUNTED.items():
        tp, fn, fp, tn = (count(groups[group]) for group in ("tp", "fn", "fp", "tn"))
        assert scores[f"{kind}_se"] == tp / (tp + fn)
        assert scores[f"{kind}_ppv"] == tp / (tp + fp)
        assert scores[f"{kind}_fpr"] == fp / (fp + tn)
        assert scores[f"{kind}_accuracy"] == (tp + tn) / (tp + tn + fp + fn)
    found, missed, extra = matrix[:5, :5].sum(), matrix[:5, 5].sum(), matrix[5, :5].sum()
    assert scores["qrs_se"] == found / (found + missed)
    assert scores["qrs_ppv"] == found / (found + extra)


def test_the_published_scores_of_de_chazal_follow_from_the_published_counts() -> None:
    # DS2 of de Chazal et al. 2004; the normal and the seven unclassified beats called n, f or q stand under n. Beats
    # were located by hand, so none is missed or extra.
    matrix = np.zeros((6, 6), int)
    matrix[N, [N, S, V]] = 44_259 - 1904 - 303, 1904, 303
    matrix[S, :5] = 173, 1395, 252, 16, 1
    matrix[V, :5] = 117, 321, 2504, 176, 103
    matrix[F, :5] = 33, 1, 7, 347, 0
    matrix[Q, N] = 7
    scores = ec57_scores(matrix)
    published = {
        "sveb_se": 75.9, "sveb_ppv": 38.5, "sveb_fpr": 4.7, "sveb_accuracy": 94.6,
        "veb_se": 77.7, "veb_ppv": 81.9, "veb_fpr": 1.2, "veb_accuracy": 97.4,
    }  # fmt: skip
    assert {name: 100 * float(scores[name]) for name in published} == pytest.approx(published, abs=0.051)


def test_scores_are_vectorised_over_leading_axes() -> None:
    stack = np.random.default_rng(2).integers(0, 9, (2, 3, 6, 6))
    whole = ec57_scores(stack)
    assert tuple(whole) == SCORES
    for name, values in ec57_scores(stack[1, 2]).items():
        np.testing.assert_array_equal(whole[name][1, 2], values)


# ---- The report


def test_gross_counts_beats_and_average_counts_records() -> None:
    # One long recording without a miss, and a short one of which half is missed and that has no ventricular beat.
    matrices = np.zeros((2, 6, 6), int)
    matrices[0, N, N], matrices[0, V, V], matrices[0, V, N] = 90, 6, 4
    matrices[1, N, N], matrices[1, N, 5] = 5, 5
    report = ec57_report(matrices, ["100", "101"], ["a", "b"], np.random.default_rng(0))
    assert report["patients"] == 2
    assert report["gross"]["qrs_se"]["value"] == pytest.approx(105 / 110)
    assert report["average"]["qrs_se"]["value"] == pytest.approx(0.75)
    assert report["gross"]["veb_se"]["value"] == report["average"]["veb_se"]["value"] == pytest.approx(0.6)
    assert report["average"]["qrs_se"]["low"] == pytest.approx(0.5)
    assert report["average"]["qrs_se"]["high"] == pytest.approx(1)
    assert report["records"]["101"]["veb_se"] is None
    assert report["records"]["100"]["veb_se"] == 0.6
    assert report["matrix"]["counts"] == matrices.sum(0).tolist()
    assert report["matrix"]["rows"] == [*CLASSES, "extra"]
    assert report["gross"]["sveb_se"] == {"value": None, "low": None, "high": None}
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_recordings_of_one_patient_are_drawn_together() -> None:
    matrices = np.random.default_rng(3).integers(1, 50, (6, 6, 6))
    report = ec57_report(matrices, list("abcdef"), [0, 0, 0, 1, 1, 1], np.random.default_rng(0), QRS_SCORES)
    assert tuple(report["gross"]) == tuple(report["average"]) == QRS_SCORES
    sides = [float(ec57_scores(matrices[half].sum(0))["qrs_se"]) for half in (slice(3), slice(3, 6))]
    assert report["gross"]["qrs_se"]["low"] == pytest.approx(min(sides))
    assert report["gross"]["qrs_se"]["high"] == pytest.approx(max(sides))


# ---- What is refused


def test_a_recording_shorter_than_the_learning_period_is_refused_and_says_how() -> None:
    with pytest.raises(DataError, match=r"ends at 10 s.*start=0"):
        beat_matrix([1.0, 10.0], [1.0])
    with pytest.raises(DataError, match=r"ends at 60 s.*start=0"):
        beat_matrix([1.0], [1.0], stop=60)
    assert cells(beat_matrix([1.0, 10.0], [1.0], start=0)) == {"Qq": 1, "Qo": 1}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1.0], [1.0], [5]), "reference kind is 5; expected -1"),
        (([1.0], [1.0], [0], [-2]), "test kind is -2"),
        (([1.0], [1.0, 2.0], [0], [0]), r"test times \(2,\) and kinds \(1,\)"),
        (([np.nan], [1.0]), "reference time is nan; expected finite"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, words) -> None:
    with pytest.raises(DataError, match=words):
        beat_matrix(*arguments, start=0)
