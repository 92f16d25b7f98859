"""What a task is: a vocabulary, a framing, an objective, and modes looked up by name."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from heartkit.factories import ModeFactory, TaskFactory
from heartkit.frames.framing import WaveFrames
from heartkit.frames.sampling import FrameIndex
from heartkit.params import HKDemoParams, HKDownloadParams, HKExportParams, HKTestParams, HKTrainParams
from heartkit.records.vocabulary import Wave
from heartkit.registry import load_object
from heartkit.tasks.segmentation import TASK

MODES = {
    "download": HKDownloadParams,
    "train": HKTrainParams,
    "evaluate": HKTestParams,
    "export": HKExportParams,
    "demo": HKDemoParams,
}


@pytest.mark.parametrize("name", TaskFactory.list())
def test_every_task_is_whole(name):
    task = TaskFactory.get(name)
    assert task.name == name
    assert task.summary
    assert task.vocabulary is None or len(task.vocabulary) > 1
    words = {word for need in task.framing.needs for word in need.split(" or ")}
    assert words <= {"waves", "beats", "rhythms", "diagnoses", "ecg", "ppg"}
    assert "loss" in task.objective.watched
    assert task.objective.main in task.objective.watched
    assert callable(load_object(task.view))


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_gets_the_parameters_and_the_task(monkeypatch, mode):
    called = []
    monkeypatch.setattr(ModeFactory, "get", lambda name: lambda *given: called.append((name, *given)) or "result")
    params = MODES[mode]()
    assert getattr(TASK, mode)(params) == "result"
    assert called == [(mode, params, TASK)]


def test_targets_are_the_framings_in_the_configurations_classes():
    class Framing(WaveFrames):
        def cut(self, strips, frames, frame_size):
            return "frames"

        def targets(self, strips, frames, frame_size):
            assert (strips, frame_size) == ("strips", 4)
            return np.array([[Wave.NONE, Wave.P, Wave.QRS, -1]], np.int8)[frames.strip]

    task = dataclasses.replace(TASK, framing=Framing())
    frames = FrameIndex(np.zeros(2, int), np.zeros(2, int), np.zeros(2, int))
    cut, classes = task.cutter({0: 0, 2: 1, 1: 0}).read("strips", frames, 4)
    assert cut == "frames"
    assert classes.tolist() == [[0, 0, 1, -1]] * 2
