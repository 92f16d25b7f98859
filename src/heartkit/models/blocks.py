"""Layers made for the target: (1, time) convolutions, norms that fold or convert, squeeze-excite.

Tensors are (batch, 1, time, channels). Time is the second spatial axis, so that every convolution is a 2-D one with a
(1, k) kernel, which converts to one operator; 1-D convolutions would bring a reshape before and after each.
Only stock Keras layers and operations are used, so that a saved model loads anywhere, in safe mode.
"""

from __future__ import annotations

import math

from heartkit.models.backend import keras
from heartkit.models.params import ExciteParams, Norm, Pooling

EPSILON = 1e-3
MOMENTUM = 0.9
"""Of the moving statistics of batch normalisation. They change no step of training, but every validation.

With Keras' 0.99 they lag so far behind small networks trained for a thousand steps that the validation loss falls only
at the end, and patience runs out before (den-tcn-sm after 90 steps: training 0.21; validation 0.50, with 0.9 0.23).
"""


def to_2d(frames: keras.KerasTensor) -> keras.KerasTensor:
    """Bring frames (batch, time, channels) into the shape that the layers work on, (batch, 1, time, channels)."""
    return keras.layers.Reshape((1, *frames.shape[1:]), name="to_2d")(frames)


def to_1d(x: keras.KerasTensor) -> keras.KerasTensor:
    """Bring (batch, 1, time, channels) back to (batch, time, channels)."""
    return keras.layers.Reshape(x.shape[2:], name="to_1d")(x)


def conv(
    x: keras.KerasTensor,
    filters: int,
    kernel: int,
    *,
    name: str,
    strides: int = 1,
    dilation: int = 1,
    padding: str = "same",
    bias: bool = False,
) -> keras.KerasTensor:
    """Convolve along time, mixing channels.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    filters, kernel, strides, dilation : int
        Output channels; kernel length, distance between outputs and between the kernel's taps in samples.
    padding : str
        ``"same"`` for ceil(time / strides) outputs, ``"valid"`` for no zeros at the ends.
    name : str
        The layer's name.
    bias : bool
        Whether to add one; not needed where a norm follows.

    Returns
    -------
    KerasTensor, shape (batch, 1, time / strides, filters)
    """
    return keras.layers.Conv2D(
        filters, (1, kernel), strides=(1, strides), dilation_rate=(1, dilation), padding=padding, use_bias=bias,
        kernel_initializer="he_normal", name=name,
    )(x)  # fmt: skip


def depthwise(
    x: keras.KerasTensor,
    kernel: int,
    *,
    name: str,
    strides: int = 1,
    dilation: int = 1,
    padding: str = "same",
    bias: bool = False,
) -> keras.KerasTensor:
    """Convolve each channel along time with its own kernel; shapes and parameters as `conv`.

    He's initialisation with the fan-in a channel really has: Keras' own would count all channels.
    """
    return keras.layers.DepthwiseConv2D(
        # TensorFlow has equal strides only; the other axis is 1 long, so that its stride means nothing.
        (1, kernel), strides=(strides, strides), dilation_rate=(1, dilation), padding=padding, use_bias=bias,
        depthwise_initializer=keras.initializers.RandomNormal(stddev=math.sqrt(2 / kernel)), name=name,
    )(x)  # fmt: skip


def normalise(
    x: keras.KerasTensor, kind: Norm, *, name: str, momentum: float = MOMENTUM, scale: float = 1
) -> keras.KerasTensor:
    """Normalise; None leaves the input as it is.

    ``batch`` folds into the convolution before it and costs nothing on the target. ``layer`` is the global layer norm
    of Conv-TasNet (Luo and Mesgarani 2019): zero mean and unit variance over time and channels of each frame, then a
    scale and an offset per channel (2 parameters each). It is composed of operations that convert to int8 and int16,
    which Keras' LayerNormalization is not (its NEG stays in float). `momentum` is that of the batch
    statistics' moving average, `scale` what ``batch`` multiplies by before it has learned another factor.
    """
    if kind is None:
        return x
    if kind == "batch":
        gamma = "ones" if scale == 1 else keras.initializers.Constant(scale)
        return keras.layers.BatchNormalization(
            momentum=momentum, epsilon=EPSILON, gamma_initializer=gamma, name=f"{name}_norm"
        )(x)
    ops, axes = keras.ops, (1, 2, 3)
    deviation = ops.subtract(x, ops.mean(x, axis=axes, keepdims=True))
    variance = ops.mean(ops.multiply(deviation, deviation), axis=axes, keepdims=True)
    unit = ops.multiply(deviation, ops.rsqrt(ops.add(variance, EPSILON)))
    return keras.layers.DepthwiseConv2D((1, 1), depthwise_initializer="ones", name=f"{name}_norm")(unit)


def activate(x: keras.KerasTensor, kind: str, *, name: str) -> keras.KerasTensor:
    """Apply an activation by its Keras name; ``linear`` adds nothing."""
    return x if kind == "linear" else keras.layers.Activation(kind, name=f"{name}_act")(x)


def mix(
    x: keras.KerasTensor, filters: int, kernel: int, *, name: str, norm: Norm, activation: str = "linear",
    strides: int = 1, dilation: int = 1, padding: str = "same", momentum: float = MOMENTUM,
) -> keras.KerasTensor:  # fmt: skip
    """Convolve, mixing channels, then normalise and activate; see `conv`, `normalise` and `activate`."""
    x = conv(x, filters, kernel, strides=strides, dilation=dilation, padding=padding, bias=norm is None, name=name)
    return activate(normalise(x, norm, name=name, momentum=momentum), activation, name=name)


def separate(
    x: keras.KerasTensor, kernel: int, *, name: str, norm: Norm, activation: str = "linear",
    strides: int = 1, dilation: int = 1, momentum: float = MOMENTUM,
) -> keras.KerasTensor:  # fmt: skip
    """Convolve each channel by itself, then normalise and activate; see `depthwise`, `normalise` and `activate`."""
    x = depthwise(x, kernel, strides=strides, dilation=dilation, bias=norm is None, name=name)
    return activate(normalise(x, norm, name=name, momentum=momentum), activation, name=name)


def linear(
    x: keras.KerasTensor, filters: int, *, name: str, bias: bool = False, scale: float = 1, activation: str = "linear"
) -> keras.KerasTensor:
    """Mix channels sample by sample: a dense layer on each, then batch norm and an activation.

    On the target it is one convolution. Networks with attention have layer norms in front of their dense layers; batch
    norm behind them, as in LeViT (Graham et al. 2021, doi:10.1109/ICCV48922.2021.01204), costs nothing there.
    `scale` is the factor of the batch norm before training; see `normalise`.
    """
    x = conv(x, filters, 1, bias=bias, name=name)
    return activate(normalise(x, "batch", scale=scale, name=name), activation, name=name)


def time_mean(x: keras.KerasTensor, pooling: Pooling, *, name: str) -> keras.KerasTensor:
    """Return each channel's mean over time, (batch, 1, 1, channels).

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    pooling : {"mean", "average_pool"}
        The operator that computes it on the target: MEAN, or AVERAGE_POOL_2D, whose output has the units of its input.
    name : str
        The layer's name.
    """
    if pooling == "average_pool":
        return keras.layers.AveragePooling2D((1, x.shape[2]), name=name)(x)
    return keras.layers.GlobalAveragePooling2D(keepdims=True, name=name)(x)


def squeeze_excite(
    x: keras.KerasTensor, ratio: float, *, name: str, form: ExciteParams | None = None
) -> keras.KerasTensor:
    """Scale each channel by a gate in [0, 1] computed from all channels' means over time (Hu et al. 2018).

    Two 1x1 convolutions with bias and ``channels / ratio`` hidden units; where that is less than one unit, the input is
    returned as it is. The gate is a hard sigmoid unless asked for otherwise, as in
    MobileNetV3 (Howard et al. 2019): it becomes a fused relu6 and one multiplication, where a logistic is slow.

    Parameters
    ----------
    x : KerasTensor, shape (batch, 1, time, channels)
        Input.
    ratio : float
        How many channels share one hidden unit, > 0.
    name : str
        Prefix of the layers' names.
    form : ExciteParams, optional
        The gate's activation, and how the means are computed; the defaults unless given.
    """
    channels, form = x.shape[-1], form or ExciteParams()
    hidden = int(channels / ratio)
    if hidden < 1:
        return x
    y = time_mean(x, form.se_pooling, name=f"{name}_mean")
    y = conv(y, hidden, 1, bias=True, name=f"{name}_squeeze")
    y = keras.layers.Activation("relu6", name=f"{name}_act")(y)
    y = conv(y, channels, 1, bias=True, name=f"{name}_excite")
    y = keras.layers.Activation(form.se_activation, name=f"{name}_gate")(y)
    return keras.layers.Multiply(name=f"{name}_scale")([x, y])


def residual(x: keras.KerasTensor, shortcut: keras.KerasTensor, *, name: str) -> keras.KerasTensor:
    """Add the shortcut if it has as many channels; else leave it out."""
    return keras.layers.Add(name=name)([x, shortcut]) if x.shape[-1] == shortcut.shape[-1] else x


def drop_path(x: keras.KerasTensor, rate: float, *, name: str) -> keras.KerasTensor:
    """In training, leave a branch out for a share `rate` of the frames (stochastic depth, Huang et al. 2016).

    The others' are scaled by ``1 / (1 - rate)``; rate 0 adds nothing.
    """
    return keras.layers.Dropout(rate, noise_shape=(None, 1, 1, 1), name=name)(x) if rate > 0 else x


def summed(branches: list[keras.KerasTensor], *, name: str) -> keras.KerasTensor:
    """Add parallel branches; one alone is returned as it is."""
    return keras.layers.Add(name=name)(branches) if len(branches) > 1 else branches[0]
