"""Rates in stretches of a recording, for the comparison of pulses with R peaks."""

import numpy as np
from tools.pulse_rate import STRETCH, rates


def test_each_stretch_has_the_rate_of_its_own_beats():
    slow, fast = np.arange(0.3, STRETCH, 1.0), np.arange(STRETCH, 2 * STRETCH, 0.5)
    found = rates(np.concatenate([slow, fast]), 2 * STRETCH + 3)
    assert len(found) == 2
    np.testing.assert_allclose(found, [60, 120], rtol=0.04)


def test_a_stretch_without_enough_beats_has_none():
    beats = np.concatenate([np.arange(0.5, STRETCH, 0.8), [STRETCH + 1, STRETCH + 1.8]])
    found = rates(beats, 2 * STRETCH)
    assert abs(found[0] - 75) < 1
    assert np.isnan(found[1])
    assert np.isnan(rates(np.empty(0), STRETCH)).all()
