"""The pieces of interactive charts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.records.record import Waves
from heartkit.reports.charts import chart, layout, packed
from heartkit.reports.segmentation_charts import segments


@given(
    samples=st.integers(1, 60),
    rate=st.sampled_from([50.0, 100.0, 128.0]),
    spans=st.lists(st.tuples(st.integers(0, 70), st.integers(0, 20)), max_size=5),
)
def test_segments_are_the_samples_within_waves(samples, rate, spans):
    signal = np.arange(samples, dtype=np.float32)
    onset = np.array([first / rate for first, _ in spans])
    offset = np.array([(first + more) / rate for first, more in spans])
    count = len(spans)
    waves = Waves(np.ones(count, np.int8), onset, onset, offset, np.zeros(count, np.int16))
    time, values = segments(signal, rate, waves)
    expected = []
    for start, stop in zip(onset, offset, strict=True):
        expected += [value for value in range(samples) if start - 1e-6 <= value / rate <= stop + 1e-6] + [np.nan]
    np.testing.assert_array_equal(values, np.array(expected, np.float32))
    known = ~np.isnan(values)
    np.testing.assert_allclose(time[known], values[known] / rate, rtol=1e-6)


@pytest.mark.parametrize(
    ("values", "kind"),
    [(np.array([1.5, np.nan, -2.0]), "f4"), (np.array([1, -2, 3]), "i4"), (np.array([0, 255], np.uint8), "u1")],
)
def test_packed_numbers_come_back(values, kind, unpack):
    found = packed(values)
    assert found["dtype"] == kind
    np.testing.assert_array_equal(unpack(found), values)


def test_a_chart_cannot_be_left_by_its_data():
    made = chart([{"name": "</script><b>"}], layout(100), '"><b>', "caption")
    assert made.count("</script>") == 1
    assert "<b>" not in made
