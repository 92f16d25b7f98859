"""Whole recordings by overlapping windows: nothing is lost, nothing is shifted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.errors import DataError
from heartkit.frames.windows import hop_of, predict_recording, window_starts


def same(frames):
    return frames


@given(st.integers(1, 400), st.integers(0, 2000), st.integers(1, 300))
def test_windows_cover_every_sample(size, more, hop):
    samples = size + more
    starts = window_starts(samples, size, hop)
    assert starts[0] == 0
    assert starts[-1] == samples - size
    assert (np.diff(starts) > 0).all()
    assert (np.diff(starts) <= hop).all()


@given(
    st.integers(1, 64), st.integers(0, 200), st.floats(0, 0.99), st.integers(1, 3), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_a_model_that_returns_its_input_returns_the_recording(size, more, overlap, channels, seed):
    signal = np.random.default_rng(seed).standard_normal((size + more, channels)).astype(np.float32)
    assert np.allclose(predict_recording(signal, size, same, same, overlap), signal, atol=1e-5)


def test_answers_stand_where_their_samples_are():
    """Each sample is its own time; the model names the class of it, as one of five, and the first wins a tie."""
    signal = np.arange(103, dtype=np.float32)[:, None]
    answer = predict_recording(
        signal, 16, same, lambda frames: np.eye(5, dtype=np.float32)[frames[..., 0].astype(int) % 5]
    )
    assert answer.shape == (103, 5)
    assert np.array_equal(answer, np.eye(5)[np.arange(103) % 5])


def test_overlaps_are_weighted_towards_the_windows_centres():
    """A model that answers with the position in the window, 0 to 3, on windows from 0 to 3 and from 2 to 5."""
    position = np.arange(4, dtype=np.float32)[None, :, None]
    answer = predict_recording(
        np.zeros((6, 1), np.float32), 4, same, lambda frames: np.repeat(position, len(frames), axis=0), overlap=0.5
    )
    # Weights 1 2 2 1: the sample at 2 is 2 with weight 2 and 0 with weight 1, the one at 3 is 3 and 1.
    assert np.allclose(answer[:, 0], [0, 1, 4 / 3, (3 * 1 + 1 * 2) / 3, 2, 3])


def test_preprocessing_sees_each_window_alone():
    seen = []

    def centred(frames):
        seen.append(frames.shape)
        assert frames.dtype == np.float32
        return frames - frames.mean(axis=1, keepdims=True)

    signal = np.ones((10, 2), np.float32) * 5
    assert np.allclose(predict_recording(signal, 4, centred, same), 0)
    assert seen == [(4, 4, 2)]


def test_one_window_exactly():
    signal = np.arange(8, dtype=np.float32)[:, None]
    assert np.array_equal(predict_recording(signal, 8, same, same), signal)


def test_a_recording_that_is_too_short():
    with pytest.raises(DataError, match="has 7 samples, but the model takes frames of 8"):
        predict_recording(np.zeros((7, 1), np.float32), 8, same, same)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(bad):
    signal = np.zeros((20, 2), np.float32)
    signal[[5, 9], [1, 0]] = bad
    with pytest.raises(DataError, match="NaN or infinite at 2 samples, first at sample 5"):
        predict_recording(signal, 8, same, same)


def test_windows_follow_each_other_by_what_they_do_not_share():
    assert [hop_of(100, overlap) for overlap in (0.0, 0.5, 0.75, 0.999)] == [100, 50, 25, 1]
    assert hop_of(1, 0.5) == 1
