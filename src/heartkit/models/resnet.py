"""ResNet: residual blocks of full convolutions along time, one answer per frame.

After He et al. 2016 (doi:10.1109/CVPR.2016.90), which Hannun et al. 2019 (doi:10.1038/s41591-018-0268-3) and others
brought to the ECG. Inside, tensors are (batch, 1, time, channels); one reshape at the start, none at the end.
"""

from __future__ import annotations

from pydantic import Field

from heartkit.models.architecture import FRAME, Architecture, frame_answer
from heartkit.models.backend import keras
from heartkit.models.blocks import activate, mix, to_2d
from heartkit.models.params import Activation, Kernel, PooledParams, Rate, Strides
from heartkit.strict import StrictParams

EXPANSION = 4
"""Output channels of a bottleneck block per channel within (He et al. 2016)."""


class ResNetBlockParams(StrictParams):
    """Parameters of one stage: `depth` blocks, the first of which has the strides."""

    filters: int = Field(ge=1, description="Channels; a bottleneck block puts out four times as many")
    depth: int = Field(default=1, ge=1, description="Blocks in the stage")
    kernel_size: Kernel = Field(default=3, description="Kernel length in samples, n or [1, n]")
    strides: Strides = Field(default=1, description="Strides of the first block, n or [1, n]")
    bottleneck: bool = Field(default=False, description="Convolve between two 1x1 convolutions, in a quarter channels")
    activation: Activation = Field(default="relu6", description="Activation after each convolution and sum")


class ResNetParams(PooledParams):
    """Parameters of a ResNet."""

    input_filters: int = Field(default=0, ge=0, description="Channels of the first convolution; 0 for none")
    input_kernel_size: Kernel = Field(default=3, description="Its kernel, n or [1, n]")
    input_strides: Strides = Field(default=2, description="Its strides, n or [1, n]")
    input_activation: Activation = Field(default="relu6", description="Activation after it")
    blocks: list[ResNetBlockParams] = Field(min_length=1, description="The stages, from input to output")
    dropout: Rate = Field(default=0.2, description="Dropout before the dense layer")


def block(x: keras.KerasTensor, p: ResNetBlockParams, *, strides: int, name: str) -> keras.KerasTensor:
    """Residual block: two convolutions, or with `bottleneck` a convolution between two of kernel 1.

    Batch norm follows each convolution; an activation each but the last, and the sum. The shortcut is a 1x1
    convolution with batch norm where shapes differ.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    p : ResNetBlockParams
        The stage's parameters.
    strides : int
        Strides of the first convolution that is longer than 1.
    name : str
        Prefix of the layers' names.
    """
    act, outputs = p.activation, p.filters * (EXPANSION if p.bottleneck else 1)
    y = mix(x, p.filters, 1, norm="batch", activation=act, name=f"{name}_in") if p.bottleneck else x
    y = mix(y, p.filters, p.kernel_size, strides=strides, norm="batch", activation=act, name=f"{name}_c1")
    y = mix(y, outputs, 1 if p.bottleneck else p.kernel_size, norm="batch", name=f"{name}_c2")
    if strides > 1 or x.shape[-1] != outputs:
        x = mix(x, outputs, 1, strides=strides, norm="batch", name=f"{name}_shortcut")
    return activate(keras.layers.Add(name=f"{name}_add")([x, y]), act, name=name)


def build(inputs: keras.KerasTensor, params: ResNetParams, num_classes: int, head: str) -> keras.KerasTensor:
    """Put a ResNet on `inputs`.

    Parameters
    ----------
    inputs : KerasTensor, shape (batch, time, channels)
        The frames.
    params : ResNetParams
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
    x = to_2d(inputs)
    if params.input_filters:
        x = mix(
            x, params.input_filters, params.input_kernel_size, strides=params.input_strides, norm="batch",
            activation=params.input_activation, name="stem",
        )  # fmt: skip
    for stage, p in enumerate(params.blocks, 1):
        for step in range(p.depth):
            x = block(x, p, strides=p.strides if step == 0 else 1, name=f"b{stage}_s{step + 1}")
    return frame_answer(x, params, num_classes, params.dropout)


ARCHITECTURE = Architecture(
    name="resnet",
    summary="residual blocks of full convolutions, one answer per frame",
    params=ResNetParams,
    build=build,
    heads=frozenset({FRAME}),
    example={
        "input_filters": 8,
        "blocks": [{"filters": 8, "kernel_size": [1, 5]}, {"filters": 4, "strides": [1, 2], "bottleneck": True}],
    },
)
