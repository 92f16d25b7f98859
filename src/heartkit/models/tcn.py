"""TCN: a temporal convolutional network, one answer per sample or per frame.

After Lea et al. 2016 (doi:10.48550/arXiv.1608.08242), with factorised convolutions as in MobileNetV2/V3 so that some
thousand parameters are enough. Convolutions see past and future alike (no causal padding): the frame is complete when
the network runs. Inside, tensors are (batch, 1, time, channels); one reshape at either end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal

from pydantic import Field

from heartkit.models.architecture import FRAME, SAMPLE, Architecture, finish, frame_answer
from heartkit.models.backend import keras
from heartkit.models.blocks import (
    activate,
    conv,
    depthwise,
    mix,
    normalise,
    residual,
    squeeze_excite,
    summed,
    to_1d,
    to_2d,
)
from heartkit.models.params import Activation, ExciteParams, Kernel, Norm, PooledParams, Rate

log = logging.getLogger(__name__)


class TcnBlockParams(ExciteParams):
    """Parameters of one block."""

    filters: int = Field(ge=1, description="Output channels")
    depth: int = Field(default=1, ge=1, description="Steps in the block")
    branch: int = Field(default=1, ge=1, description="Parallel convolutions per step, summed")
    kernel: Kernel = Field(default=3, description="Kernel length in samples, n or [1, n]")
    dilation: Kernel = Field(default=1, description="Distance between the kernel's taps in samples, n or [1, n]")
    ex_ratio: float = Field(default=1, gt=0, description="Hidden channels per output channel")
    se_ratio: float = Field(default=0, ge=0, description="Channels per hidden unit of squeeze-excite; 0 for none")
    dropout: Rate | None = Field(default=None, description="Spatial dropout after the block")
    norm: Norm = Field(default="layer", description="batch, layer or null")
    activation: Activation = Field(default="relu6", description="Activation after each normalised convolution")


class TcnParams(PooledParams):
    """Parameters of a TCN."""

    input_kernel: Kernel | None = Field(default=None, description="Kernel of the encoder; null for none")
    input_norm: Norm = Field(default="layer", description="Normalisation of the encoder")
    block_type: Literal["mb", "lg", "sm"] = Field(default="mb", description="How blocks are built")
    blocks: list[TcnBlockParams] = Field(min_length=1, description="The blocks, from input to output")
    output_kernel: Kernel = Field(default=3, description="Kernel of the head per sample")


def block_mb(x: keras.KerasTensor, p: TcnBlockParams, name: str) -> keras.KerasTensor:
    """Inverted-residual block (MobileNetV2, Sandler et al. 2018) along time.

    Per step: where ex_ratio is not 1 a 1x1 expansion to filters * ex_ratio; depthwise convolutions (one per branch,
    summed); squeeze-excite where se_ratio > 0; a 1x1 convolution to filters. Then the shortcut, where channel counts
    agree. A normalisation and an activation follow each convolution.
    """
    shortcut = x
    for step in range(1, p.depth + 1):
        prefix = f"{name}_s{step}"
        if p.ex_ratio != 1:
            x = _mix(x, max(1, round(p.filters * p.ex_ratio)), p, f"{prefix}_ex")
        x = _separate(x, p, f"{prefix}_dw")
        if p.se_ratio > 0:
            x = squeeze_excite(x, p.se_ratio, form=p, name=f"{prefix}_se")
        x = _mix(x, p.filters, p, f"{prefix}_pw")
    return residual(x, shortcut, name=f"{name}_add")


def block_lg(x: keras.KerasTensor, p: TcnBlockParams, name: str) -> keras.KerasTensor:
    """Large block: full convolutions, for networks that need not be small.

    Per step two dilated convolutions that mix channels (the first to filters * ex_ratio, one per branch, summed; the
    second to filters), the shortcut around both where channel counts agree, the second's activation after it, and
    squeeze-excite where se_ratio > 0. It is the residual step of Bai et al. 2018 (doi:10.48550/arXiv.1803.01271).
    """
    bias = p.norm is None
    for step in range(1, p.depth + 1):
        prefix, shortcut = f"{name}_s{step}", x
        hidden = max(1, round(p.filters * p.ex_ratio))
        branches = []
        for branch in _branches(p, f"{prefix}_c1"):
            y = conv(x, hidden, p.kernel, dilation=p.dilation, bias=bias, name=branch)
            branches.append(normalise(y, p.norm, name=branch))
        x = activate(summed(branches, name=f"{prefix}_c1_sum"), p.activation, name=f"{prefix}_c1")
        x = conv(x, p.filters, p.kernel, dilation=p.dilation, bias=bias, name=f"{prefix}_c2")
        x = normalise(x, p.norm, name=f"{prefix}_c2")
        x = activate(residual(x, shortcut, name=f"{prefix}_add"), p.activation, name=f"{prefix}_c2")
        if p.se_ratio > 0:
            x = squeeze_excite(x, p.se_ratio, form=p, name=f"{prefix}_se")
    return x


def block_sm(x: keras.KerasTensor, p: TcnBlockParams, name: str) -> keras.KerasTensor:
    """Small block: depthwise separable steps (MobileNet, Howard et al. 2017), squeeze-excite once at the block's end.

    Per step depthwise convolutions (one per branch, summed) and a 1x1 convolution to filters, each with normalisation
    and activation; then squeeze-excite where se_ratio > 0 and the shortcut where channel counts agree. There is no
    expansion: ex_ratio is not used.
    """
    if p.ex_ratio != 1:
        log.warning("TCN block %s: type 'sm' has no expansion, so ex_ratio %s is not used.", name, p.ex_ratio)
    shortcut = x
    for step in range(1, p.depth + 1):
        x = _separate(x, p, f"{name}_s{step}_dw")
        x = _mix(x, p.filters, p, f"{name}_s{step}_pw")
    if p.se_ratio > 0:
        x = squeeze_excite(x, p.se_ratio, form=p, name=f"{name}_se")
    return residual(x, shortcut, name=f"{name}_add")


BLOCKS: dict[str, Callable[[keras.KerasTensor, TcnBlockParams, str], keras.KerasTensor]] = {
    "mb": block_mb,
    "lg": block_lg,
    "sm": block_sm,
}


def build(inputs: keras.KerasTensor, params: TcnParams, num_classes: int, head: str) -> keras.KerasTensor:
    """Put a TCN on `inputs`.

    Parameters
    ----------
    inputs : KerasTensor, shape (batch, time, channels)
        The frames.
    params : TcnParams
        Its parameters.
    num_classes : int
        Channels of the head.
    head : str
        `SAMPLE`: a convolution of `output_kernel` samples. `FRAME`: the mean of each channel over time and a dense
        layer; `output_kernel` is not used.

    Returns
    -------
    KerasTensor, shape (batch, time, num_classes) or (batch, num_classes)
        Logits by default; without the head (``include_top`` false) the last block's channels, or their means.
    """
    x = to_2d(inputs)
    if params.input_kernel is not None:
        x = depthwise(x, params.input_kernel, bias=params.input_norm is None, name="encoder")
        x = normalise(x, params.input_norm, name="encoder")
    for number, block in enumerate(params.blocks, 1):
        x = BLOCKS[params.block_type](x, block, f"b{number}")
        if block.dropout:
            x = keras.layers.SpatialDropout2D(block.dropout, name=f"b{number}_dropout")(x)
    if head == FRAME:
        return frame_answer(x, params, num_classes)
    if params.include_top:
        x = conv(x, num_classes, params.output_kernel, bias=True, name="head")
    return finish(to_1d(x), params)


def _branches(p: TcnBlockParams, name: str) -> list[str]:
    return [name] if p.branch == 1 else [f"{name}_b{number}" for number in range(1, p.branch + 1)]


def _separate(x: keras.KerasTensor, p: TcnBlockParams, name: str) -> keras.KerasTensor:
    """Convolve each channel by itself, normalise, activate."""
    bias, outputs = p.norm is None, []
    for branch in _branches(p, name):
        y = depthwise(x, p.kernel, dilation=p.dilation, bias=bias, name=branch)
        outputs.append(normalise(y, p.norm, name=branch))
    return activate(summed(outputs, name=f"{name}_sum"), p.activation, name=name)


def _mix(x: keras.KerasTensor, filters: int, p: TcnBlockParams, name: str) -> keras.KerasTensor:
    """Mix channels sample by sample, normalise, activate."""
    return mix(x, filters, 1, norm=p.norm, activation=p.activation, name=name)


ARCHITECTURE = Architecture(
    name="tcn",
    summary="temporal convolutional network, dilated depthwise blocks",
    params=TcnParams,
    build=build,
    heads=frozenset({SAMPLE, FRAME}),
    example={
        "input_kernel": 5,
        "input_norm": "batch",
        "blocks": [
            {"filters": 8, "kernel": [1, 5], "branch": 2, "norm": "batch"},
            {"filters": 12, "kernel": [1, 5], "dilation": 2, "se_ratio": 2, "norm": "batch"},
        ],
    },
)
