"""The ways into TensorFlow's converter, one for each `ConversionType`, and what it is told about number formats."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.artifact.target import Target
from heartkit.models.backend import keras
from heartkit.params import ConversionType, QuantizationType

Options = dict[str, Any]
Calibration = Callable[[], Iterator[list[NDArray[np.float32]]]]
"""Yields the inputs of one frame after the other."""


def options_of(target: Target, calibration: Calibration | None) -> Options:
    """Return attributes of the converter, those of its ``target_spec`` as a dictionary within."""
    import tensorflow as tf

    if target.format is QuantizationType.FP32:
        return {}
    optimised: Options = {"optimizations": [tf.lite.Optimize.DEFAULT]}
    if target.format is QuantizationType.FP16:
        return optimised | {"target_spec": {"supported_types": [tf.float16]}}
    kind = tf.as_dtype(target.io_type)
    optimised |= {"inference_input_type": kind, "inference_output_type": kind}
    if calibration is None:  # the ranges are the model's own
        return optimised
    sets = tf.lite.OpsSet
    wide = sets.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    operators = [wide if target.format is QuantizationType.INT16X8 else sets.TFLITE_BUILTINS_INT8]
    operators += [sets.TFLITE_BUILTINS] if target.fallback else []
    return optimised | {"representative_dataset": calibration, "target_spec": {"supported_ops": operators}}


def _by_keras(model: keras.Model, shape: tuple[int, ...], options: Options) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        model.export(str(path), format="litert", verbose=False, input_signature=[_signature(shape)], **options)
        return path.read_bytes()


def _by_saved_model(model: keras.Model, shape: tuple[int, ...], options: Options) -> bytes:
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, format="tf_saved_model", verbose=False, input_signature=[_signature(shape)])
        return _run(tf.lite.TFLiteConverter.from_saved_model(folder), options)


def _by_concrete(model: keras.Model, shape: tuple[int, ...], options: Options) -> bytes:
    """Freeze one concrete function; variables left in it would become READ_VARIABLE operators and NaN."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    call = tf.function(lambda frame: model(frame, training=False))
    concrete = call.get_concrete_function(tf.TensorSpec((1, *shape), tf.float32, name="frame"))
    frozen = convert_variables_to_constants_v2(concrete)
    return _run(tf.lite.TFLiteConverter.from_concrete_functions([frozen]), options)


WAYS: dict[ConversionType, Callable[[keras.Model, tuple[int, ...], Options], bytes]] = {
    ConversionType.KERAS: _by_keras,
    ConversionType.SAVED_MODEL: _by_saved_model,
    ConversionType.CONCRETE: _by_concrete,
}


def _signature(shape: tuple[int, ...]) -> keras.InputSpec:
    return keras.InputSpec(shape=(1, *shape), dtype="float32", name="frame")


def _run(converter: Any, options: Options) -> bytes:
    for key, value in options.items():
        if key == "target_spec":
            for name, setting in value.items():
                setattr(converter.target_spec, name, setting)
        else:
            setattr(converter, key, value)
    return bytes(converter.convert())


@contextmanager
def quiet_converter() -> Iterator[None]:
    """Keep the converter's advice to its developers out of the user's log."""
    absl = logging.getLogger("absl")
    level = absl.level
    absl.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Statistics for quantized inputs were expected", UserWarning)
            yield
    finally:
        absl.setLevel(level)
