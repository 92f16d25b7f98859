"""MobileOne: branches that train side by side and run as one convolution, one answer per frame.

After Vasu et al. 2023 (doi:10.1109/CVPR52729.2023.00764) along time. In training each convolution is a sum of parallel
linear branches; `heartkit.models.fold.fold`, which export applies, makes one convolution of each sum. Inside, tensors
are (batch, 1, time, channels); one reshape at the start, none at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field

from heartkit.errors import ConfigError
from heartkit.models.architecture import FRAME, Architecture, frame_answer
from heartkit.models.backend import keras
from heartkit.models.blocks import activate, conv, depthwise, normalise, squeeze_excite, summed, to_2d
from heartkit.models.params import Activation, ExciteParams, Kernel, Padding, PooledParams, Rate, Strides


class MobileOneBlockParams(ExciteParams):
    """Parameters of one stage: `depth` steps, the first of which has the strides."""

    filters: int = Field(ge=1, description="Output channels")
    depth: int = Field(default=1, ge=1, description="Steps in the stage: each a depthwise and a 1x1 convolution")
    kernel_size: Kernel = Field(default=3, description="Kernel of the depthwise convolution, n or [1, n]")
    strides: Strides = Field(default=1, description="Its strides in the first step, n or [1, n]")
    padding: Padding = Field(default=0, description="Zeros at either end before it, n or [0, n]")
    se_ratio: float = Field(default=8, ge=0, description="Channels per hidden unit of squeeze-excite; 0 for none")
    se_depth: int = Field(default=0, ge=0, description="How many of the last steps have squeeze-excite")
    num_conv_branches: int = Field(default=2, ge=1, description="Convolutions side by side in training")
    activation: Activation = Field(default="relu6", description="Activation after each sum of branches")


class MobileOneParams(PooledParams):
    """Parameters of a MobileOne."""

    input_filters: int = Field(default=3, ge=1, description="Channels of the first convolution")
    input_kernel_size: Kernel = Field(default=3, description="Its kernel, n or [1, n]")
    input_strides: Strides = Field(default=2, description="Its strides, n or [1, n]")
    input_padding: Padding = Field(default=1, description="Zeros at either end before it, n or [0, n]")
    blocks: list[MobileOneBlockParams] = Field(min_length=1, description="The stages, from input to output")
    dropout: Rate = Field(default=0.2, description="Dropout before the dense layer")


Convolve = Callable[..., keras.KerasTensor]
"""``(x, kernel, strides=, padding=, name=) -> outputs``."""


def branches(
    x: keras.KerasTensor, convolve: Convolve, kernel: int, *, strides: int, padding: int, count: int, name: str
) -> keras.KerasTensor:
    """Sum `count` convolutions, where the kernel is longer than 1 one of kernel 1, and the input where shapes agree.

    Batch norm follows each branch, the input's too; there is no activation. With ``padding == kernel // 2`` the output
    has ceil(time / strides) samples; other paddings put so many zeros at either end and nothing more.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    convolve : callable
        Makes one convolution.
    kernel, strides, padding, count : int
        Of the convolutions, in samples; how many.
    name : str
        Prefix of the layers' names.
    """
    middle, inner = x, "same"
    if padding != kernel // 2:
        inner = "valid"
        x = keras.layers.ZeroPadding2D(((0, 0), (padding, padding)), name=f"{name}_pad")(x) if padding else x
        if x.shape[2] < kernel:
            raise ConfigError(
                f"MobileOne's layer {name} has {x.shape[2]} samples left with padding {padding}, fewer than its kernel "
                f"of {kernel}. Set its padding to {kernel // 2}, or use longer frames or smaller strides."
            )
        # What a kernel's middle tap sees.
        ends = (kernel // 2, kernel - 1 - kernel // 2)
        middle = keras.layers.Cropping2D(((0, 0), ends), name=f"{name}_crop")(x) if kernel > 1 else x
    shape: dict[str, Any] = {"strides": strides, "padding": inner}
    found = [
        normalise(convolve(x, kernel, **shape, name=branch), "batch", name=branch)
        for branch in [f"{name}_c{number}" for number in range(1, count + 1)]
    ]
    if kernel > 1:
        point = convolve(middle, 1, **shape, name=f"{name}_scale")
        found.append(normalise(point, "batch", name=f"{name}_scale"))
    if middle.shape == found[0].shape:
        found.append(normalise(middle, "batch", name=f"{name}_skip"))
    return summed(found, name=name)


def step(x: keras.KerasTensor, p: MobileOneBlockParams, *, strides: int, excite: bool, name: str) -> keras.KerasTensor:
    """Convolve each channel by itself, then mix channels; squeeze-excite and an activation after either.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    p : MobileOneBlockParams
        The stage's parameters.
    strides : int
        Of the depthwise convolution.
    excite : bool
        Whether there is squeeze-excite, if se_ratio > 0.
    name : str
        Prefix of the layers' names.
    """

    def finished(y: keras.KerasTensor, part: str) -> keras.KerasTensor:
        if excite and p.se_ratio > 0:
            y = squeeze_excite(y, p.se_ratio, form=p, name=f"{part}_se")
        return activate(y, p.activation, name=part)

    part, count = f"{name}_dw", p.num_conv_branches
    x = branches(x, depthwise, p.kernel_size, strides=strides, padding=p.padding, count=count, name=part)
    x = finished(x, part)
    part = f"{name}_pw"
    return finished(branches(x, _mixing(p.filters), 1, strides=1, padding=0, count=count, name=part), part)


def _mixing(filters: int) -> Convolve:
    return lambda x, kernel, **shape: conv(x, filters, kernel, **shape)


def build(inputs: keras.KerasTensor, params: MobileOneParams, num_classes: int, head: str) -> keras.KerasTensor:
    """Put a MobileOne on `inputs`.

    Parameters
    ----------
    inputs : KerasTensor, shape (batch, time, channels)
        The frames.
    params : MobileOneParams
        Its parameters.
    num_classes : int
        Outputs of the head.
    head : str
        `FRAME`, the only one.

    Returns
    -------
    KerasTensor, shape (batch, num_classes)
        Logits by default; without the head (``include_top`` false) each channel's mean over time.

    Raises
    ------
    ConfigError
        If a kernel is longer than what is left of the frame with its padding.
    """
    x = branches(
        to_2d(inputs), _mixing(params.input_filters), params.input_kernel_size,
        strides=params.input_strides, padding=params.input_padding, count=1, name="stem",
    )  # fmt: skip
    x = activate(x, "relu6", name="stem")
    for stage, p in enumerate(params.blocks, 1):
        for number in range(p.depth):
            x = step(
                x, p, strides=p.strides if number == 0 else 1, excite=number >= p.depth - p.se_depth,
                name=f"b{stage}_s{number + 1}",
            )  # fmt: skip
    return frame_answer(x, params, num_classes, params.dropout)


ARCHITECTURE = Architecture(
    name="mobileone",
    summary="parallel branches that export folds into single convolutions, one answer per frame",
    params=MobileOneParams,
    build=build,
    heads=frozenset({FRAME}),
    example={
        "input_filters": 8,
        "blocks": [
            {"filters": 8, "depth": 2, "padding": [0, 1], "se_depth": 1, "se_ratio": 2},
            {"filters": 12, "kernel_size": [1, 5], "padding": 2, "strides": 2, "num_conv_branches": 3},
        ],
    },
)
