"""TSMixer: dense layers over time and over channels in turn, per sample or per frame.

After Chen et al. 2023 (doi:10.48550/arXiv.2303.06053). A dense layer over time has time x time weights for each block,
whatever the channels: small frames, or steps of several samples (`input_strides`), keep it small. It sees time as
channels, which takes a transpose before and after it on the target; that is the price of this architecture. Inside,
tensors are (batch, 1, time, channels).
"""

from __future__ import annotations

from pydantic import Field

from heartkit.models.architecture import FRAME, OPERATORS, SAMPLE, Architecture, finish
from heartkit.models.backend import keras
from heartkit.models.blocks import conv, mix, to_2d
from heartkit.models.heads import fine_head
from heartkit.models.params import Activation, Kernel, Norm, Rate, Strides, TopParams
from heartkit.strict import StrictParams


class TsMixerBlockParams(StrictParams):
    """Parameters of one block."""

    norm: Norm = Field(default="layer", description="batch, layer or null, behind a dense layer with activation")
    activation: Activation = Field(default="relu", description="Activation of the layer over time, and of the hidden")
    dropout: Rate | None = Field(default=None, description="Dropout behind each dense layer")
    ff_dim: int | None = Field(default=None, ge=1, description="Hidden channels; null for as many as there are")


class TsMixerParams(TopParams):
    """Parameters of a TSMixer."""

    input_filters: int = Field(default=0, ge=0, description="Channels of a first convolution; 0 for none")
    input_kernel_size: Kernel = Field(default=1, description="Its kernel, n or [1, n]")
    input_strides: Strides = Field(default=1, description="Its strides, n or [1, n]")
    blocks: list[TsMixerBlockParams] = Field(min_length=1, description="The blocks, from input to output")


def block(x: keras.KerasTensor, p: TsMixerBlockParams, name: str) -> keras.KerasTensor:
    """One dense layer over time for all channels, then two over channels for all time steps; a shortcut around each.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    p : TsMixerBlockParams
        The block's parameters.
    name : str
        Prefix of the layers' names.
    """
    _, _, time, channels = x.shape
    y = keras.layers.Permute((1, 3, 2), name=f"{name}_to_time")(x)
    y = mix(y, time, 1, norm=p.norm, activation=p.activation, name=f"{name}_time")
    y = keras.layers.Permute((1, 3, 2), name=f"{name}_from_time")(y)
    x = keras.layers.Add(name=f"{name}_time_add")([x, _dropped(y, p, f"{name}_time")])
    y = mix(x, p.ff_dim or channels, 1, norm=p.norm, activation=p.activation, name=f"{name}_ex")
    y = conv(_dropped(y, p, f"{name}_ex"), channels, 1, bias=True, name=f"{name}_pw")
    return keras.layers.Add(name=f"{name}_add")([x, _dropped(y, p, f"{name}_pw")])


def _dropped(x: keras.KerasTensor, p: TsMixerBlockParams, name: str) -> keras.KerasTensor:
    return keras.layers.Dropout(p.dropout, name=f"{name}_dropout")(x) if p.dropout else x


def build(inputs: keras.KerasTensor, params: TsMixerParams, num_classes: int, head: str) -> keras.KerasTensor:
    """Put a TSMixer on `inputs`.

    Parameters
    ----------
    inputs : KerasTensor, shape (batch, time, channels)
        The frames.
    params : TsMixerParams
        Its parameters.
    num_classes : int
        Channels of the head.
    head : str
        `FRAME`: a dense layer on all channels of all time steps (the paper's temporal projection). `SAMPLE`: a 1x1
        convolution, by which each step answers for the samples that it stands for; `input_strides` must divide the
        frame.

    Returns
    -------
    KerasTensor, shape (batch, time, num_classes) or (batch, num_classes)
        Logits by default; without the head (``include_top`` false) the steps' channels, per frame in one row.

    Raises
    ------
    ConfigError
        If the strides do not divide the frame with the head per sample.
    """
    x, strides = to_2d(inputs), 1
    if params.input_filters:
        strides = params.input_strides
        x = mix(
            x, params.input_filters, params.input_kernel_size, strides=strides, norm="batch", activation="relu6",
            name="stem",
        )  # fmt: skip
    for number, p in enumerate(params.blocks, 1):
        x = block(x, p, f"b{number}")
    if head == SAMPLE:
        classes = num_classes if params.include_top else None
        return finish(fine_head(x, classes, time=inputs.shape[1], strides=strides), params)
    x = keras.layers.Flatten(name="flat")(x)
    return finish(keras.layers.Dense(num_classes, name="head")(x) if params.include_top else x, params)


ARCHITECTURE = Architecture(
    name="tsmixer",
    summary="dense layers over time and over channels in turn, per sample or per frame",
    params=TsMixerParams,
    build=build,
    heads=frozenset({SAMPLE, FRAME}),
    operators=(OPERATORS - {"DEPTHWISE_CONV_2D", "MUL", "AVERAGE_POOL_2D"}) | {"TRANSPOSE"},
    example={
        "input_filters": 6,
        "input_kernel_size": [1, 5],
        "input_strides": [1, 2],
        "blocks": [
            {"norm": "batch", "dropout": 0.1, "ff_dim": 12},
            {"norm": "batch", "activation": "relu6"},
        ],
    },
)
