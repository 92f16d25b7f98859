"""Classes that nobody has: named in check and in train, and an error where nothing is left to learn."""

import re

import numpy as np
import pytest

from heartkit.datasets.ecg_synthetic import EcgSynthetic
from heartkit.datasets.ptbxl import PtbXl
from heartkit.errors import ConfigError, NoRecordsError
from heartkit.modes import class_counts
from heartkit.modes.check import check
from heartkit.modes.class_counts import Look, count_frames, say_counts
from heartkit.modes.data import TaskData
from heartkit.modes.train import train
from heartkit.objectives.classify import Classify
from heartkit.objectives.segment import Segment
from heartkit.objectives.tag import Tag
from heartkit.tasks.rhythm import TASK as RHYTHM
from tiny_runs import NETWORK, VALUES, params_of, synthetic

THREE = {
    "num_classes": 3,
    "class_map": {"0": 0, "1": 0, "2": 0, "3": 0, "7": 1, "6": 2},
    "class_names": ["sinus", "AFIB", "tachycardia"],
    "datasets": [synthetic(num_pts=30, params={"duration": 6, "presets": ["SR", "AFIB"]})],
}


def checked(task: str = "rhythm", **changes):
    return check(
        {**VALUES, "datasets": [synthetic()], "job_dir": "/nowhere", "architecture": {"name": "tcn", "params": NETWORK}}
        | changes,
        task,
    )


def test_counts_of_answers():
    assert Classify().class_counts(np.array([0, 2, -1, 2]), 4).tolist() == [1, 0, 2, 0]
    assert Segment().class_counts(np.array([[0, 0, 1], [-1, 0, 0]]), 3).tolist() == [2, 1, 0]
    assert Tag().class_counts(np.array([[1, 0], [1, 1]], np.float32), 2).tolist() == [2, 1]
    assert Classify().class_counts(np.empty(0, np.int8), 2).tolist() == [0, 0]


def test_drawn_frames_are_counted_by_their_labels(cache, tmp_path, monkeypatch):
    data = TaskData(params_of("train", tmp_path, cache, **THREE), RHYTHM, 3)
    sets, cutter = data.sets("train", 20), data.task.cutter(data.class_map)
    monkeypatch.setattr("heartkit.frames.strips.Strips.cut", None)  # signals are not needed
    counts = count_frames(sets, cutter, 3)
    assert counts.sum() == len(sets[0])
    assert counts.astype(bool).tolist() == [True, True, False]


def test_training_names_the_class_and_the_split(cache, tmp_path):
    train(params_of("train", tmp_path, cache, **THREE, epochs=1, steps_per_epoch=2), RHYTHM)
    log = (tmp_path / "heartkit.log").read_text()
    for split in ("train", "val"):
        assert re.search(f"WARNING .*Split '{split}': no frame is of class ('AFIB', )?'tachycardia'\\.", log)
    assert "frames of each class in split 'train': sinus " in log


def test_training_on_one_class_is_an_error(cache, tmp_path):
    one = THREE | {"datasets": [synthetic()]}
    with pytest.raises(ConfigError, match="Split 'train': no frame is of class 'AFIB', 'tachycardia'"):
        train(params_of("train", tmp_path, cache, **one), RHYTHM)
    none = one | {"class_map": {"0": -1, "7": 1, "6": 2}}
    with pytest.raises(NoRecordsError, match="none of the labels in class_map occurs there"):
        train(params_of("train", tmp_path, cache, **none), RHYTHM)
    with pytest.raises(ConfigError, match="no frame is of class 'MI'"):
        say_counts("train", np.array([0]), ["MI"], Tag())
    say_counts("val", np.array([0]), ["MI"], Tag())


def test_check_names_them_without_preparing():
    notes = [note for note in checked(**THREE).notes if "of class" in note]
    for split, note in zip(("train", "val", "test"), notes, strict=True):
        assert re.match(f"Split '{split}': no frame is of class ('AFIB', )?'tachycardia'\\.", note)
    (problem,) = checked(**THREE | {"datasets": [synthetic()]}).problems
    assert problem.startswith("Split 'train': no frame is of class 'AFIB', 'tachycardia'.")


def test_check_knows_the_classes_of_samples():
    assert not [note for note in checked("segmentation").notes if "of class" in note]
    five = {"num_classes": 5, "class_map": {"0": 0, "1": 1, "2": 2, "3": 3, "5": 4}, "class_names": None}
    assert "no frame is of class 'NOISE'" in " ".join(checked("segmentation", **five).notes)


def test_check_does_not_look_for_long(monkeypatch):
    monkeypatch.setattr(class_counts, "PATIENCE", 0.0)
    one = THREE | {"datasets": [synthetic(num_pts=30)]}
    assert not [note for note in checked(**one).notes if "Split 'train'" in note], "four recordings say nothing"
    monkeypatch.setattr(class_counts, "FEW", 4)
    found = checked(**one)
    (note, *_) = [note for note in found.notes if "of class" in note]
    assert "recordings 4 were looked at, and none has a frame of class 'AFIB', 'tachycardia'. `heartkit train`" in note
    assert not found.problems


def test_a_class_that_only_the_last_dataset_has_is_met_early(monkeypatch):
    monkeypatch.setattr(class_counts, "PATIENCE", 60.0)
    read = []
    real = EcgSynthetic.read_annotations
    monkeypatch.setattr(EcgSynthetic, "read_annotations", lambda self, ids: read.append(ids) or real(self, ids))
    fast = synthetic(num_pts=90, params={"duration": 6, "presets": ["AFIB"]})
    two = {"num_classes": 2, "class_map": THREE["class_map"] | {"6": -1}, "class_names": ["sinus", "AFIB"]}
    assert not [note for note in checked(datasets=[synthetic(num_pts=90), fast], **two).notes if "of class" in note]
    assert len(read) == 6, "two looks for each split"


def test_words_of_a_whole_look():
    look = Look(np.array([3, 0]), 2, 2)
    assert look.words("val", ["a", "b"]).startswith("Split 'val': no frame is of class 'b'. It is not scored")


def test_annotations_of_ptbxl_are_those_of_its_recordings(shared_data):
    dataset = PtbXl(shared_data / "ptb-xl" / "1.0.3")
    names = [info.id for info in dataset.listing()][:5]
    for quick, whole in zip(dataset.read_annotations([*names, "x"]), dataset.read_many([*names, "x"]), strict=True):
        if isinstance(whole, Exception):
            assert str(quick) == str(whole)
            continue
        assert (quick.diagnoses, quick.duration, quick.leads) == (whole.diagnoses, whole.duration, whole.leads)
        assert quick.rhythms.kind.tolist() == whole.rhythms.kind.tolist()
