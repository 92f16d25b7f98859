"""How scores are written."""

import pytest

from heartkit.reports import words


@pytest.mark.parametrize(
    ("score", "alone", "whole"),
    [
        ({"value": 0.91249, "low": 0.9, "high": 0.95}, "0.912", "0.912 (0.900–0.950)"),
        ({"value": 0.5, "low": None, "high": None}, "0.500", "0.500"),
        ({"value": None, "low": None, "high": None}, "–", "–"),
        ({}, "–", "–"),
        (None, "–", "–"),
    ],
)
def test_scores(score, alone, whole):
    assert words.score(score) == alone
    assert words.score_with_interval(score) == whole


def test_errors():
    assert words.error({"value": 1.25}, {"value": 8.31}) == "+1.2 ± 8.3"
    assert words.error({"value": -3.0}, {"value": None}) == "-3.0"
    assert words.error({"value": None}, {"value": None}) == "–"
    assert words.error(None, None) == "–"


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0.0 s"), (10.24, "10.2 s"), (1805.3, "30 min 5 s"), (119.99, "120.0 s"), (86400.0, "24 h 0 min")],
)
def test_durations(value, written):
    assert words.seconds(value) == written
