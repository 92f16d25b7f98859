"""QTDB holds excerpts of MIT-BIH: nobody may train in the one and be tested in the other."""

from types import SimpleNamespace

from heartkit.datasets.qtdb import origin
from heartkit.frames.overlap import keep_apart
from heartkit.frames.sources import Prepared


def prepared(name, **groups):
    names = [patient for group in groups.values() for patient in group]
    store = SimpleNamespace(ids=names, patients=names)
    return Prepared(name, store, {"train": [], "val": [], "test": []} | groups, None, 1.0)


QTDB = SimpleNamespace(origin=origin)
OTHERS = SimpleNamespace(origin=lambda record: None)


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
