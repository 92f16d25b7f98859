"""``amplitude_warp``."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from heartkit.transforms.amplitude_warp import AmplitudeWarp


@settings(max_examples=30, deadline=None)
@given(
    low=st.floats(0, 1), more=st.floats(0, 2), frequency=st.floats(0, 40), size=st.integers(2, 400), seed=st.integers(0)
)
def test_the_gain_stays_within_its_bounds(low, more, frequency, size, seed):
    step = AmplitudeWarp.create({"amplitude": [low, low + more], "frequency": [0, frequency]}, 100.0)
    gain = step(np.ones((8, size, 2), np.float32), np.random.default_rng(seed))
    assert (gain >= low - 1e-5).all()
    assert (gain <= low + more + 1e-5).all()
    np.testing.assert_array_equal(gain[..., 0], gain[..., 1])


def test_the_gain_is_smooth_and_changes(rng):
    step = AmplitudeWarp.create({"amplitude": [0.5, 1.5], "frequency": [0.5, 1.5]}, 100.0)
    gain = step(np.ones((50, 256, 1), np.float32), rng)[..., 0]
    # From knot to knot in 1/(2 x 1.5 Hz) = 33 samples, at its steepest 1.5 times the mean slope.
    assert np.abs(np.diff(gain, axis=1)).max() < 1.5 * 1.0 / 33 * 1.05
    assert np.ptp(gain, axis=1).mean() > 0.3
