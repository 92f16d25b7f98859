"""The preprocess ``filter`` against filtering whole recordings."""

import numpy as np
import pytest
import wfdb

from heartkit.signal.filters import causal, design, zero_phase
from heartkit.signal.resample import resample
from heartkit.transforms.filter import LONGEST_MATRIX, Filter

RATE = 100.0


@pytest.mark.parametrize("forward_backward", [True, False])
@pytest.mark.parametrize("corners", [(0.5, 40), (1.0, None), (None, 30)])
def test_the_matrix_is_the_recursion(corners, forward_backward, frames):
    lowcut, highcut = corners
    step = Filter.create({"lowcut": lowcut, "highcut": highcut, "forward_backward": forward_backward}, RATE)
    run = zero_phase if forward_backward else causal
    expected = run(design(lowcut, highcut, 3, RATE), frames.transpose(0, 2, 1)).transpose(0, 2, 1)
    np.testing.assert_allclose(step(frames)[..., 0], expected[..., 0], atol=2e-6)
    np.testing.assert_allclose(step(frames)[..., 1], expected[..., 1], atol=6e-4)


def test_frames_too_long_for_a_matrix_are_filtered_too(rng):
    long = rng.standard_normal((2, LONGEST_MATRIX + 1, 3), np.float32)
    expected = zero_phase(design(0.5, 40, 3, RATE), long.transpose(0, 2, 1)).transpose(0, 2, 1)
    np.testing.assert_array_equal(Filter.create({"lowcut": 0.5, "highcut": 40}, RATE)(long), expected)


@pytest.mark.parametrize("lowcut", [0.5, 1.0])
def test_offset_and_drift_leave_nothing_behind(lowcut, frames):
    step = Filter.create({"lowcut": lowcut, "highcut": 40}, RATE)
    drift = np.linspace(-3, 5, 256, dtype=np.float32)[None, :, None] + np.float32(40)
    quiet = frames[..., :1]
    np.testing.assert_allclose(step(quiet + drift), step(quiet), atol=2e-5)


def test_frames_of_real_recordings_come_near_to_filtering_the_whole_recording(shared_data):
    whole, cut, reference = [], [], []
    for record in (1, 8, 16, 33, 51, 77):
        signals = wfdb.rdrecord(str(shared_data / f"ludb/1.0.1/data/{record}")).p_signal.T
        whole.append(resample(signals, 500, RATE))
    signals = np.concatenate(whole)
    filtered = zero_phase(design(0.5, 40, 3, RATE), signals)
    for start in (250, 350, 450):
        cut.append(signals[:, start : start + 256])
        reference.append(filtered[:, start : start + 256])
    frames, truth = np.concatenate(cut)[..., None], np.concatenate(reference)
    error = Filter.create({"lowcut": 0.5, "highcut": 40}, RATE)(frames)[..., 0] - truth
    assert np.sqrt(np.mean(error**2)) < 0.15 * truth.std()
    # The middle of a frame hardly knows where the frame ends.
    assert np.sqrt(np.mean(error[:, 64:192] ** 2)) < 0.05 * truth.std()
