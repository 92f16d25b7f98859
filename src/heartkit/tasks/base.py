"""What a task is, and its five modes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.factories import ModeFactory
from heartkit.frames.arranging import Augment, Frames
from heartkit.frames.framing import Framing
from heartkit.frames.sampling import FrameIndex
from heartkit.frames.strips import Leads, Strips
from heartkit.objectives.base import Objective
from heartkit.params import HKDemoParams, HKDownloadParams, HKExportParams, HKTestParams, HKTrainParams
from heartkit.records.record import Record
from heartkit.records.store import Store


@dataclass(frozen=True)
class Demonstration:
    """One recording and a model, for a task's view to show.

    Parameters
    ----------
    dataset : str
        Where the recording is from.
    record : Record
        It, at the model's sampling rate.
    lead : int
        Which of its leads.
    answer : callable
        The model, as its task's objective wraps it.
    class_names : list of str
        Names of its classes.
    model, backend : str
        The model's file name, and where it runs.
    framing : Framing, optional
        How the task, as it is configured, cuts frames.
    leads : sequence of int
        Numbers of the leads that the configuration uses.
    augment : callable, optional
        ``augment(frames, rng)``: the configured augmentations as held-out frames go through them, where they are part
        of the task.
    seed : int
        Where randomness starts.
    thresholds : mapping of str to float
        Class -> what was chosen for it on validation frames when the model was trained; empty where nothing was.
    others : callable
        ``others(count)`` returns so many further recordings of other patients of the same split, each with the number
        of its lead to show; fewer where there are not so many.
    """

    dataset: str
    record: Record
    lead: int
    answer: Any
    class_names: list[str]
    model: str
    backend: str
    framing: Any = None
    leads: Sequence[int] = ()
    augment: Augment | None = None
    seed: int = 0
    thresholds: Mapping[str, float] = field(default_factory=dict)
    others: Callable[[int], list[tuple[Record, int]]] = lambda count: []


@dataclass(frozen=True)
class TaskCutter:
    """A task's framing and objective in the classes of a configuration: where frames are, and their answers.

    Parameters
    ----------
    framing : Framing
        Where frames are cut.
    objective : Objective
        What is made of the answers.
    class_map : mapping of int to int
        Numbers of the vocabulary -> classes.
    """

    framing: Framing
    objective: Objective
    class_map: Mapping[int, int]

    def strips(self, store: Store, records: Sequence[int], leads: Leads, frame_size: int) -> Strips:
        """Return where frames may be cut."""
        return self.framing.strips(store, records, leads, frame_size)

    def draw(
        self, strips: Strips, per_patient: int | list[int], frame_size: int, rng: np.random.Generator
    ) -> FrameIndex:
        """Choose frames, knowing the classes."""
        classes = partial(self.objective.answers, class_map=self.class_map)
        return self.framing.draw(classes, strips, per_patient, frame_size, rng)

    def read(self, strips: Strips, frames: FrameIndex, frame_size: int) -> tuple[Frames, NDArray[Any]]:
        """Return frames, (n, frame_size, channels), and their answers in classes."""
        return self.framing.cut(strips, frames, frame_size), self.answers(strips, frames, frame_size)

    def answers(self, strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
        """Return the answers to frames in classes, without reading a signal where they do not depend on it."""
        return self.objective.answers(self.framing.targets(strips, frames, frame_size), self.class_map)


@dataclass(frozen=True)
class Task:
    """A task: which words it uses, how its frames are cut, and what kind of answer it asks for.

    Parameters
    ----------
    name, summary : str
        Its name in configurations, and a line about it.
    vocabulary : type of IntEnum or None
        The numbers that ``class_map`` maps from; None for a task without classes.
    framing : Framing
        Where frames are cut, and the answer to each.
    objective : Objective
        Loss, scores and decoding.
    view : str
        ``"module:function"``: ``show(demonstration, report, picture)`` shows a recording, and returns what to say.

    Notes
    -----
    Modes are looked up by name when they are called, so that a task does not depend on them.
    """

    name: str
    summary: str
    vocabulary: type[IntEnum] | None
    framing: Framing
    objective: Objective
    view: str

    def configured(self, task_params: Mapping[str, Any]) -> Task:
        """Return the task with what a configuration's ``task_params`` say about its frames.

        Raises
        ------
        ConfigError
            If they hold an unknown key or an unusable value.
        """
        return replace(self, framing=type(self.framing).read(task_params, f"task_params of task {self.name!r}"))

    def cutter(self, class_map: Mapping[int, int]) -> TaskCutter:
        """Return what cuts frames, in the classes of a configuration."""
        return TaskCutter(self.framing, self.objective, class_map)

    def download(self, params: HKDownloadParams) -> Any:
        """Fetch the datasets of `params` from their publishers."""
        return ModeFactory.get("download")(params, self)

    def train(self, params: HKTrainParams) -> Any:
        """Train a model; see `heartkit.modes.train.train`."""
        return ModeFactory.get("train")(params, self)

    def evaluate(self, params: HKTestParams) -> Any:
        """Score a model on unseen patients; see `heartkit.modes.evaluate.evaluate`."""
        return ModeFactory.get("evaluate")(params, self)

    def export(self, params: HKExportParams) -> Any:
        """Convert and verify a model; see `heartkit.modes.export.export`."""
        return ModeFactory.get("export")(params, self)

    def demo(self, params: HKDemoParams) -> Any:
        """Run a model over a whole recording; see `heartkit.modes.demo.demo`."""
        return ModeFactory.get("demo")(params, self)
