"""What comes last: one answer for the frame, or one for every sample where a network has fewer time steps than that."""

from __future__ import annotations

from heartkit.errors import ConfigError
from heartkit.models.backend import keras
from heartkit.models.blocks import conv, time_mean
from heartkit.models.params import Pooling


def frame_head(
    x: keras.KerasTensor, num_classes: int | None, *, dropout: float | None = None, pooling: Pooling = "average_pool"
) -> keras.KerasTensor:
    """Give one answer for the frame: each channel's mean over time, dropout in training, a dense layer.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Features.
    num_classes : int or None
        Outputs of the dense layer; None leaves it and the dropout out.
    dropout : float, optional
        Share of the means that a training step leaves out, 0 <= dropout < 1.
    pooling : {"mean", "average_pool"}
        How the means are computed on the target; see `heartkit.models.blocks.time_mean`.

    Returns
    -------
    KerasTensor, shape (batch, num_classes) or (batch, channels)
    """
    if pooling == "average_pool":
        x = keras.layers.Flatten(name="pool_flat")(time_mean(x, pooling, name="pool"))
    else:
        x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    if num_classes is None:
        return x
    if dropout:
        x = keras.layers.Dropout(dropout, name="head_dropout")(x)
    return keras.layers.Dense(num_classes, name="head")(x)


def fine_head(x: keras.KerasTensor, num_classes: int | None, *, time: int, strides: int) -> keras.KerasTensor:
    """Give an answer for each sample from a network whose steps are `strides` samples apart.

    Each step answers for its samples side by side in channels (sub-pixel convolution, Shi et al. 2016,
    doi:10.1109/CVPR.2016.207): a 1x1 convolution, and a reshape that moves nothing in memory.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time / strides, channels)
        Features.
    num_classes : int or None
        Answers per sample; None leaves the convolution out.
    time, strides : int
        Samples of the frame; samples per step.

    Returns
    -------
    KerasTensor, shape (batch, time, num_classes) or (batch, time / strides, channels)

    Raises
    ------
    ConfigError
        If `strides` does not divide `time`.
    """
    if time % strides:
        raise ConfigError(
            f"Frames of {time} samples cannot be answered per sample in steps of {strides} (all strides multiplied): "
            f"set frame_size to {time // strides * strides or strides}, or another multiple of {strides}, or use "
            "smaller strides."
        )
    if num_classes is not None:
        x = conv(x, num_classes * strides, 1, bias=True, name="head")
    shape = x.shape[2:] if num_classes is None else (time, num_classes)
    return keras.layers.Reshape(shape, name="to_1d")(x)
