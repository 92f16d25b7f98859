"""Excerpts, and datasets that are configured twice: nobody may train in the one and be tested in the other."""

from pathlib import Path
from types import SimpleNamespace

from heartkit.datasets.ecg_synthetic import EcgSynthetic
from heartkit.datasets.qtdb import origin
from heartkit.frames.overlap import keep_apart
from heartkit.frames.prepared import Prepared


def prepared(name, **groups):
    names = [patient for group in groups.values() for patient in group]
    store = SimpleNamespace(ids=names, patients=names)
    return Prepared(name, store, {"train": [], "val": [], "test": []} | groups, None, 1.0)


QTDB = SimpleNamespace(name="qtdb", origin=origin, source=lambda: "qtdb")
OTHERS = SimpleNamespace(name="mitdb", origin=lambda record: None, source=lambda: "mitdb")


def test_excerpts_in_another_split_are_left_out(caplog):
    qtdb = prepared("qtdb", train=["sel100", "sel114", "sel102", "sele0104"], test=["sel123"])
    mitdb = prepared("mitdb", train=["114"], test=["100", "123"])  # 102 is paced: in no split
    kept, same = keep_apart([qtdb, mitdb], [QTDB, OTHERS])
    assert kept.groups == {"train": ["sel114", "sele0104"], "val": [], "test": ["sel123"]}
    assert same is mitdb
    assert "left out sel100, sel102, which are excerpts of recordings in another split of mitdb" in caplog.text


def test_an_excerpt_alone_stays():
    qtdb = prepared("qtdb", train=["sel100"])
    assert keep_apart([qtdb], [QTDB]) == [qtdb]


def test_of_two_entries_of_one_dataset_the_later_split_keeps_the_patient(caplog):
    by_hand = prepared("qtdb", train=["sel103", "sel104"], val=["sel105"], test=["sel123"])
    weak = prepared("qtdb", train=["sel103", "sel104", "sel105", "sel106"], val=["sel123"])
    same, kept = keep_apart([by_hand, weak], [QTDB, QTDB])
    assert same is by_hand
    assert kept.groups == {"train": ["sel103", "sel104", "sel106"], "val": [], "test": []}
    assert "qtdb: left out sel105, sel123, who are in a later split of another entry" in caplog.text


def test_patients_of_different_sources_only_share_their_names():
    first, second = prepared("ecg-synthetic", train=["0", "1"]), prepared("ecg-synthetic", val=["0", "1"])
    makers = [EcgSynthetic(Path(), {"seed": seed}) for seed in (1, 2)]
    assert keep_apart([first, second], makers) == [first, second]
    makers = [EcgSynthetic(Path(), {"num_pts": count}) for count in (2, 3)]
    assert keep_apart([first, second], makers)[0].groups["train"] == []


def test_excerpts_are_held_against_all_entries_of_the_other_dataset():
    qtdb = prepared("qtdb", train=["sel100", "sel114"])
    train, test = prepared("mitdb", train=["114"]), prepared("mitdb", test=["100"])
    for mitdb in ([train, test], [test, train]):
        assert keep_apart([qtdb, *mitdb], [QTDB, OTHERS, OTHERS])[0].groups["train"] == ["sel114"]
