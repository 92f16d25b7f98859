"""Parameters that architectures share: the types, and what every architecture understands."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from heartkit.strict import StrictParams


def _along_time(value: Any, other: int = 1) -> Any:
    """Turn ``[1, n]`` into ``n``; what is no list is left for pydantic to judge."""
    if not isinstance(value, list | tuple):
        return value
    if len(value) == 2 and value[0] == other:
        return value[1]
    raise ValueError(f"must be n or [{other}, n] (models are 1-D, time is the second axis), got {value!r}")


def _beside_time(value: Any) -> Any:
    """Turn ``[0, n]`` into ``n``: the other axis is not padded."""
    return _along_time(value, 0)


Kernel = Annotated[int, BeforeValidator(_along_time), Field(ge=1)]
"""A size along time in samples, >= 1, written ``n`` or ``[1, n]``."""

Strides = Kernel
"""Samples from one output to the next, >= 1, written ``n`` or ``[1, n]``."""

Padding = Annotated[int, BeforeValidator(_beside_time), Field(ge=0)]
"""Zeros at either end of the time axis, >= 0, written ``n`` or ``[0, n]``."""

Norm = Literal["batch", "layer"] | None
"""Normalisation after a convolution; None for a bias instead."""

Rate = Annotated[float, Field(ge=0, lt=1)]
"""A dropout rate, 0 <= rate < 1."""

Activation = Literal[
    "relu6", "relu", "leaky_relu", "elu", "silu", "swish", "hard_silu", "hard_swish", "sigmoid", "hard_sigmoid", "tanh",
    "linear",
]  # fmt: skip
"""Activations by their Keras names; ``relu6`` and ``relu`` fuse into the convolution before them."""


Gate = Literal["hard_sigmoid", "sigmoid"]
"""Activation of squeeze-excite's gate; a hard sigmoid is quicker on a Cortex-M."""

Pooling = Literal["mean", "average_pool"]
"""Operator of a mean over time: AVERAGE_POOL_2D, for which CMSIS-NN has a kernel, or MEAN, for which it has none."""


class ExciteParams(StrictParams):
    """What blocks with squeeze-excite understand."""

    se_activation: Gate = Field(default="hard_sigmoid", description="Activation of squeeze-excite's gate")
    se_pooling: Pooling = Field(default="average_pool", description="How squeeze-excite takes means over time")


class TopParams(StrictParams):
    """What every architecture understands, whatever else it takes."""

    include_top: bool = Field(default=True, description="False leaves the head out: the outputs are features")
    use_logits: bool = Field(default=True, description="False puts a softmax after the head")
    output_activation: Literal["softmax", Activation] | None = Field(
        default=None, description="Activation after the head, in place of what use_logits says"
    )
    name: str | None = Field(default=None, pattern=r"^[^/]+$", description="Name of the Keras model")
    model_name: str | None = Field(default=None, pattern=r"^[^/]+$", description="The same, as older files call it")


class PooledParams(TopParams):
    """What architectures understand that answer per frame from each channel's mean over time."""

    pooling: Pooling = Field(default="average_pool", description="How the head per frame takes means over time")
