"""Strips: which stretches may be cut, and that what is cut is what stands there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.errors import ConfigError
from heartkit.frames.strips import chosen_leads, known_runs, require_leads, whole_leads
from heartkit.records.record import Spans
from made_records import plain_record, stored


def with_unknown(name: str, begin: float, end: float):
    """A record of 10 s on two leads; nothing is known of lead I from `begin` to `end`."""
    record = plain_record(name, leads=("I", "II"))
    known = Spans(np.array([0, 0, 1], np.int16), np.array([0, end, 0.0]), np.array([begin, 10.0, 10.0]))
    return type(record)(**{f: getattr(record, f) for f in record.__dataclass_fields__} | {"annotated": known})


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    records = [with_unknown("1", 2.0, 3.0), plain_record("2"), with_unknown("3", 9.0, 9.5), plain_record("4")]
    return stored(records, tmp_path_factory.mktemp("cache"))


def test_known_runs_are_the_longest_stretches_that_are_known(store):
    strips = known_runs(store, [0, 1], None)
    rows = zip(strips.record, strips.lead, strips.begin, strips.length, strict=True)
    assert list(rows) == [(0, 0, 0, 201), (0, 0, 300, 700), (0, 1, 0, 1000), (1, 0, 0, 1000)]
    for record, lead, begin, length in zip(strips.record, strips.lead, strips.begin, strips.length, strict=True):
        row = np.concatenate(([-1], store.track(record)[lead], [-1]))
        assert (row[begin + 1 : begin + 1 + length] >= 0).all()
        assert row[begin] == row[begin + 1 + length] == -1


def test_whole_leads_hold_what_is_unknown_too(store):
    strips = whole_leads(store, [0, 3], None)
    rows = zip(strips.record, strips.lead, strips.begin, strips.length, strict=True)
    assert list(rows) == [(0, 0, 0, 1000), (0, 1, 0, 1000), (3, 0, 0, 1000)]


def test_leads_are_chosen_in_any_letter_case(store):
    assert known_runs(store, [0, 2], ["ii"]).lead.tolist() == [1, 1]
    assert chosen_leads(["I", "aVR", "V1"], ["v1", "AVR"]) == [2, 1]
    # A recording without a lead gives those that it has; a lead that none has is a mistake.
    assert set(known_runs(store, [0], ["I", "V9"]).lead) == {0}
    with pytest.raises(ConfigError, match=r"Unknown lead of dataset 'made': 'V9'.* Known: "):
        require_leads(store, ["I", "V9"], "made")


def test_leads_may_be_numbers_as_older_files_have_them(store):
    assert chosen_leads(["I", "aVR", "V1"], [2, 0, "avr"]) == [2, 0, 1]
    assert chosen_leads(["I"], [0, 1]) == [0]
    with pytest.raises(ConfigError, match=r"Unknown lead of dataset 'made': '7'"):
        require_leads(store, [7], "made")


def test_no_records_give_no_strips(store):
    assert len(known_runs(store, [], None)) == len(whole_leads(store, [], None)) == 0


@given(st.data())
def test_what_is_cut_is_what_stands_there(store, data):
    strips = known_runs(store, range(4), None)
    size = data.draw(st.integers(1, 500))
    room = [n for n in range(len(strips)) if strips.length[n] >= size]
    rows = np.array(data.draw(st.lists(st.sampled_from(room), max_size=20)), np.int64)
    starts = np.array([data.draw(st.integers(0, int(strips.length[n]) - size)) for n in rows], np.int64)
    for column, matrix in (("signals", store.signals), ("track", store.track)):
        frames = strips.cut(column, rows, starts, size)
        assert frames.shape == (len(rows), size)
        for frame, row, start in zip(frames, rows, starts, strict=True):
            first = strips.begin[row] + start
            assert np.array_equal(frame, matrix(strips.record[row])[strips.lead[row], first : first + size])
        frames[...] = 7  # a copy: the store is not written


def test_taking_some_strips(store):
    strips = known_runs(store, range(4), None)
    some = strips.take(np.array([3, 1]))
    assert some.record.tolist() == [1, 0]
    zero = np.zeros(2, np.int64)
    assert np.array_equal(
        some.cut("signals", np.array([0, 1]), zero, 9), strips.cut("signals", np.array([3, 1]), zero, 9)
    )
