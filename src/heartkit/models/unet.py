"""U-Net: down to a coarse view of the whole frame and up again, one answer per sample.

After Ronneberger et al. 2015 (doi:10.1007/978-3-319-24574-4_28) along time; Moskalenko et al. 2019
(doi:10.48550/arXiv.1912.04146) mark ECG waves with it. Inside, tensors are (batch, 1, time, channels); one reshape at
either end.
"""

from __future__ import annotations

from pydantic import Field

from heartkit.models.architecture import FRAME, OPERATORS, SAMPLE, Architecture
from heartkit.models.backend import keras
from heartkit.models.blocks import mix, separate
from heartkit.models.ladder import LadderParams, LevelParams, ladder
from heartkit.models.params import Activation, Kernel, Strides


class UNetBlockParams(LevelParams):
    """Parameters of one level, on the way down and up."""

    pool: Kernel = Field(default=3, description="Samples of which the level below gets the largest, n or [1, n]")
    strides: Strides = Field(default=1, description="How much shorter the level below is, n or [1, n]")
    seperable: bool = Field(default=False, description="Depthwise and 1x1 convolutions in place of full ones")
    activation: Activation = Field(default="relu6", description="Activation after each normalised convolution")
    dilation: Kernel | None = Field(default=None, description="Distance between the kernel's taps; null for 1")


class UNetParams(LadderParams):
    """Parameters of a U-Net."""

    blocks: list[UNetBlockParams] = Field(min_length=1, description="The levels, from the top down")


def level(x: keras.KerasTensor, p: UNetBlockParams, depth: int, name: str) -> keras.KerasTensor:
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
    """Put a U-Net on `inputs`; see `heartkit.models.ladder.ladder`."""
    return ladder(inputs, params, params.blocks, level, num_classes, head, activation=lambda p: p.activation)


ARCHITECTURE = Architecture(
    name="unet",
    summary="convolutions down to a coarse view and up again, per sample; the way down alone per frame",
    params=UNetParams,
    build=build,
    heads=frozenset({SAMPLE, FRAME}),
    operators=OPERATORS | {"MAX_POOL_2D", "CONCATENATION", "RESIZE_NEAREST_NEIGHBOR", "QUANTIZE"},
    example={
        "blocks": [
            {"filters": 8, "kernel": [1, 5], "strides": [1, 2], "dropout": 0.1},
            {"filters": 12, "depth": 2, "ddepth": 1, "strides": 2, "seperable": True, "skip": False, "dilation": 2},
        ]
    },
)
"""QUANTIZE brings what is put side by side to one scale."""
