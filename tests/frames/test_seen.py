"""Whom a model was trained on, run after run: nobody of them may be scored as if it had never seen them."""

from types import SimpleNamespace

import pytest

from heartkit.errors import DataError
from heartkit.frames.prepared import Prepared
from heartkit.frames.seen import Seen, copy_seen, keep_seen, patients_file

HOME = {"sel100": [("mitdb", "100")], "sel114": [("mitdb", "114")], "sel803": [("svdb", "803")]}


def prepared(name, excerpts=None, source=None, **groups):
    names = [patient for group in groups.values() for patient in group]
    every = {"train": [], "val": [], "test": []} | groups
    store = SimpleNamespace(ids=names, patients=names, leads=[["II"]] * len(names))
    return Prepared(name, store, every, None, 1.0, (), source or name, excerpts or {})


@pytest.fixture
def model(tmp_path):
    """A model that was trained on excerpts of MIT-BIH."""
    qtdb = prepared("qtdb", HOME, train=["sel100", "sele0104"], val=["sel114"], test=["sel803"])
    keep_seen([tmp_path / "model.keras"], [qtdb], [], Seen())
    return tmp_path / "model.keras"


def test_recordings_of_which_it_knows_an_excerpt_are_left_out_and_named(model, caplog):
    mitdb = prepared("mitdb", train=["101"], val=["100", "105"], test=["114", "103"])
    kept = Seen.by(model).less(mitdb)
    assert kept.groups == {"train": ["101"], "val": ["105"], "test": ["103"]}
    assert kept.left_out == {"val": ["100"], "test": ["114"]}
    assert "mitdb: left out of split 'test' 114: model.keras was trained on them" in caplog.text
    assert "114 as qtdb sel114" in caplog.text
    assert "take model.keras.patients.json away" in caplog.text


def test_excerpts_of_recordings_that_it_knows_are_left_out(tmp_path):
    keep_seen([tmp_path / "a.keras"], [prepared("mitdb", train=["100"])], [], Seen())
    qtdb = prepared("qtdb", HOME, test=["sel100", "sel114"])
    assert Seen.by(tmp_path / "a.keras").less(qtdb).groups["test"] == ["sel114"]


def test_two_excerpts_of_one_recording_are_of_one_patient(model, tmp_path):
    keep_seen([tmp_path / "a.keras"], [prepared("qtdb", HOME, train=["sel803"])], [], Seen())
    other = prepared("cut", {"x": [("svdb", "803")], "y": [("svdb", "804")]}, test=["x", "y"])
    assert Seen.by(tmp_path / "a.keras").less(other).groups["test"] == ["y"]
    assert Seen.by(model).less(other) is other, "it has only tested on that recording"


def test_patients_who_have_changed_sides_are_left_out(model):
    later = prepared("qtdb", HOME, train=["sel114"], val=["sel100", "sel123"], test=["sele0104", "sel114", "sel233"])
    kept = Seen.by(model).less(later)
    assert kept.groups == {"train": ["sel114"], "val": ["sel123"], "test": ["sel233"]}
    assert Seen.by(model).count(later) == 4


def test_of_the_same_split_nobody_is_left_out(model, caplog):
    same = prepared("qtdb", HOME, train=["sel100", "sele0104"], val=["sel114"], test=["sel803"])
    assert Seen.by(model).less(same) is same
    assert not caplog.text


def test_equal_names_in_another_source_are_other_patients(model):
    other = prepared("qtdb", source="elsewhere", test=["sel100"])
    assert Seen.by(model).less(other) is other


def test_what_a_model_started_from_it_knows_too(model, tmp_path):
    tuned = tmp_path / "tuned.keras"
    keep_seen([tuned], [prepared("ludb", train=["1"])], [], Seen.by(model))
    kept = Seen.by(tuned).less(prepared("mitdb", test=["100", "103"]))
    assert kept.groups["test"] == ["103"]
    copy_seen(tuned, tmp_path / "out.tflite")
    assert Seen.by(tmp_path / "out.tflite").known == Seen.by(tuned).known
    copy_seen(tmp_path / "moved.keras", tmp_path / "out.tflite")
    assert not patients_file(tmp_path / "out.tflite").exists(), "that of another model does not stay"


def test_a_model_that_was_moved_away_knows_nobody(tmp_path):
    mitdb = prepared("mitdb", test=["100"])
    seen = Seen.by(tmp_path / "moved.keras", None)
    assert not seen.models
    assert seen.less(mitdb) is mitdb


@pytest.mark.parametrize("text", ["{", "[]", '{"datasets": [{"name": 1}]}', '{"before": []}'])
def test_a_broken_file_says_what_to_do(model, text):
    patients_file(model).write_text(text)
    with pytest.raises(DataError, match=r"model.keras.patients.json.*cannot be read: .*Train anew, or delete it"):
        Seen.by(model)
