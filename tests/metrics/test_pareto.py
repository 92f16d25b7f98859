"""Pareto fronts, against the definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.metrics.pareto import pareto_front

few = st.integers(0, 6)  # so that ties are common
points = st.lists(st.tuples(few | st.floats(-1e9, 1e9), few | st.floats(0, 1e9)), max_size=40)


def dominates(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] >= other[0] and one[1] <= other[1] and one != other


@given(points)
def test_the_front_is_what_nothing_dominates(drawn):
    expected = [not any(dominates(other, one) for other in drawn) for one in drawn]
    assert pareto_front([one[0] for one in drawn], [one[1] for one in drawn]).tolist() == expected


def test_values_that_cannot_be_compared_are_refused():
    with pytest.raises(ValueError, match="finite"):
        pareto_front([0.5, np.nan], [1, 2])
    with pytest.raises(ValueError, match="one length"):
        pareto_front([0.5], [1, 2])
