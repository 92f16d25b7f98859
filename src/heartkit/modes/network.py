"""The network that a configuration describes, for a task."""

from __future__ import annotations

from typing import Any

from heartkit import console
from heartkit.errors import ConfigError
from heartkit.factories import ModelFactory
from heartkit.models.weights import load_weights
from heartkit.params import HKTrainParams
from heartkit.tasks.base import Task


def build_model(params: HKTrainParams, task: Task) -> Any:
    """Build the configured architecture for the configured frames, with fresh weights or those of ``weights_file``.

    Returns
    -------
    keras.Model
        From frames (batch, frame_size, channels) to the answers of the task's objective.

    Raises
    ------
    ConfigError
        If no architecture is configured, or it has no head for the task.
    """
    if params.architecture is None:
        known = ", ".join(ModelFactory.list())
        raise ConfigError(f"No architecture is configured. Add `architecture: {{name: ...}}`; known: {known}.")
    architecture = ModelFactory.get(params.architecture.name)
    architecture.require(task.objective.head, f", which task {task.name!r} needs")
    given = params.architecture.params
    if given.get("use_logits") is False or given.get("output_activation") not in (None, "linear"):
        raise ConfigError(
            "Training needs a network that answers with logits. Leave use_logits and output_activation out of "
            "architecture.params; `export` puts the activation behind it with `use_logits: false`."
        )
    channels = task.configured(params.task_params).framing.channels
    model = architecture.make((params.frame_size, channels), given, params.num_classes, head=task.objective.head)
    if params.weights_file is not None:
        console.say(load_weights(model, params.weights_file))
    return model
