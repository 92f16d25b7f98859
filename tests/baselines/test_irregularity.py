import numpy as np
import pytest

from heartkit.baselines.irregularity import IRREGULARITY, irregularity


def test_windows_of_even_and_alternating_beats():
    even, alternating = np.arange(0.1, 10, 0.5), 10 + np.cumsum(np.tile([0.4, 0.8], 8))
    peaks = np.concatenate([even, alternating])
    found = irregularity(peaks, np.array([0.0, 10.2, 50.0]), 8.0)
    assert found.shape == (3, len(IRREGULARITY))
    assert found[0] == pytest.approx([15, np.log(0.5), 0, 0, 0], abs=1e-5)
    inside = alternating[(alternating >= 10.2) & (alternating < 18.2)]
    rr = np.diff(inside)
    assert found[1] == pytest.approx(
        [len(rr), np.log(rr.mean()), rr.std() / rr.mean(), 0.4 / rr.mean(), np.log(2)], abs=1e-5
    )
    assert (found[2] == 0).all()


def test_two_intervals_say_nothing_but_that_they_are_two():
    assert irregularity(np.array([1.0, 2.0, 3.0]), np.array([0.0]), 8.0)[0].tolist() == [2, 0, 0, 0, 0]
