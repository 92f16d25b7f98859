"""MetaFormer: stages that mix over time, then over channels, by whichever mixer suits; one answer per frame.

After Yu et al. 2022 (doi:10.1109/CVPR52688.2022.01055; conv and attention mixers: doi:10.1109/TPAMI.2023.3329173): what
mixes over time matters less than the frame around it, so that a mean of three samples may do. Batch norm stands behind
each mixer's last linear layer in place of layer norm in front of the mixer (see `heartkit.models.blocks.linear`).
Inside, tensors are (batch, 1, time, channels); one reshape at the start, none at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from heartkit.errors import ConfigError
from heartkit.models import attention as attend
from heartkit.models.architecture import FRAME, OPERATORS, Architecture, frame_answer
from heartkit.models.backend import keras
from heartkit.models.blocks import depthwise, drop_path, linear, mix, separate, to_2d
from heartkit.models.params import Activation, Kernel, PooledParams, Rate, Strides
from heartkit.strict import StrictParams


class PatchEmbedParams(StrictParams):
    """Parameters of the convolution at a stage's start."""

    embed_dim: int = Field(ge=1, description="Channels of the stage")
    patch_shape: Kernel = Field(description="Its kernel, n or [1, n]")
    stride_shape: Strides | None = Field(default=None, description="Its strides, n or [1, n]; null for its kernel")
    padding: Literal["same", "valid"] = Field(default="same", description="Whether the frame's ends are filled up")


class TokenMixerParams(StrictParams):
    """Which token mixer, and its parameters."""

    name: Literal["pool", "conv", "attention"]
    args: dict[str, Any] = Field(default_factory=dict, description="Its own parameters")


class ChannelMixerParams(StrictParams):
    """Which channel mixer, and its parameters."""

    name: Literal["mlp"] = "mlp"
    args: dict[str, Any] = Field(default_factory=dict, description="Its own parameters")


class PoolArgs(StrictParams):
    """Parameters of the token mixer `pool`."""

    pool_size: Kernel = Field(default=3, description="Samples whose mean is taken, n or [1, n]")


class ConvArgs(StrictParams):
    """Parameters of the token mixer `conv`."""

    embed_dim: int | None = Field(default=None, ge=1, description="Channels: null, or those of the stage")
    kernel_size: Kernel = Field(default=3, description="Kernel length in samples, n or [1, n]")
    strides: Strides = Field(default=1, le=1, description="1: patch_embed has the strides")


class AttentionArgs(StrictParams):
    """Parameters of the token mixer `attention`."""

    embed_dim: int | None = Field(default=None, ge=1, description="Channels of each head; null to share the stage's")
    num_heads: int = Field(default=4, ge=1, description="Heads")
    dropout: Rate = Field(default=0.1, description="Dropout on the attention's weights")
    embedding: Literal["relative"] | None = Field(default="relative", description="How time is seen; null for not")


class MlpArgs(StrictParams):
    """Parameters of the channel mixer `mlp`."""

    embed_dim: int | None = Field(default=None, ge=1, description="Channels: null, or those of the stage")
    ratio: float = Field(default=4, gt=0, description="Hidden channels per channel")
    activation: Activation = Field(default="relu6", description="Activation of the hidden channels")
    dropout: Rate = Field(default=0, description="Dropout after either layer")


class MetaFormerBlockParams(StrictParams):
    """Parameters of one stage."""

    layers: int = Field(default=2, ge=1, description="How often tokens and channels are mixed")
    patch_embed: Annotated[PatchEmbedParams | None, BeforeValidator(lambda given: given or None)] = Field(
        default=None, description="The convolution at its start; {} or null for none"
    )
    token_mixer: TokenMixerParams = Field(description="What mixes over time")
    channel_mixer: ChannelMixerParams = Field(
        default_factory=ChannelMixerParams, description="What mixes over channels"
    )


class MetaFormerParams(PooledParams):
    """Parameters of a MetaFormer."""

    blocks: list[MetaFormerBlockParams] = Field(min_length=1, description="The stages, from input to output")
    output_filters: int = Field(default=0, ge=0, description="Channels of a last 1x1 convolution; 0 for none")
    dropout: Rate = Field(default=0.2, description="Dropout before the dense layer")
    drop_connect_rate: Rate = Field(
        default=0.2, description="Stochastic depth: reached at the network's end, growing evenly from 0"
    )


Mix = Callable[[keras.KerasTensor, Any, str], keras.KerasTensor]
"""``(x, args, name) -> y`` of the same shape, without the shortcut."""


def pool(x: keras.KerasTensor, args: PoolArgs, name: str) -> keras.KerasTensor:
    """How far the mean of some samples is from each, times a learned factor per channel."""
    mean = keras.layers.AveragePooling2D((1, args.pool_size), (1, 1), padding="same", name=f"{name}_pool")(x)
    away = keras.layers.Subtract(name=f"{name}_away")([mean, x])
    return separate(away, 1, norm="batch", name=f"{name}_scale")


def conv(x: keras.KerasTensor, args: ConvArgs, name: str) -> keras.KerasTensor:
    """Depthwise separable convolution."""
    _same_channels(x, args.embed_dim, name)
    return linear(depthwise(x, args.kernel_size, name=f"{name}_dw"), x.shape[-1], name=f"{name}_pw")


def attention(x: keras.KerasTensor, args: AttentionArgs, name: str) -> keras.KerasTensor:
    """Self-attention; see `heartkit.models.attention.attention`."""
    channels = x.shape[-1]
    if args.embed_dim is None and channels % args.num_heads:
        raise ConfigError(
            f"MetaFormer's {name}: num_heads {args.num_heads} must divide the stage's {channels} channels "
            "(patch_embed.embed_dim), or set embed_dim to the channels of each head."
        )
    return attend.attention(
        x, heads=args.num_heads, size=args.embed_dim or channels // args.num_heads,
        relative=args.embedding is not None, dropout=args.dropout, bias=False, name=name,
    )  # fmt: skip


def mlp(x: keras.KerasTensor, args: MlpArgs, name: str) -> keras.KerasTensor:
    """Two dense layers on each sample's channels."""
    _same_channels(x, args.embed_dim, name)
    y = linear(x, max(1, round(x.shape[-1] * args.ratio)), activation=args.activation, name=f"{name}_ex")
    y = keras.layers.Dropout(args.dropout, name=f"{name}_ex_dropout")(y) if args.dropout else y
    y = linear(y, x.shape[-1], name=f"{name}_pw")
    return keras.layers.Dropout(args.dropout, name=f"{name}_dropout")(y) if args.dropout else y


MIXERS: dict[str, tuple[Mix, type[StrictParams]]] = {
    "pool": (pool, PoolArgs),
    "conv": (conv, ConvArgs),
    "attention": (attention, AttentionArgs),
    "mlp": (mlp, MlpArgs),
}


def stage(
    x: keras.KerasTensor, p: MetaFormerBlockParams, rates: list[float], *, place: str, name: str
) -> keras.KerasTensor:
    """Embed patches, then mix over time and over channels, with a shortcut around each.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    p : MetaFormerBlockParams
        The stage's parameters.
    rates : list of float
        Of stochastic depth, for each of its layers.
    place : str
        Where the parameters stand, for errors.
    name : str
        Prefix of the layers' names.
    """
    if (patch := p.patch_embed) is not None:
        if patch.padding == "valid" and x.shape[2] < patch.patch_shape:
            raise ConfigError(
                f"{place}.patch_embed: of the frame {x.shape[2]} steps are left, fewer than patch_shape "
                f"{patch.patch_shape}. Use longer frames, smaller strides, or padding 'same'."
            )
        strides = patch.stride_shape or patch.patch_shape
        x = mix(
            x, patch.embed_dim, patch.patch_shape, strides=strides, padding=patch.padding, norm="batch",
            name=f"{name}_embed",
        )  # fmt: skip
    chosen: dict[str, TokenMixerParams | ChannelMixerParams] = {"token": p.token_mixer, "channel": p.channel_mixer}
    read = {kind: MIXERS[m.name][1].read(m.args, f"{place}.{kind}_mixer.args") for kind, m in chosen.items()}
    for number, rate in enumerate(rates, 1):
        for kind, mixer in chosen.items():
            part = f"{name}_l{number}_{kind}"
            y = MIXERS[mixer.name][0](x, read[kind], part)
            x = keras.layers.Add(name=f"{part}_add")([x, drop_path(y, rate, name=f"{part}_drop")])
    return x


def build(inputs: keras.KerasTensor, params: MetaFormerParams, num_classes: int, head: str) -> keras.KerasTensor:
    """Put a MetaFormer on `inputs`.

    Parameters
    ----------
    inputs : KerasTensor, shape (batch, time, channels)
        The frames.
    params : MetaFormerParams
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
        If a mixer does not have such a parameter, or does not fit the stage's channels.
    """
    x, total, number = to_2d(inputs), sum(p.layers for p in params.blocks), 0
    for index, p in enumerate(params.blocks):
        rates = [params.drop_connect_rate * (number + layer) / total for layer in range(p.layers)]
        place = f"architecture.params.blocks[{index}] of 'metaformer'"
        x = stage(x, p, rates, place=place, name=f"b{index + 1}")
        number += p.layers
    if params.output_filters:
        x = linear(x, params.output_filters, activation="relu6", name="neck")
    return frame_answer(x, params, num_classes, params.dropout)


def _same_channels(x: keras.KerasTensor, asked: int | None, name: str) -> None:
    if asked not in (None, x.shape[-1]):
        raise ConfigError(
            f"MetaFormer's {name}: embed_dim {asked} must be the stage's {x.shape[-1]} channels, which it is added to. "
            "Leave it out, or change patch_embed.embed_dim."
        )


ARCHITECTURE = Architecture(
    name="metaformer",
    summary="mixing over time by pooling, convolution or attention, then over channels; one answer per frame",
    params=MetaFormerParams,
    build=build,
    heads=frozenset({FRAME}),
    operators=OPERATORS | attend.OPERATORS | {"SUB"},
    example={
        "blocks": [
            {
                "layers": 1,
                "patch_embed": {"embed_dim": 8, "patch_shape": [1, 5], "stride_shape": [1, 2]},
                "token_mixer": {"name": "pool"},
                "channel_mixer": {"name": "mlp", "args": {"ratio": 2}},
            },
            {"layers": 1, "token_mixer": {"name": "conv", "args": {"kernel_size": [1, 5]}}},
            {
                "layers": 1,
                "patch_embed": {"embed_dim": 12, "patch_shape": 2},
                "token_mixer": {"name": "attention", "args": {"num_heads": 2}},
            },
        ],
        "output_filters": 16,
    },
)
