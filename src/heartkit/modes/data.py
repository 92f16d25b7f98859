"""The recordings of a configuration as a mode needs them: prepared, split, framed, preprocessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from heartkit.backends.base import Predictor
from heartkit.errors import ConfigError
from heartkit.frames.arranging import Arrange, Steps
from heartkit.frames.batches import FrameSet, all_frames, resized
from heartkit.frames.drawing import frame_sets
from heartkit.frames.prepared import Prepared
from heartkit.frames.seen import Seen
from heartkit.frames.sources import dataset_folder, open_dataset, open_datasets
from heartkit.frames.stored import StoredFrames, load_frames, save_frames
from heartkit.frames.windows import OVERLAP
from heartkit.objectives.labels import class_names, full_class_map
from heartkit.params import HKTaskParams
from heartkit.records.derive import require_blurred
from heartkit.tasks.base import Task
from heartkit.transforms.pipeline import Pipeline, build_augmentations, build_preprocesses


class TaskData:
    """What a task's configuration says about data, opened when it is first asked for.

    Parameters
    ----------
    params : HKTaskParams
        The parameters of a mode.
    task : Task
        The task.
    seed : int
        Which frames are drawn depends on it.
    needs : frozenset of str, optional
        What the datasets must provide; by default what frames need.
    seen : Seen, optional
        Whom the model that is scored knows: they are left out of the splits that it is scored on.
    """

    def __init__(
        self,
        params: HKTaskParams,
        task: Task,
        seed: int,
        needs: frozenset[str] | None = None,
        seen: Seen | None = None,
    ) -> None:
        self.params, self.task, self.seed = params, task.configured(params.task_params), seed
        self.needs = self.task.framing.needs if needs is None else needs
        self.seen = Seen() if seen is None else seen
        self.class_map = full_class_map(params.class_map, params.num_classes)
        task.objective.require_classes(self.class_map, params.num_classes)
        require_weak_classes(task, self.class_map, params)
        self.class_names = class_names(params.class_names, self.class_map, task.vocabulary, params.num_classes)

    @cached_property
    def preprocess(self) -> Pipeline:
        """Return what every frame goes through before a model sees it.

        Raises
        ------
        ConfigError
            If a step cannot be built, or they change the size of frames.
        """
        pipeline = build_preprocesses(self.params.preprocesses, self.params.sampling_rate)
        if (size := pipeline.output_size(self.params.frame_size)) != self.params.frame_size:
            raise ConfigError(resized(self.params.frame_size, size))
        return pipeline

    @property
    def input_shape(self) -> tuple[int, int]:
        """Return (frame_size, channels) of what the model is given."""
        return self.params.frame_size, self.task.framing.channels

    def augment(self, training: bool) -> Pipeline:
        """Return the augmentations that training frames go through, or those of held-out frames: often none."""
        params = self.params
        noisy = training or self.task.framing.arranged.noise_belongs
        steps = params.augmentations if noisy else []
        return build_augmentations(steps, params.sampling_rate, noise_folder(params), held_out=not training)

    def arrange(self, training: bool) -> Arrange:
        """Return what makes inputs and answers of cut frames, for training or for held-out frames."""
        steps = Steps(self.augment(training), self.preprocess)
        return partial(self.task.framing.arranged, steps=steps, training=training)

    @cached_property
    def prepared(self) -> list[Prepared]:
        """Return the prepared and split datasets."""
        opened = open_datasets(self.params, self.needs, self.task.name, self.params.verbose > 0)
        return [self.seen.less(one) for one in opened]

    def sets(
        self, split: str, per_patient: int | list[int], prepared: Sequence[Prepared] | None = None
    ) -> list[FrameSet]:
        """Draw the frames of one split, of all datasets or of some."""
        chosen, cutter = self.prepared if prepared is None else prepared, self.task.cutter(self.class_map)
        return frame_sets(chosen, cutter, split, self.params.frame_size, per_patient, self.seed)

    def training_like(self, split: str, per_patient: int | list[int], limit: int) -> StoredFrames:
        """Return some frames of the training patients, of those datasets that have patients in `split`, too.

        Generated recordings that are for training only would swamp a baseline that is fitted to them. Where none of
        those datasets has training patients, all datasets are taken.
        """
        both = [one for one in self.prepared if one.records("train") and one.records(split)]
        sets = self.sets("train", per_patient, both or self.prepared)
        return StoredFrames(*all_frames(sets, self.arrange(False), self.seed, limit))

    def frames(self, split: str, per_patient: int | list[int], limit: int | None, file: Path | None) -> StoredFrames:
        """Return the preprocessed frames of one split as arrays, from `file` if it is there, else kept in it.

        Raises
        ------
        DataError
            If the file cannot be read, or was made with other parameters.
        """
        made_with, objective = self._facts(split), self.task.objective
        if file is not None and file.exists():
            stored = load_frames(file, made_with, self.input_shape, objective.labels)
            objective.require_answers(stored.answers, self.params.num_classes, file)
            return stored
        frames = StoredFrames(*all_frames(self.sets(split, per_patient), self.arrange(False), self.seed, limit))
        if file is not None:
            save_frames(file, frames, made_with)
        return frames

    def answer(self, predictor: Predictor) -> Any:
        """Return a model as the task's objective wants it: a method that answers for whole leads."""
        params, task = self.params, self.task
        answer = task.objective.answer(
            task.framing.arranged.preprocessing(self.preprocess), predictor.predict, params.frame_size,
            params.sampling_rate, self.class_map, getattr(params, "overlap", OVERLAP),
        )  # fmt: skip
        return task.framing.answering(answer)

    def _facts(self, split: str) -> dict[str, object]:
        """Return what stored frames must share with a run that uses them."""
        params, noise = self.params, self.task.framing.arranged.noise_belongs
        opened = self.prepared if self.seen.models else []
        left_out = {one.name: one.left_out[split] for one in opened if split in one.left_out}
        return {
            **({"left_out": left_out} if left_out else {}),
            "task": self.task.name,
            "task_params": params.task_params,
            "split": split,
            "sampling_rate": params.sampling_rate,
            "frame_size": params.frame_size,
            "class_map": {str(key): value for key, value in sorted(self.class_map.items())},
            # Who is in the split: frames of a patient who trains now must not come from a file.
            "datasets": [{"name": one.name, "params": one.params} for one in params.datasets],
            f"{split}_patients": getattr(params, f"{split}_patients", None),
            "preprocesses": [step.model_dump(mode="json") for step in params.preprocesses],
            "augmentations": [step.model_dump(mode="json") for step in params.augmentations] if noise else [],
        }


def require_weak_classes(task: Task, class_map: Mapping[int, int], params: HKTaskParams) -> None:
    """Raise `ConfigError` if a task's classes tell apart what a dataset's weak labels do not."""
    for one in params.datasets:
        require_blurred(open_dataset(one).options.derive, class_map, one.name, task.vocabulary)


def noise_folder(params: HKTaskParams) -> Path | None:
    """Return the folder of the noise records (NSTDB) beside the configured datasets, if it is there.

    Beside ``datasets/qtdb`` that is ``datasets/nstdb``, beside ``datasets/qtdb/1.0.0`` too.
    """
    folders = [dataset_folder(one) for one in params.datasets]
    beside = [parent / "nstdb" for folder in folders for parent in (folder.parent, folder.parent.parent)]
    return next((folder for folder in beside if folder.is_dir()), None)
