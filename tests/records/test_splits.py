"""Splits by patient: complete, disjoint, and the same whoever else is there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartkit.errors import ConfigError
from heartkit.records.source import RecordInfo
from heartkit.records.splits import SPLITS, split_patients

NAMES = st.sets(st.text("abcdef0123456789é", min_size=1, max_size=6), min_size=1, max_size=60)
FIXED = st.sampled_from([None, None, *SPLITS, "none"])


def listing(patients, splits=None) -> list[RecordInfo]:
    return [RecordInfo(f"{p}-1", p, (splits or {}).get(p)) for p in patients]


def place(groups) -> dict[str, str]:
    assert sorted(groups) == sorted(SPLITS)
    assert sum(map(len, groups.values())) == len({p for group in groups.values() for p in group}), "somebody is twice"
    return {patient: name for name, group in groups.items() for patient in group}


@given(NAMES, st.data())
def test_everybody_is_in_one_split_and_published_ones_where_they_belong(patients, data):
    splits = {patient: data.draw(FIXED) for patient in sorted(patients)}
    published = data.draw(st.sets(st.sampled_from(SPLITS)))
    where = place(split_patients("d", listing(patients, splits), published))
    for patient, fixed in splits.items():
        # Unless it is published, the validation set is made of those who would train.
        allowed = {fixed} | ({"val"} if fixed == "train" and "val" not in published else set())
        if fixed == "none":
            assert patient not in where
        elif fixed is not None:
            assert where[patient] in allowed
        elif patient in where:
            chosen = where[patient]
            assert chosen not in published or (chosen == "val" and "val" not in published)
    if not published:
        assert set(where) == {patient for patient, fixed in splits.items() if fixed != "none"}


@given(NAMES, NAMES, st.randoms())
def test_neither_order_nor_new_patients_move_anybody(patients, others, shuffle):
    order = sorted(patients)
    before = split_patients("d", listing(order))
    shuffle.shuffle(order)
    assert split_patients("d", listing(order)) == before
    after = place(split_patients("d", listing(patients | others)))
    here = place(before)
    if len(before["val"]) > 1:  # a lonely one may stand in for a share that is empty
        assert {p: after[p] for p in patients} == here
    assert {p for p in patients if after[p] == "test"} == set(before["test"])


def test_shares_are_kept_on_the_whole():
    patients = [f"p{n}" for n in range(5000)]
    groups = split_patients("d", listing(patients))
    # Three standard deviations of a binomial draw of 5000.
    assert len(groups["test"]) == pytest.approx(1000, abs=3 * 28)
    assert len(groups["val"]) == pytest.approx(800, abs=3 * 26)
    other = split_patients("another name", listing(patients))
    assert other["test"] != groups["test"], "the dataset's name is part of the hash"
    fewer = split_patients("d", listing(patients), val_patients=0.1)
    assert set(fewer["val"]) < set(groups["val"])
    assert fewer["test"] == groups["test"]
    assert len(fewer["val"]) == pytest.approx(400, abs=3 * 20)


def test_records_of_one_patient_stay_together():
    infos = [RecordInfo(f"r{n}", f"p{n % 7}", "test" if n == 3 else None) for n in range(70)]
    where = place(split_patients("d", infos, ()))
    assert set(where) == {f"p{n}" for n in range(7)}
    assert where["p3"] == "test", "one of its recordings is published as test"


def test_counts():
    patients = [f"p{n}" for n in range(100)]
    groups = split_patients("d", listing(patients), train_patients=10, val_patients=7, test_patients=3)
    assert {name: len(group) for name, group in groups.items()} == {"train": 10, "val": 7, "test": 3}
    more = split_patients("d", listing(patients), train_patients=20, val_patients=7, test_patients=4)
    assert groups["train"] == more["train"][:10]
    assert groups["test"] == more["test"][:3]
    half = split_patients("d", listing(patients), train_patients=0.5)
    whole = split_patients("d", listing(patients))
    assert len(half["train"]) == round(len(whole["train"]) / 2)
    assert half["val"] == whole["val"]


@pytest.mark.parametrize("which", ["train_patients", "val_patients", "test_patients"])
def test_more_than_there_are_is_an_error(which):
    with pytest.raises(ConfigError, match=rf"{which} = 101, but there are only \d+ patients .* in dataset 'd'"):
        split_patients("d", listing([f"p{n}" for n in range(100)]), **{which: 101})


def test_published_validation_patients_can_be_limited():
    splits = {f"p{n}": "val" if n < 5 else "train" for n in range(20)}
    groups = split_patients("d", listing(splits, splits), {"train", "val", "test"}, val_patients=2)
    assert len(groups["val"]) == 2
    assert not groups["test"]
    assert len(groups["train"]) == 15, "those left out of validation do not train"


def test_ludb_holds_out_every_fifth_even_if_none_of_them_is_here():
    here = [RecordInfo(str(n), str(n), "test" if n % 5 == 0 else None) for n in range(1, 201)]
    groups = split_patients("ludb", here, {"test"})
    assert sorted(map(int, groups["test"])) == list(range(5, 201, 5))
    without = split_patients("ludb", [info for info in here if info.split is None], {"test"})
    assert without == groups | {"test": []}


def test_a_handful_still_validates():
    for count in range(2, 12):
        groups = split_patients("d", listing([f"p{n}" for n in range(count)]), {"test"})
        assert groups["val"]
        assert groups["train"]
    assert split_patients("d", listing(["alone"]), {"test"}) == {"train": ["alone"], "val": [], "test": []}


def test_a_dataset_that_contradicts_itself():
    with pytest.raises(ConfigError, match="'p' is in two published splits: train, test"):
        split_patients("d", [RecordInfo("1", "p", "train"), RecordInfo("2", "p", "test")], {"train", "test"})
    with pytest.raises(ConfigError, match="Record '1' is in split 'dev'; expected"):
        split_patients("d", [RecordInfo("1", "p", "dev")])
