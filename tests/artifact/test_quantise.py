import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.artifact.quantise import dequantise, quantise
from heartkit.artifact.runners import LiteRTRunner
from tiny_network import converted, sines


@given(
    st.lists(st.floats(-1e4, 1e4, width=32), min_size=1), st.floats(1e-3, 10), st.integers(-128, 127),
    st.sampled_from(["int8", "int16"]),
)  # fmt: skip
def test_it_is_off_by_half_a_unit_at_most_and_clips_beyond(values, scale, zero_point, dtype):
    x = np.array(values, np.float32)
    limits = np.iinfo(dtype)
    back = dequantise(quantise(x, scale, zero_point, dtype), scale, zero_point)
    low, high = (limits.min - zero_point) * scale, (limits.max - zero_point) * scale
    assert np.all(np.abs(back - np.clip(x, low, high)) <= scale * 0.501 + 1e-6 * np.abs(x))


def test_halves_go_away_from_zero():
    x = np.array([-1.5, -0.5, 0.5, 1.5, 2.5], np.float32)
    assert quantise(x, 1.0, 3, "int8").tolist() == [1, 2, 4, 5, 6]


@pytest.mark.parametrize(("format", "own"), [("INT8", "int8"), ("INT16X8", "int16")])
def test_it_gives_what_litert_s_own_operators_give(format, own):
    frames = sines(32, seed=5)
    inside = LiteRTRunner(converted(format, "float32"), reference=True)
    outside = LiteRTRunner(converted(format, own), reference=True)
    info, result = outside.model.input, outside.model.output
    raw = outside.run(quantise(frames, info.scale, info.zero_point, info.dtype))
    np.testing.assert_allclose(
        dequantise(raw, result.scale, result.zero_point), inside.run(frames), atol=result.scale * 1e-3
    )
