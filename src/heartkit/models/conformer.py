"""Conformer: attention over the whole frame beside convolutions nearby, per frame or per sample.

After Gulati et al. 2020 (doi:10.21437/Interspeech.2020-3015): half a feed-forward network, self-attention with relative
positions, a gated convolution, the other half. Two things are made for the target: batch norm behind every dense layer
in place of layer norm in front of it (see `heartkit.models.blocks.linear`), and relu6 and a hard sigmoid in place of
swish and its logistic. Inside, tensors are (batch, 1, time, channels); one reshape at either end.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from heartkit.errors import ConfigError
from heartkit.models import attention as attend
from heartkit.models.architecture import FRAME, OPERATORS, SAMPLE, Architecture, finish, frame_answer
from heartkit.models.backend import keras
from heartkit.models.blocks import linear, mix, separate, to_2d
from heartkit.models.heads import fine_head
from heartkit.models.params import Kernel, PooledParams, Rate, Strides
from heartkit.strict import StrictParams

ACTIVATION = "relu6"


class SubsampleParams(StrictParams):
    """Parameters of one convolution that shortens the frame."""

    depth: int = Field(default=256, ge=1, description="Output channels")
    kernel_size: Kernel = Field(default=3, description="Kernel length in samples, n or [1, n]")
    strides: Strides = Field(default=2, description="How much shorter its output is, n or [1, n]")


class ConformerBlockParams(StrictParams):
    """Parameters of one block."""

    depth: int = Field(default=256, ge=1, description="Channels")
    fc_ex_factor: float = Field(default=4, gt=0, description="Hidden channels of the feed-forward halves per channel")
    fc_res_factor: float = Field(default=0.5, gt=0, description="What a feed-forward half counts before training")
    embedding: Literal["relative"] | None = Field(default="relative", description="How time is seen; null for not")
    num_heads: int = Field(default=4, ge=1, description="Heads of the attention; must divide depth")
    kernel_size: Kernel = Field(default=9, description="Kernel of the depthwise convolution, n or [1, n]")
    dropout: Rate = Field(default=0.1, description="Dropout in each part and on the attention's weights")
    use_bias: bool = Field(default=True, description="Whether 1x1 convolutions have a bias beside batch norm")


class ConformerParams(PooledParams):
    """Parameters of a Conformer."""

    subsamples: list[SubsampleParams] = Field(
        default_factory=lambda: [SubsampleParams()], description="Convolutions that shorten the frame before the blocks"
    )
    blocks: list[ConformerBlockParams] = Field(min_length=1, description="The blocks, from input to output")


def block(x: keras.KerasTensor, p: ConformerBlockParams, name: str) -> keras.KerasTensor:
    """Half a feed-forward network, attention, a gated convolution, the other half; a shortcut around each.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input; other channels than `depth` are mixed to as many first.
    p : ConformerBlockParams
        The block's parameters.
    name : str
        Prefix of the layers' names.

    Raises
    ------
    ConfigError
        If the heads do not divide the channels.
    """
    if p.depth % p.num_heads:
        raise ConfigError(f"Conformer's block {name}: num_heads {p.num_heads} must divide depth {p.depth}.")
    if x.shape[-1] != p.depth:
        x = linear(x, p.depth, bias=p.use_bias, name=f"{name}_in")
    x = _added(x, _half(x, p, f"{name}_ff1"), p, f"{name}_ff1")
    seen = attend.attention(
        x, heads=p.num_heads, size=p.depth // p.num_heads, relative=p.embedding is not None, dropout=p.dropout,
        bias=p.use_bias, name=f"{name}_att",
    )  # fmt: skip
    x = _added(x, seen, p, f"{name}_att")
    x = _added(x, _gated_convolution(x, p, f"{name}_conv"), p, f"{name}_conv")
    return _added(x, _half(x, p, f"{name}_ff2"), p, f"{name}_ff2")


def _half(x: keras.KerasTensor, p: ConformerBlockParams, name: str) -> keras.KerasTensor:
    """Feed-forward network whose factor is that of its last batch norm."""
    hidden = max(1, round(p.depth * p.fc_ex_factor))
    y = linear(x, hidden, bias=p.use_bias, activation=ACTIVATION, name=f"{name}_ex")
    y = _dropped(y, p, f"{name}_ex")
    return linear(y, p.depth, bias=p.use_bias, scale=p.fc_res_factor, name=f"{name}_pw")


def _gated_convolution(x: keras.KerasTensor, p: ConformerBlockParams, name: str) -> keras.KerasTensor:
    y = linear(x, p.depth, bias=p.use_bias, name=f"{name}_in")
    gate = linear(x, p.depth, bias=p.use_bias, activation="hard_sigmoid", name=f"{name}_gate")
    y = keras.layers.Multiply(name=f"{name}_scale")([y, gate])
    y = separate(y, p.kernel_size, norm="batch", activation=ACTIVATION, name=f"{name}_dw")
    return linear(y, p.depth, bias=p.use_bias, name=f"{name}_pw")


def _added(x: keras.KerasTensor, y: keras.KerasTensor, p: ConformerBlockParams, name: str) -> keras.KerasTensor:
    return keras.layers.Add(name=f"{name}_add")([x, _dropped(y, p, name)])


def _dropped(x: keras.KerasTensor, p: ConformerBlockParams, name: str) -> keras.KerasTensor:
    return keras.layers.Dropout(p.dropout, name=f"{name}_dropout")(x) if p.dropout else x


def build(inputs: keras.KerasTensor, params: ConformerParams, num_classes: int, head: str) -> keras.KerasTensor:
    """Put a Conformer on `inputs`.

    Parameters
    ----------
    inputs : KerasTensor, shape (batch, time, channels)
        The frames.
    params : ConformerParams
        Its parameters.
    num_classes : int
        Channels of the head.
    head : str
        `FRAME`: the means over time and a dense layer. `SAMPLE`: each step answers for the samples that it stands for;
        the product of the strides must divide the frame.

    Returns
    -------
    KerasTensor, shape (batch, time, num_classes) or (batch, num_classes)
        Logits by default; without the head (``include_top`` false) the steps' channels, or their means.

    Raises
    ------
    ConfigError
        If the strides do not divide the frame with the head per sample, or heads do not divide channels.
    """
    x, strides = to_2d(inputs), 1
    for number, sub in enumerate(params.subsamples, 1):
        x = mix(
            x, sub.depth, sub.kernel_size, strides=sub.strides, norm="batch", activation=ACTIVATION, name=f"sub{number}"
        )
        strides *= sub.strides
    for number, p in enumerate(params.blocks, 1):
        x = block(x, p, f"b{number}")
    if head == FRAME:
        return frame_answer(x, params, num_classes)
    classes = num_classes if params.include_top else None
    return finish(fine_head(x, classes, time=inputs.shape[1], strides=strides), params)


ARCHITECTURE = Architecture(
    name="conformer",
    summary="self-attention over the whole frame and convolutions nearby, per sample or per frame",
    params=ConformerParams,
    build=build,
    heads=frozenset({SAMPLE, FRAME}),
    operators=OPERATORS | attend.OPERATORS,
    example={
        "subsamples": [{"depth": 8, "kernel_size": [1, 5], "strides": [1, 2]}],
        "blocks": [{"depth": 12, "fc_ex_factor": 2, "num_heads": 2, "kernel_size": [1, 5]}],
    },
)
