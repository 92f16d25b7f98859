"""EfficientNetV2: inverted-residual blocks that halve time, one answer per frame.

After Tan and Le 2021 (doi:10.48550/arXiv.2104.00298) along time, with the blocks of MobileNetV2 throughout: the fused
blocks of the paper's first stages cost `kernel` times the weights, which a few thousand parameters cannot pay for.
Inside, tensors are (batch, 1, time, channels); one reshape at the start, none at the end.
"""

from __future__ import annotations

from pydantic import Field

from heartkit.models.architecture import FRAME, Architecture, frame_answer
from heartkit.models.backend import keras
from heartkit.models.blocks import drop_path, mix, separate, squeeze_excite, to_2d
from heartkit.models.params import Activation, ExciteParams, Kernel, Norm, PooledParams, Rate, Strides


class EfficientNetBlockParams(ExciteParams):
    """Parameters of one stage: `depth` blocks, the first of which has the strides."""

    filters: int = Field(ge=1, description="Output channels")
    depth: int = Field(default=1, ge=1, description="Blocks in the stage")
    ex_ratio: float = Field(default=1, gt=0, description="Hidden channels per input channel")
    kernel_size: Kernel = Field(default=3, description="Kernel length in samples, n or [1, n]")
    strides: Strides = Field(default=1, description="Strides of the first block, n or [1, n]")
    se_ratio: float = Field(default=8, ge=0, description="Input channels per hidden unit of squeeze-excite; 0 for none")
    droprate: Rate = Field(default=0, description="Stochastic depth of these blocks; 0 for what drop_connect_rate says")
    bn_momentum: Rate = Field(default=0.9, description="Momentum of batch normalisation's moving statistics")
    activation: Activation = Field(default="relu6", description="Activation after each convolution but the last")


class EfficientNetV2Params(PooledParams):
    """Parameters of an EfficientNetV2."""

    input_filters: int = Field(default=0, ge=0, description="Channels of the first convolution; 0 for none")
    input_kernel_size: Kernel = Field(default=3, description="Its kernel, n or [1, n]")
    input_strides: Strides = Field(default=2, description="Its strides, n or [1, n]")
    input_activation: Activation = Field(default="relu6", description="Activation after it")
    blocks: list[EfficientNetBlockParams] = Field(min_length=1, description="The stages, from input to output")
    output_filters: int = Field(default=0, ge=0, description="Channels of a last 1x1 convolution; 0 for none")
    activation: Activation = Field(default="relu6", description="Activation after it")
    dropout: Rate = Field(default=0.2, description="Dropout before the dense layer")
    drop_connect_rate: Rate = Field(
        default=0.2, description="Stochastic depth: reached at the network's end, growing evenly from 0"
    )
    norm: Norm = Field(default="batch", description="batch, layer or null")


def mbconv(
    x: keras.KerasTensor, p: EfficientNetBlockParams, norm: Norm, *, strides: int, drop: float, name: str
) -> keras.KerasTensor:
    """Inverted-residual block with linear bottleneck (Sandler et al. 2018) and squeeze-excite (Hu et al. 2018).

    Where ex_ratio is not 1 a 1x1 expansion to ``channels * ex_ratio``; a depthwise convolution with the strides;
    squeeze-excite with ``channels / se_ratio`` hidden units; a 1x1 convolution to `filters` without activation; the
    shortcut where shapes agree.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    p : EfficientNetBlockParams
        The stage's parameters.
    norm : {"batch", "layer", None}
        Normalisation after each convolution.
    strides : int
        Samples from one output to the next.
    drop : float
        Share of training frames for which the block is only its shortcut.
    name : str
        Prefix of the layers' names.
    """
    channels, y, momentum = x.shape[-1], x, p.bn_momentum
    if p.ex_ratio != 1:
        hidden = max(1, round(channels * p.ex_ratio))
        y = mix(y, hidden, 1, norm=norm, activation=p.activation, momentum=momentum, name=f"{name}_ex")
    y = separate(
        y, p.kernel_size, strides=strides, norm=norm, activation=p.activation, momentum=momentum, name=f"{name}_dw"
    )
    if p.se_ratio > 0:
        y = squeeze_excite(y, y.shape[-1] / channels * p.se_ratio, form=p, name=f"{name}_se")
    y = mix(y, p.filters, 1, norm=norm, momentum=momentum, name=f"{name}_pw")
    if strides > 1 or channels != p.filters:
        return y
    return keras.layers.Add(name=f"{name}_add")([x, drop_path(y, drop, name=f"{name}_drop")])


def build(inputs: keras.KerasTensor, params: EfficientNetV2Params, num_classes: int, head: str) -> keras.KerasTensor:
    """Put an EfficientNetV2 on `inputs`.

    Parameters
    ----------
    inputs : KerasTensor, shape (batch, time, channels)
        The frames.
    params : EfficientNetV2Params
        Its parameters.
    num_classes : int
        Outputs of the head.
    head : str
        `FRAME`, the only one.

    Returns
    -------
    KerasTensor, shape (batch, num_classes)
        Logits by default; without the head (``include_top`` false) each channel's mean over time.
    """
    x, norm = to_2d(inputs), params.norm
    if params.input_filters:
        x = mix(
            x, params.input_filters, params.input_kernel_size, strides=params.input_strides, norm=norm,
            activation=params.input_activation, name="stem",
        )  # fmt: skip
    number, total = 0, sum(block.depth for block in params.blocks)
    for stage, block in enumerate(params.blocks, 1):
        for step in range(block.depth):
            drop = block.droprate or params.drop_connect_rate * number / total
            strides = block.strides if step == 0 else 1
            x = mbconv(x, block, norm, strides=strides, drop=drop, name=f"b{stage}_s{step + 1}")
            number += 1
    if params.output_filters:
        x = mix(x, params.output_filters, 1, norm=norm, activation=params.activation, name="neck")
    return frame_answer(x, params, num_classes, params.dropout)


ARCHITECTURE = Architecture(
    name="efficientnetv2",
    summary="inverted-residual blocks with squeeze-excite, one answer per frame",
    params=EfficientNetV2Params,
    build=build,
    heads=frozenset({FRAME}),
    example={
        "input_filters": 8,
        "input_kernel_size": [1, 5],
        "blocks": [
            {"filters": 8, "depth": 2, "kernel_size": [1, 5], "se_ratio": 2},
            {"filters": 12, "ex_ratio": 2, "strides": [1, 2], "se_ratio": 4},
        ],
        "output_filters": 16,
    },
)
