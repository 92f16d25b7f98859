"""Frames with several tags: from statements to superclasses, drawn by class, along whole strips."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.datasets.lsad import Lsad
from heartkit.datasets.ptbxl import PtbXl
from heartkit.errors import ConfigError
from heartkit.frames.framing import TagFrames
from heartkit.frames.sampling import frames_along
from heartkit.objectives.tag import Tag
from heartkit.records.vocabulary import Diagnosis
from made_records import plain_record, stored

NORM, STTC, MI, HYP, CD = Diagnosis
STATED = {
    "1": ("a", {"NORM": 100.0, "SR": 0.0}),
    "2": ("a", {"IMI": 35.0, "CLBBB": 100.0}),
    "3": ("b", {"LVH": 80.0, "NDT": 15.0}),
    "4": ("c", {"SR": 0.0, "LVOLT": 100.0}),  # nothing that has a superclass
    "5": ("d", {"IMI": 0.0}),  # a likelihood that nobody knows
}
EVERY = {number: number for number in range(5)}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Five recordings of 300 samples, two leads each."""
    records = [
        dataclasses.replace(plain_record(name, patient, 300, leads=("I", "II")), diagnoses=statements)
        for name, (patient, statements) in STATED.items()
    ]
    return stored(records, tmp_path_factory.mktemp("cache"))


def tags_by_record(framing, store):
    strips = framing.strips(store, range(len(store)), None, 100)
    index = frames_along(strips, 100, 100)
    targets = framing.targets(strips, index, 100)
    return {
        store.ids[record]: [set(np.flatnonzero(row)) for row in targets[strips.record[index.strip] == record]]
        for record in np.unique(strips.record)
    }


def test_tags_are_the_superclasses_of_the_statements(store):
    found = tags_by_record(TagFrames(), store)
    expected = {"1": {NORM}, "2": {MI, CD}, "3": {HYP, STTC}, "5": {MI}}
    assert found == {name: [tags] * 6 for name, tags in expected.items()}  # 2 leads x 3 frames; record 4 is left out


def test_statements_that_are_too_unlikely_do_not_count(store):
    found = tags_by_record(TagFrames(likelihood=50), store)
    assert {name: tags[0] for name, tags in found.items()} == {"1": {NORM}, "2": {CD}, "3": {HYP}}
    with pytest.raises(ConfigError, match="likelihood"):
        TagFrames.read({"likelihood": 101}, "task_params")


@given(st.lists(st.integers(0, 7), min_size=3, max_size=3).filter(any), st.integers(2, 200), st.integers(0, 2**32 - 1))
def test_a_list_draws_so_many_for_each_class_from_recordings_that_have_it(store, counts, size, seed):
    # Class 0: normal; 1: infarction or conduction disturbance; 2: hypertrophy.
    class_map = {int(NORM): 0, int(MI): 1, int(CD): 1, int(HYP): 2}
    framing = TagFrames()
    strips = framing.strips(store, range(5), None, size)

    def classes(targets):
        return Tag().answers(targets, class_map)

    index = framing.draw(classes, strips, counts, size, np.random.default_rng(seed))
    has = classes(framing.targets(strips, index, size)) > 0
    patients = [{"a"}, {"a", "d"}, {"b"}]
    at = 0
    for number, (count, able) in enumerate(zip(counts, patients, strict=True)):
        part = slice(at, at + count * len(able))
        assert has[part, number].all()
        names = np.array(store.patients)[strips.record[index.strip[part]]]
        assert {name: int((names == name).sum()) for name in able} == dict.fromkeys(able, count)
        at = part.stop
    assert at == len(index)
    assert (index.start + size <= strips.length[index.strip]).all()


@given(st.integers(1, 300), st.integers(1, 400))
def test_frames_along_strips_cover_them_all(store, size, hop):
    strips = TagFrames().strips(store, range(5), ["II"], size)
    index = frames_along(strips, size, hop)
    for strip in range(len(strips)):
        starts = index.start[index.strip == strip]
        assert starts[0] == 0
        assert starts[-1] + size == strips.length[strip]
        assert (np.diff(starts) <= hop).all()
    assert not len(frames_along(strips, 301, hop))


def test_real_headers(shared_data, tmp_path):
    """What both publishers write of some recordings, read by eye."""
    ptbxl = PtbXl(shared_data / "ptb-xl" / "1.0.3")
    lsad = Lsad(shared_data / "ecg-arrhythmia" / "1.0.0")
    expected = [
        (ptbxl.read("1"), {NORM}),  # {'NORM': 100.0, 'LVOLT': 0.0, 'SR': 0.0}
        (ptbxl.read("8"), {MI}),  # {'IMI': 35.0, 'ABQRS': 0.0, 'SR': 0.0}
        (ptbxl.read("77"), {MI, CD}),  # {'AMI': 50.0, 'IRBBB': 100.0, 'SR': 0.0}
        (lsad.read("JS00007"), {STTC}),  # atrial fibrillation, T wave change
        (lsad.read("JS00011"), {CD}),  # bradycardia, high voltage, first degree block
    ]
    records = [dataclasses.replace(one, id=str(number)) for number, (one, _) in enumerate(expected)]
    found = tags_by_record(TagFrames(), stored(records, tmp_path))
    assert [found[str(number)][0] for number in range(5)] == [tags for _, tags in expected]
    assert all(len({frozenset(tags) for tags in each}) == 1 for each in found.values())
