"""Knowledge distillation: a larger model's answers to the training frames, as a second thing to learn from."""

from __future__ import annotations

from typing import Any

from heartkit.errors import ModelError
from heartkit.models.backend import keras, tf
from heartkit.models.files import load_model
from heartkit.objectives.losses import Loss
from heartkit.params import HKTrainParams
from heartkit.tasks.base import Task


class Teacher:
    """A trained model whose answers travel with those of the recordings.

    Parameters
    ----------
    params : HKTrainParams
        Which model, how much its answers count, and how soft they are taken.
    task : Task
        What for.
    input_shape : tuple of int
        (frame_size, channels) of the frames.

    Raises
    ------
    ModelError
        If the file is no model, or one that takes other frames or gives other answers.
    ConfigError
        If the task's answers cannot be imitated.
    """

    def __init__(self, params: HKTrainParams, task: Task, input_shape: tuple[int, int]) -> None:
        assert params.teacher is not None
        self._weight = params.teacher_weight
        self._imitate = task.objective.imitate(params.teacher_temperature)
        self._model = load_model(params.teacher)
        self._model.trainable = False
        if self._model.input_shape[1:] != input_shape:
            raise ModelError(
                f"The teacher {str(params.teacher)!r} takes frames of (time, channels) = "
                f"{self._model.input_shape[1:]!r}, but the configuration makes {input_shape!r}. Choose one that was "
                "trained with the same frame_size and sampling_rate."
            )
        task.objective.require_output(
            self._model.output_shape[1:], params.frame_size, params.num_classes, params.teacher
        )

    def beside(self, batches: tf.data.Dataset) -> tf.data.Dataset:
        """Return batches whose answers have the teacher's behind them, on the last axis."""
        rank = len(self._model.output_shape)

        def asked(frames: Any, answers: Any) -> tuple[Any, Any]:
            numbers = tf.cast(answers if answers.shape.rank == rank else answers[..., None], tf.float32)
            return frames, tf.concat([numbers, self._model(frames, training=False)], axis=-1)

        return batches.map(asked, num_parallel_calls=1)

    def loss(self, own: Loss) -> Loss:
        """Return the weighted mean of a loss against the recordings' answers and of one against the teacher's."""
        size, weight, imitate = self._model.output_shape[-1], self._weight, self._imitate

        def both(answers: Any, outputs: Any) -> Any:
            known, teacher = answers[..., :-size], answers[..., -size:]
            if known.shape[-1] == 1 and size > 1:
                known = keras.ops.squeeze(known, axis=-1)
            return (1 - weight) * own(known, outputs) + weight * imitate(teacher, outputs)

        return both
