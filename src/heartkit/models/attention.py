"""Self-attention along time, written so that the target needs no transpose and no reshape for it.

Every head has its own 1x1 convolutions for queries, keys and values, as many multiply-accumulates as one for all heads.
So heads are tensors (batch, 1, time, head channels) from the start; products of queries and keys become BATCH_MATMUL
with the second operand read crosswise. TensorFlow Lite Micro has it, as SOFTMAX, in int8 and int16.
"""

from __future__ import annotations

import numpy as np

from heartkit.models.backend import keras
from heartkit.models.blocks import linear

OPERATORS = frozenset({"BATCH_MATMUL", "SOFTMAX", "CONCATENATION", "QUANTIZE"})
"""What attention becomes, besides convolutions; QUANTIZE brings heads to one scale."""


def attention(
    x: keras.KerasTensor,
    *,
    heads: int,
    size: int,
    relative: bool,
    dropout: float,
    bias: bool,
    name: str,
) -> keras.KerasTensor:
    """Let every time step look at every other one (Vaswani et al. 2017, doi:10.48550/arXiv.1706.03762).

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    heads : int
        How many ways of looking there are.
    size : int
        Channels of each head's queries, keys and values.
    relative : bool
        Whether each head prefers learned distances in time; see `distances`. Else the order of the time steps is not
        seen.
    dropout : float
        Share of the weights that a training step leaves out, 0 <= dropout < 1.
    bias : bool
        Whether the 1x1 convolutions have one.
    name : str
        Prefix of the layers' names.

    Returns
    -------
    KerasTensor, shape (batch, 1, time, channels)
        Without the shortcut. Memory and multiply-accumulates grow with the square of time.
    """
    ops, channels, found = keras.ops, x.shape[-1], []
    preferred = distances(x, heads, name=name) if relative else None
    for number in range(heads):
        part = f"{name}_h{number + 1}"
        # The division by the root of the size is the batch norm's first factor: it folds into the convolution.
        query = linear(x, size, bias=bias, scale=size**-0.5, name=f"{part}_q")
        key = linear(x, size, bias=bias, name=f"{part}_k")
        value = linear(x, size, bias=bias, name=f"{part}_v")
        weights = ops.matmul(query, ops.swapaxes(key, 2, 3))
        if preferred is not None:
            weights = ops.add(weights, preferred[..., number])
        weights = keras.layers.Softmax(name=f"{part}_weights")(weights)
        if dropout:
            weights = keras.layers.Dropout(dropout, name=f"{part}_dropout")(weights)
        found.append(ops.matmul(weights, value))
    together = keras.layers.Concatenate(name=f"{name}_heads")(found) if heads > 1 else found[0]
    return linear(together, channels, bias=bias, name=f"{name}_out")


def distances(x: keras.KerasTensor, heads: int, *, name: str) -> keras.KerasTensor:
    """Return what each head adds to its weights for the distance in time between two steps.

    One learned number per head and distance, as in T5 (Raffel et al. 2020, doi:10.48550/arXiv.1910.10683) without its
    buckets: 2 time - 1 of them are the kernel of a convolution over the unit matrix, which puts the number of
    distance i - j at (i, j). It depends on no frame, so that the converter stores the result as a constant of
    time x time bytes per head.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Only its shape matters.
    heads : int
        How many heads.
    name : str
        Prefix of the layer's name.

    Returns
    -------
    KerasTensor, shape (1, time, time, heads)
    """
    ops, time = keras.ops, x.shape[2]
    nothing = ops.max(ops.zeros_like(x[..., :1]), axis=0, keepdims=True)
    unit = ops.add(nothing, np.eye(time, dtype=np.float32)[None, ..., None])
    return keras.layers.Conv2D(
        heads, (1, 2 * time - 1), padding="same", use_bias=False, kernel_initializer="zeros", name=f"{name}_distances"
    )(unit)
