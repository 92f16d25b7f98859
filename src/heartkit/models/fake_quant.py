"""Layers that compute as an int8 model will: values and kernels rounded to the units that the export uses.

Rounding passes gradients on as if it were not there, within the range; outside it they stop (Jacob et al. 2018,
doi:10.1109/CVPR.2018.00286). Importing this module is what lets Keras read stored models that hold these layers.
"""

from __future__ import annotations

import math
from typing import Any

from heartkit.models.backend import keras

ops = keras.ops
PACKAGE = "heartkit"
BITS = 8
MOMENTUM = 0.99
"""Of the moving average of a range: it follows some hundred batches."""
NARROWEST = 1e-6
"""No range is narrower: an activation that is always zero must still have a unit."""


@keras.saving.register_keras_serializable(PACKAGE)
class Range(keras.layers.Layer):  # type: ignore[misc]
    """Rounds activations to the 256 values of int8 between two ends, which training observes.

    In training each batch moves the ends a little to its own smallest and largest value; otherwise they stand still.
    They are weights of the model, so that a stored model and a checkpoint have them. Zero is always within.

    Parameters
    ----------
    fixed : tuple of float, optional
        Ends that do not move, for activations whose unit the target's operators prescribe.
    """

    def __init__(self, fixed: tuple[float, float] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fixed = None if fixed is None else (float(fixed[0]), float(fixed[1]))

    def build(self, input_shape: Any) -> None:
        """Make the two ends."""
        low, high = self.fixed or (0.0, NARROWEST)
        for name, value in (("low", low), ("high", high)):
            start = keras.initializers.Constant(value)
            setattr(self, name, self.add_weight(shape=(), initializer=start, trainable=False, name=name))

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Observe, in training; then round."""
        if training and self.fixed is None:
            self._move(self.low, ops.minimum(ops.min(inputs), 0.0))
            self._move(self.high, ops.maximum(ops.max(inputs), NARROWEST))
        return keras.quantizers.fake_quant_with_min_max_vars(inputs, self.low, self.high, num_bits=BITS)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` needs."""
        return {**super().get_config(), "fixed": self.fixed}

    def _move(self, end: Any, value: Any) -> None:
        end.assign(end + (1 - MOMENTUM) * (ops.cast(value, end.dtype) - end))


@keras.saving.register_keras_serializable(PACKAGE)
class RoundedConv2D(keras.layers.Conv2D):  # type: ignore[misc]
    """A convolution with its kernel rounded to int8, each output channel in a unit of its own."""

    def call(self, inputs: Any) -> Any:
        """Convolve with the rounded kernel."""
        return _biased(self, self.convolution_op(inputs, _rounded(self.kernel)))


@keras.saving.register_keras_serializable(PACKAGE)
class RoundedDepthwiseConv2D(keras.layers.DepthwiseConv2D):  # type: ignore[misc]
    """A depthwise convolution with its kernel rounded to int8, each channel in a unit of its own."""

    def call(self, inputs: Any) -> Any:
        """Convolve with the rounded kernel."""
        height, width, channels, multiplier = self.kernel.shape
        # The converter wants channels last, and four axes.
        kernel = _rounded(ops.reshape(self.kernel, (height, width, 1, channels * multiplier)))
        outputs = ops.depthwise_conv(
            inputs, ops.reshape(kernel, self.kernel.shape), strides=self.strides, padding=self.padding,
            data_format=self.data_format, dilation_rate=self.dilation_rate,
        )  # fmt: skip
        return _biased(self, outputs)


@keras.saving.register_keras_serializable(PACKAGE)
class RoundedDense(keras.layers.Dense):  # type: ignore[misc]
    """A dense layer with its kernel rounded to int8, each unit's weights in a unit of their own."""

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """Multiply by the rounded kernel."""
        # As a convolution of one sample: the converter cannot transpose a kernel that has a unit per channel.
        units, channels = self.kernel.shape[1], self.kernel.shape[0]
        kernel = _rounded(ops.reshape(self.kernel, (1, 1, channels, units)))
        shape = inputs.shape[1:-1]
        outputs = ops.conv(ops.reshape(inputs, (-1, 1, math.prod(shape), channels)), kernel)
        return ops.reshape(_biased(self, outputs), (-1, *shape, units))


ROUNDED: dict[type, Any] = {
    keras.layers.Conv2D: RoundedConv2D,
    keras.layers.DepthwiseConv2D: RoundedDepthwiseConv2D,
    keras.layers.Dense: RoundedDense,
}
"""Stock layer -> its twin with a rounded kernel, which has the same parameters and the same weights."""


def ranges(model: keras.Model) -> list[Any]:
    """Return the `Range` layers of a model, in order; none for a model that was trained in float."""
    return [layer for layer in model.layers if isinstance(layer, Range)]


def _rounded(kernel: Any) -> Any:
    """Round a kernel to -127..127 units per channel of its last axis."""
    largest = ops.stop_gradient(ops.max(ops.abs(kernel), axis=tuple(range(kernel.ndim - 1))))
    largest = ops.maximum(largest, NARROWEST)
    return keras.quantizers.fake_quant_with_min_max_vars(
        kernel, -largest, largest, num_bits=BITS, narrow_range=True, axis=kernel.ndim - 1
    )


def _biased(layer: Any, outputs: Any) -> Any:
    return ops.add(outputs, layer.bias) if layer.use_bias else outputs
