"""Records and annotations: what they refuse, and what `head` keeps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.errors import RecordError
from heartkit.records.record import ALL_LEADS, Beats, Record, Spans, Waves
from heartkit.records.vocabulary import Wave
from heartkit.records.wave_track import wave_track
from made_records import plain_record
from wave_records import wave_records


def waves(onset, peak, offset, kind=Wave.QRS, lead=0) -> Waves:
    count = len(onset)
    return Waves(
        np.full(count, kind, np.int8), np.array(onset, float), np.array(peak, float), np.array(offset, float),
        np.full(count, lead, np.int16),
    )  # fmt: skip


def record(**changes) -> Record:
    given = {
        "id": "r1", "patient": "p", "sampling_rate": 100.0, "leads": ("I", "II"), "units": ("mV", "mV"),
        "signals": np.zeros((2, 200), np.float32),
    }  # fmt: skip
    return Record(**(given | changes))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: waves([1, 2], [1, 2], [1]), "different lengths: [2, 2, 2, 1, 2]"),
        (lambda: waves([1], [np.nan], [2]), "NaN or infinity"),
        (lambda: waves([1], [1], [np.inf]), "NaN or infinity"),
        (lambda: waves([0, 1.5], [0.5, 1.2], [1, 2]), "Wave 1 is out of order: onset 1.500 s, peak 1.200 s"),
        (lambda: waves([1], [1.5], [1.2]), "Wave 0 is out of order"),
        (lambda: Spans(np.array([1]), np.array([2.0]), np.array([1.0])), "starts at 2.000 s, after its end at 1.000 s"),
        (lambda: Spans(np.array([1, 1]), np.array([2.0]), np.array([3.0])), "different lengths: [2, 1, 1]"),
        (lambda: Spans(np.array([1]), np.array([np.nan]), np.array([3.0])), "NaN or infinity"),
        (lambda: Beats(np.array([1.0, 2.0]), np.array([0])), "different lengths: [2, 1]"),
        (lambda: Beats(np.array([-np.inf]), np.array([0])), "NaN or infinity"),
    ],
)
def test_annotations_that_contradict_themselves_are_refused(make, said):
    with pytest.raises(RecordError, match=said.replace("[", r"\[").replace("]", r"\]")):
        make()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"signals": np.zeros(200, np.float32)}, r"shape \(200,\) do not fit 2 leads"),
        ({"leads": ("I",)}, "do not fit 1 leads and 2 units"),
        ({"units": ("mV",)}, "do not fit 2 leads and 1 units"),
        ({"signals": np.zeros((2, 0), np.float32)}, "hold no sample"),
        ({"signals": np.zeros((0, 9), np.float32), "leads": (), "units": ()}, "hold no sample"),
        ({"sampling_rate": 0.0}, "sampling rate 0.0 Hz"),
        ({"sampling_rate": float("nan")}, "sampling rate nan Hz"),
        ({"waves": waves([1.9], [1.95], [2.1])}, r"2\.100 s, beyond the end at 2\.000 s"),
        ({"waves": waves([-0.1], [0], [0.1])}, r"-0\.100 s, before the start"),
        ({"beats": Beats(np.array([2.5]), np.array([0], np.int8))}, r"2\.500 s, beyond the end"),
        ({"rhythms": Spans(np.array([1]), np.array([0.0]), np.array([9.0]))}, r"9\.000 s, beyond the end"),
        ({"annotated": Spans(np.array([1]), np.array([0.0]), np.array([9.0]))}, r"9\.000 s, beyond the end"),
        ({"waves": waves([1], [1], [1], lead=2)}, "wave 0 is of lead 2; leads: 2"),
        ({"waves": waves([1], [1], [1], lead=-2)}, "wave 0 is of lead -2"),
        ({"annotated": Spans(np.array([ALL_LEADS]), np.array([0.0]), np.array([1.0]))}, "part 0 is of lead -1"),
    ],
)
def test_records_that_contradict_themselves_are_refused(changes, said):
    with pytest.raises(RecordError, match=said) as caught:
        record(**changes)
    assert "'r1'" in str(caught.value)


def test_an_annotation_may_end_with_the_recording():
    assert record(waves=waves([1.9], [1.95], [2.0])).duration == 2.0


def test_waves_of_a_lead_are_sorted_and_hold_those_of_all_leads():
    mixed = Waves(
        np.array([1, 2, 3, 1], np.int8), *(np.array([3.0, 1.0, 2.0, 0.0]) for _ in range(3)),
        np.array([0, 0, ALL_LEADS, 1], np.int16),
    )  # fmt: skip
    assert mixed.on_lead(0).onset.tolist() == [1.0, 2.0, 3.0]
    assert mixed.on_lead(1).kind.tolist() == [1, 3]
    assert mixed.of_kind(1).onset.tolist() == [3.0, 0.0]


def brute_track(one: Waves, annotated: Spans, leads: int, samples: int, rate: int) -> list[list[int]]:
    """Ask for each sample of each lead in whole numbers: time k / rate s against milliseconds."""
    milli = lambda times: [round(1000 * float(t)) for t in times]  # noqa: E731
    track = [[-1] * samples for _ in range(leads)]
    spans = list(zip(annotated.kind, milli(annotated.start), milli(annotated.stop), [0] * len(annotated), strict=True))
    spans += list(zip(one.lead, milli(one.onset), milli(one.offset), one.kind.tolist(), strict=True))
    for lead, begin, end, value in spans:
        for row in range(leads) if lead == ALL_LEADS else [lead]:
            for k in range(samples):
                if begin * rate <= 1000 * k <= end * rate:
                    track[row][k] = value
    return track


@given(
    st.data(), st.integers(1, 3), st.integers(1, 80), st.sampled_from([1, 50, 100, 128, 250, 360, 500, 1000]),
)  # fmt: skip
def test_track_against_its_definition(data, leads, samples, rate):
    times = st.integers(0, 1500)
    spans = data.draw(st.lists(st.tuples(st.integers(0, leads - 1), times, times), max_size=4))
    marks = data.draw(st.lists(st.tuples(st.integers(-1, leads - 1), times, times, st.integers(1, 7)), max_size=6))
    lead, start, stop = np.array([(one, *sorted(both)) for one, *both in spans], int).reshape(-1, 3).T
    annotated = Spans(lead, start / 1000, stop / 1000)
    lead, onset, offset, kind = np.array([(one, *sorted(ab), k) for one, *ab, k in marks], int).reshape(-1, 4).T
    found = Waves(kind, onset / 1000, onset / 1000, offset / 1000, lead)
    assert wave_track(found, annotated, leads, samples, rate).tolist() == brute_track(
        found, annotated, leads, samples, rate
    )


def test_times_before_the_first_sample_touch_nothing():
    before = waves([-3], [-2], [-1])
    assert (wave_track(before, Spans.empty(), 1, 10, 100) == -1).all()
    crossing = wave_track(waves([-3], [-2], [0.02]), Spans.empty(), 1, 10, 100)[0]
    assert crossing.tolist() == [2, 2, 2] + [-1] * 7


@given(wave_records(), st.data())
def test_what_a_head_knows_is_what_the_whole_knew(whole, data):
    samples = data.draw(st.integers(1, whole.signals.shape[1]))
    head = whole.head(samples)
    assert np.array_equal(head.signals, whole.signals[:, :samples])
    assert head.duration == samples / whole.sampling_rate
    assert set(head.waves.offset) == {t for t in whole.waves.offset if t <= head.duration}
    assert head.beats.time.tolist() == [t for t in whole.beats.time if t <= head.duration]
    after, before = (
        wave_track(one.waves, one.annotated, len(one.leads), samples, one.sampling_rate) for one in (head, whole)
    )
    known = after >= 0
    assert (after[known] == before[known]).all()
    # Only waves that the cut went through, and what follows them, may be forgotten.
    cut = whole.waves.offset > head.duration
    for lead in range(len(whole.leads)):
        of_lead = whole.waves.onset[cut & (whole.waves.lead == lead)]
        since = int((of_lead.min(initial=np.inf) - 0.5 / whole.sampling_rate) * whole.sampling_rate) \
            if of_lead.size else samples  # fmt: skip
        assert (after[lead, : max(0, since)] == before[lead, : max(0, since)]).all()


def test_a_head_that_is_longer_than_the_record_is_the_record():
    whole = plain_record("1", samples=50)
    head = whole.head(80)
    assert head.signals.shape == (1, 50)
    assert head.annotated.stop.tolist() == [0.5]
