"""What a task is, and its five modes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import partial
from typing import Any

from numpy.typing import NDArray

from heartkit.factories import ModeFactory
from heartkit.frames.batches import Targets
from heartkit.frames.sampling import FrameIndex
from heartkit.frames.sources import Draw, Framing
from heartkit.frames.strips import Strips
from heartkit.objectives.labelled import Labelled
from heartkit.params import HKDemoParams, HKDownloadParams, HKExportParams, HKTestParams, HKTrainParams
from heartkit.records.record import Record


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
    """

    dataset: str
    record: Record
    lead: int
    answer: Any
    class_names: list[str]
    model: str
    backend: str


@dataclass(frozen=True)
class Task:
    """A task: which words it uses, how its frames are cut, and what kind of answer it asks for.

    Parameters
    ----------
    name, summary : str
        Its name in configurations, and a line about it.
    vocabulary : type of IntEnum
        The numbers that ``class_map`` maps from.
    framing : Framing
        Where frames are cut, and the answer to each.
    objective : Labelled
        Loss, scores and decoding.
    view : str
        ``"module:function"``: ``show(demonstration, report, picture)`` shows a recording, and returns what to say.

    Notes
    -----
    Modes are looked up by name when they are called, so that a task does not depend on them.
    """

    name: str
    summary: str
    vocabulary: type[IntEnum]
    framing: Framing
    objective: Labelled
    view: str

    def targets(self, class_map: Mapping[int, int]) -> Targets:
        """Return what gives frames their answers, in the classes of a configuration."""

        def answers(strips: Strips, frames: FrameIndex, frame_size: int) -> NDArray[Any]:
            return self.objective.classes(self.framing.targets(strips, frames, frame_size), class_map)

        return answers

    def draw(self, class_map: Mapping[int, int]) -> Draw:
        """Return what chooses frames, knowing the classes of a configuration."""
        return partial(self.framing.draw, partial(self.objective.classes, class_map=class_map))

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
