"""Batches into TensorFlow: made ahead by several threads, in order, the same for any number of them."""

from __future__ import annotations

from typing import Any

from heartkit.frames.batches import Batches
from heartkit.models.backend import tf

AHEAD = 16
"""So many batches at most wait ready: more would only hold memory, as making one takes less time than using it."""


def feed(batches: Batches, first: int, last: int, threads: int, buffer_size: int) -> tf.data.Dataset:
    """Return batches `first` .. `last` - 1 as a dataset.

    Parameters
    ----------
    batches : Batches
        Where they come from.
    first, last : int
        Which of them; a resumed training starts in the middle.
    threads : int
        How many make batches side by side.
    buffer_size : int
        At most so many batches (and no more than `AHEAD`) wait ready.
    """
    frames, targets = batches.batch(first)

    def make(number: Any) -> tuple[Any, Any]:
        made = tf.numpy_function(batches.batch, [number], [frames.dtype, targets.dtype], stateful=False)
        return tf.ensure_shape(made[0], frames.shape), tf.ensure_shape(made[1], targets.shape)

    numbers = tf.data.Dataset.range(first, last)
    made = numbers.map(make, num_parallel_calls=threads, deterministic=True)
    return made.prefetch(min(buffer_size, AHEAD))
