"""The two interpreters behind one face: numbers of the model's own format in and out, frame by frame."""

from __future__ import annotations

import re
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from heartkit.artifact.inspect import Inspection, inspect
from heartkit.artifact.quantise import dequantise, quantise
from heartkit.errors import BackendError, ModelError
from heartkit.models.quiet import captured_stderr

ARENA_OVERHEAD = 1 << 20
"""Bytes allowed for TFLite-Micro's own structures when an arena is not given."""

NO_TFLM = (
    "The TensorFlow Lite Micro interpreter is not installed. Install it with "
    "\"pip install --pre 'heartkit[tflm]'\" (it is published as pre-releases only)"
)


class Runner(Protocol):
    """Something that runs a LiteRT model in its own number format.

    Attributes
    ----------
    model : Inspection
        What is in the model.
    """

    model: Inspection

    def run(self, frames: NDArray[Any]) -> NDArray[Any]:
        """Run frames of the input's type, shape (n, ...), and return outputs of the output's type, shape (n, ...)."""
        ...


class LiteRTRunner:
    """LiteRT on this computer.

    Parameters
    ----------
    model : bytes
        The flatbuffer, for a batch of 1.
    reference : bool
        True for the reference kernels, whose numbers are a microcontroller's; False for the fast ones, which differ
        from them by some units in int8.
    keep_all : bool
        Whether `tensor` may be asked for activations.

    Raises
    ------
    ModelError
        If these bytes are no LiteRT model that can run.
    """

    def __init__(self, model: bytes, reference: bool = False, keep_all: bool = False) -> None:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        self.model = inspect(model)
        resolver = OpResolverType.BUILTIN_REF if reference else OpResolverType.AUTO
        with captured_stderr():
            try:
                self._interpreter = Interpreter(
                    model_content=model,
                    experimental_op_resolver_type=resolver,
                    experimental_preserve_all_tensors=keep_all,
                )
                self._interpreter.allocate_tensors()
            except (RuntimeError, ValueError) as error:
                raise ModelError(f"LiteRT cannot run this model: {error} Export it again.") from error
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]

    def run(self, frames: NDArray[Any]) -> NDArray[Any]:
        """Run frames one after the other; see `Runner`."""
        outputs = np.empty((len(frames), *self.model.output.shape[1:]), self.model.output.dtype)
        for number, frame in enumerate(frames):
            self._interpreter.set_tensor(self._input, frame[None])
            self._interpreter.invoke()
            outputs[number] = self._interpreter.get_tensor(self._output)[0]
        return outputs

    def tensor(self, number: int) -> NDArray[Any]:
        """Return the activation with this number as the last frame left it; needs `keep_all`."""
        values: NDArray[Any] = self._interpreter.get_tensor(number)
        return values


class TflmRunner:
    """TensorFlow Lite Micro's own interpreter on this computer.

    Parameters
    ----------
    model : bytes
        The flatbuffer, for a batch of 1.
    arena_size : int, optional
        Bytes of its arena; by default as many as are certainly enough.

    Raises
    ------
    BackendError
        If it is not installed, or cannot run this model.
    """

    def __init__(self, model: bytes, arena_size: int | None = None) -> None:
        try:
            from tflite_micro import runtime
        except ImportError as error:
            raise BackendError(f"{NO_TFLM}.") from error
        self.model = inspect(model)
        size = self.model.activation_bytes + ARENA_OVERHEAD if arena_size is None else arena_size
        with captured_stderr() as said:
            try:
                self._interpreter = runtime.Interpreter.from_bytes(model, arena_size=size)
            except RuntimeError as error:
                failed = error
            else:
                return
        raise BackendError(f"TensorFlow Lite Micro cannot run this model in {size} bytes: {said.tail()}") from failed

    def run(self, frames: NDArray[Any]) -> NDArray[Any]:
        """Run frames one after the other; see `Runner`."""
        outputs = np.empty((len(frames), *self.model.output.shape[1:]), self.model.output.dtype)
        for number, frame in enumerate(frames):
            self._interpreter.set_input(np.ascontiguousarray(frame[None]), 0)
            self._interpreter.invoke()
            outputs[number] = self._interpreter.get_output(0)[0]
        return outputs

    def held_bytes(self) -> int:
        """Return how much of the arena is in use: what the model needs at least, without what preparing it takes."""
        with captured_stderr() as said:
            self._interpreter.print_allocations()
        found = re.search(r"Arena allocation total (\d+) bytes", said.text)
        return int(found[1]) if found else 0


def quantised_frames(runner: Runner, frames: NDArray[np.float32]) -> NDArray[Any]:
    """Bring float32 frames into the type of a runner's input."""
    info = runner.model.input
    return quantise(frames, info.scale, info.zero_point, info.dtype) if info.quantised else frames.astype(np.float32)


def dequantised_outputs(runner: Runner, outputs: NDArray[Any]) -> NDArray[np.float32]:
    """Bring a runner's outputs back to float32."""
    info = runner.model.output
    return dequantise(outputs, info.scale, info.zero_point) if info.quantised else outputs.astype(np.float32)
