"""U-Net: down to a coarse view of the whole frame and up again, one answer per sample.

After Ronneberger et al. 2015 (doi:10.1007/978-3-319-24574-4_28) along time; Moskalenko et al. 2019
(doi:10.48550/arXiv.1912.04146) mark ECG waves with it. Up-sampling repeats samples and a convolution follows: one
operator on the target, no checkerboard (Odena et al. 2016, doi:10.23915/distill.00003), and any frame size, where
transposed convolutions need one that the strides divide. Inside, tensors are (batch, 1, time, channels); one reshape at
either end.
"""

from __future__ import annotations

from pydantic import Field

from heartkit.models.architecture import SAMPLE, Architecture, finish
from heartkit.models.backend import keras
from heartkit.models.blocks import conv, mix, separate, to_1d, to_2d
from heartkit.models.params import Activation, Kernel, Norm, Rate, Strides, TopParams
from heartkit.strict import StrictParams


class UNetBlockParams(StrictParams):
    """Parameters of one level, on the way down and up."""

    filters: int = Field(ge=1, description="Channels")
    depth: int = Field(default=1, ge=1, description="Convolutions on the way down")
    ddepth: int | None = Field(default=None, ge=0, description="Convolutions on the way up; null for as many as down")
    kernel: Kernel = Field(default=3, description="Kernel length in samples, n or [1, n]")
    pool: Kernel = Field(default=3, description="Samples of which the level below gets the largest, n or [1, n]")
    strides: Strides = Field(default=1, description="How much shorter the level below is, n or [1, n]")
    skip: bool = Field(default=True, description="Whether the way up sees this level's output of the way down")
    seperable: bool = Field(default=False, description="Depthwise and 1x1 convolutions in place of full ones")
    dropout: Rate | None = Field(default=None, description="Spatial dropout after the level, down and up")
    norm: Norm = Field(default="batch", description="batch, layer or null")
    activation: Activation = Field(default="relu6", description="Activation after each normalised convolution")
    dilation: Kernel | None = Field(default=None, description="Distance between the kernel's taps; null for 1")


class UNetParams(TopParams):
    """Parameters of a U-Net."""

    blocks: list[UNetBlockParams] = Field(min_length=1, description="The levels, from the top down")
    output_kernel_size: Kernel = Field(default=3, description="Kernel of the head")
    output_kernel_stride: Strides = Field(default=1, description="The head answers so many samples at once")


def level(x: keras.KerasTensor, p: UNetBlockParams, *, depth: int, name: str) -> keras.KerasTensor:
    """Convolve `depth` times, add the input (through a 1x1 convolution where channels differ), drop channels.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    p : UNetBlockParams
        The level's parameters.
    depth : int
        How many convolutions.
    name : str
        Prefix of the layers' names.
    """
    if depth == 0:
        return x
    y, norm, dilation = x, p.norm, p.dilation or 1
    for number in range(1, depth + 1):
        step = f"{name}_s{number}"
        if p.seperable:
            y = separate(y, p.kernel, dilation=dilation, norm=norm, name=f"{step}_dw")
            y = mix(y, p.filters, 1, norm=norm, activation=p.activation, name=f"{step}_pw")
        else:
            y = mix(y, p.filters, p.kernel, dilation=dilation, norm=norm, activation=p.activation, name=step)
    if x.shape[-1] != p.filters:
        x = mix(x, p.filters, 1, norm=norm, name=f"{name}_shortcut")
    y = keras.layers.Add(name=f"{name}_add")([x, y])
    return keras.layers.SpatialDropout2D(p.dropout, name=f"{name}_dropout")(y) if p.dropout else y


def build(inputs: keras.KerasTensor, params: UNetParams, num_classes: int, head: str) -> keras.KerasTensor:
    """Put a U-Net on `inputs`.

    Parameters
    ----------
    inputs : KerasTensor, shape (batch, time, channels)
        The frames, of any size.
    params : UNetParams
        Its parameters.
    num_classes : int
        Channels of the head.
    head : str
        `SAMPLE`, the only one.

    Returns
    -------
    KerasTensor, shape (batch, time, num_classes)
        Logits by default; without the head (``include_top`` false) the top level's channels.
    """
    x, seen = to_2d(inputs), []
    for number, p in enumerate(params.blocks, 1):
        x = level(x, p, depth=p.depth, name=f"down{number}")
        seen.append(x)
        if p.strides > 1 or p.pool > 1:
            x = keras.layers.MaxPooling2D((1, p.pool), (1, p.strides), padding="same", name=f"down{number}_pool")(x)
    for number, p in reversed(list(enumerate(params.blocks, 1))):
        beside = seen.pop()
        x = _stretch(x, beside.shape[2], f"up{number}_stretch")
        if p.skip:
            x = keras.layers.Concatenate(name=f"up{number}_skip")([x, beside])
        x = mix(x, p.filters, 1, norm=p.norm, activation=p.activation, name=f"up{number}_mix")
        x = level(x, p, depth=p.depth if p.ddepth is None else p.ddepth, name=f"up{number}")
    if params.include_top:
        strides = params.output_kernel_stride
        x = conv(x, num_classes, params.output_kernel_size, strides=strides, bias=True, name="head")
        x = _stretch(x, inputs.shape[1], "head_stretch")
    return finish(to_1d(x), params)


def _stretch(x: keras.KerasTensor, time: int, name: str) -> keras.KerasTensor:
    """Repeat samples until there are `time`."""
    return x if x.shape[2] == time else keras.layers.Resizing(1, time, interpolation="nearest", name=name)(x)


ARCHITECTURE = Architecture(
    name="unet",
    summary="convolutions down to a coarse view and up again, one answer per sample",
    params=UNetParams,
    build=build,
    heads=frozenset({SAMPLE}),
)
