"""The shape of a U: down a ladder of levels to a coarse view of the whole frame, and up again.

After Ronneberger et al. 2015 (doi:10.1007/978-3-319-24574-4_28) along time. Up-sampling repeats samples and a
convolution follows: one operator on the target, no checkerboard (Odena et al. 2016, doi:10.23915/distill.00003), and
any frame size, where transposed convolutions need one that the strides divide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import Field

from heartkit.models.architecture import FRAME, finish, frame_answer
from heartkit.models.backend import keras
from heartkit.models.blocks import conv, mix, to_1d, to_2d
from heartkit.models.params import Kernel, Norm, PooledParams, Rate, Strides
from heartkit.strict import StrictParams


class LevelParams(StrictParams):
    """What every kind of level has."""

    filters: int = Field(ge=1, description="Channels")
    depth: int = Field(default=1, ge=1, description="Steps on the way down")
    ddepth: int | None = Field(default=None, ge=0, description="Steps on the way up; null for as many as down")
    kernel: Kernel = Field(default=3, description="Kernel length in samples, n or [1, n]")
    pool: Kernel = Field(default=2, description="Samples of which the level below gets the largest, n or [1, n]")
    strides: Strides = Field(default=2, description="How much shorter the level below is, n or [1, n]")
    skip: bool = Field(default=True, description="Whether the way up sees this level's output of the way down")
    dropout: Rate | None = Field(default=None, description="Spatial dropout after the level, down and up")
    norm: Norm = Field(default="batch", description="batch, layer or null")


class LadderParams(PooledParams):
    """What every network of this shape has, besides its levels."""

    output_kernel_size: Kernel = Field(default=3, description="Kernel of the head per sample")
    output_kernel_stride: Strides = Field(default=1, description="The head answers so many samples at once")


P = TypeVar("P", bound=LevelParams)
Level = Callable[[keras.KerasTensor, P, int, str], keras.KerasTensor]
"""``(x, params, depth, name) -> outputs`` with ``params.filters`` channels."""


def ladder(
    inputs: keras.KerasTensor,
    params: LadderParams,
    levels: Sequence[P],
    level: Level[P],
    num_classes: int,
    head: str,
    *,
    activation: Callable[[P], str],
) -> keras.KerasTensor:
    """Put a network of this shape on `inputs`.

    Parameters
    ----------
    inputs : KerasTensor, shape (batch, time, channels)
        The frames, of any size.
    params : LadderParams
        What is not of a level.
    levels : sequence of LevelParams
        From the top down.
    level : callable
        Puts one level on a tensor.
    num_classes : int
        Channels of the head.
    head : str
        `SAMPLE`: down and up, and a convolution. `FRAME`: down only, and a dense layer on the means over time of the
        lowest level; what only concerns the way up is not used.
    activation : callable
        The activation of a level's 1x1 convolution on the way up.

    Returns
    -------
    KerasTensor, shape (batch, time, num_classes) or (batch, num_classes)
        Logits by default; without the head (``include_top`` false) the top level's channels, or the lowest level's
        means.
    """
    x, seen = to_2d(inputs), []
    for number, p in enumerate(levels, 1):
        x = level(x, p, p.depth, f"down{number}")
        seen.append(x)
        if head == FRAME and number == len(levels):
            return frame_answer(x, params, num_classes)
        if p.strides > 1 or p.pool > 1:
            x = keras.layers.MaxPooling2D((1, p.pool), (1, p.strides), padding="same", name=f"down{number}_pool")(x)
    for number, p in reversed(list(enumerate(levels, 1))):
        beside = seen.pop()
        x = _stretch(x, beside.shape[2], f"up{number}_stretch")
        if p.skip:
            x = keras.layers.Concatenate(name=f"up{number}_skip")([x, beside])
        x = mix(x, p.filters, 1, norm=p.norm, activation=activation(p), name=f"up{number}_mix")
        x = level(x, p, p.depth if p.ddepth is None else p.ddepth, f"up{number}")
    if params.include_top:
        strides = params.output_kernel_stride
        x = conv(x, num_classes, params.output_kernel_size, strides=strides, bias=True, name="head")
        x = _stretch(x, inputs.shape[1], "head_stretch")
    return finish(to_1d(x), params)


def _stretch(x: keras.KerasTensor, time: int, name: str) -> keras.KerasTensor:
    """Repeat samples until there are `time`."""
    return x if x.shape[2] == time else keras.layers.Resizing(1, time, interpolation="nearest", name=name)(x)
