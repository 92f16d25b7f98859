"""U-NeXt: a U-Net of ConvNeXt blocks, one answer per sample.

The blocks are those of Liu et al. 2022 (doi:10.1109/CVPR52688.2022.01167) along time: a long depthwise convolution,
then an inverted bottleneck of 1x1 convolutions, with one normalisation and one activation per step. The activation is
relu6, which fuses; the paper's gelu is no operator of TensorFlow Lite Micro. Inside, tensors are (batch, 1, time,
channels); one reshape at either end.
"""

from __future__ import annotations

from pydantic import Field

from heartkit.models.architecture import FRAME, OPERATORS, SAMPLE, Architecture
from heartkit.models.backend import keras
from heartkit.models.blocks import mix, separate, squeeze_excite
from heartkit.models.ladder import LadderParams, LevelParams, ladder
from heartkit.models.params import ExciteParams, Norm

ACTIVATION = "relu6"


class UNeXtBlockParams(LevelParams, ExciteParams):
    """Parameters of one level, on the way down and up."""

    expand_ratio: float = Field(default=1, gt=0, description="Hidden channels per channel")
    se_ratio: float = Field(default=0, ge=0, description="Hidden channels per hidden unit of squeeze-excite; 0: none")
    norm: Norm = Field(default="layer", description="batch, layer or null")


class UNeXtParams(LadderParams):
    """Parameters of a U-NeXt."""

    blocks: list[UNeXtBlockParams] = Field(min_length=1, description="The levels, from the top down")


def level(x: keras.KerasTensor, p: UNeXtBlockParams, depth: int, name: str) -> keras.KerasTensor:
    """Take `depth` ConvNeXt steps, after a 1x1 convolution where channels differ; drop channels.

    A step: depthwise convolution, normalisation, 1x1 convolution to filters * expand_ratio, relu6, squeeze-excite where
    se_ratio > 0, 1x1 convolution to filters, the shortcut.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    p : UNeXtBlockParams
        The level's parameters.
    depth : int
        How many steps.
    name : str
        Prefix of the layers' names.
    """
    if depth == 0:
        return x
    if x.shape[-1] != p.filters:
        x = mix(x, p.filters, 1, norm=p.norm, name=f"{name}_in")
    for number in range(1, depth + 1):
        step = f"{name}_s{number}"
        y = separate(x, p.kernel, norm=p.norm, name=f"{step}_dw")
        y = mix(y, max(1, round(p.filters * p.expand_ratio)), 1, norm=None, activation=ACTIVATION, name=f"{step}_ex")
        if p.se_ratio > 0:
            y = squeeze_excite(y, p.se_ratio, form=p, name=f"{step}_se")
        y = mix(y, p.filters, 1, norm=None, name=f"{step}_pw")
        x = keras.layers.Add(name=f"{step}_add")([x, y])
    return keras.layers.SpatialDropout2D(p.dropout, name=f"{name}_dropout")(x) if p.dropout else x


def build(inputs: keras.KerasTensor, params: UNeXtParams, num_classes: int, head: str) -> keras.KerasTensor:
    """Put a U-NeXt on `inputs`; see `heartkit.models.ladder.ladder`."""
    return ladder(inputs, params, params.blocks, level, num_classes, head, activation=lambda _: ACTIVATION)


ARCHITECTURE = Architecture(
    name="unext",
    summary="ConvNeXt blocks down to a coarse view and up again, per sample; the way down alone per frame",
    params=UNeXtParams,
    build=build,
    heads=frozenset({SAMPLE, FRAME}),
    operators=OPERATORS | {"MAX_POOL_2D", "CONCATENATION", "RESIZE_NEAREST_NEIGHBOR", "QUANTIZE"},
    example={
        "blocks": [
            {"filters": 8, "kernel": [1, 5], "norm": "batch", "expand_ratio": 2, "dropout": 0.1},
            {"filters": 12, "depth": 2, "ddepth": 1, "norm": "batch", "se_ratio": 2, "skip": False},
        ]
    },
)
"""QUANTIZE brings what is put side by side to one scale."""
