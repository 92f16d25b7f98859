"""Read a LiteRT flatbuffer: its operators, tensors, quantisation and cost, without running it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import ModelError

UNSAFE_OPERATORS = frozenset({"SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", "SHAPE", "PACK", "STRIDED_SLICE"})
"""Operators that come from an open batch size; TFLite-Micro takes their shapes as fixed and answers wrongly."""

SMALLEST_SCALE = 1e-30
"""No unit of a living activation is worth less."""

BIASED = frozenset({"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"})
"""Operators whose third input is a bias."""

UNIT_TOLERANCE = 1e-4
"""Relative difference up to which two units are the same: they are float32."""

Scales = NDArray[np.float64]

FLOAT_ONLY = frozenset({"QUANTIZE", "DEQUANTIZE"})
"""Operators that stand between float and integer tensors."""


@dataclass(frozen=True)
class TensorInfo:
    """One tensor of a flatbuffer.

    Attributes
    ----------
    name : str
        As the converter named it.
    shape : tuple of int
        With the batch.
    dtype : str
        NumPy's name of the element type.
    scale, zero_point : float, int
        ``real = (integer - zero_point) * scale``; 1 and 0 where values are not quantised, and where each channel has
        its own.
    constant : bool
        Whether it is a weight, stored in the file.
    scales : tuple of float
        The scale of each channel; one where they share it, none where values are not quantised.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scale: float = 1.0
    zero_point: int = 0
    constant: bool = False
    scales: tuple[float, ...] = ()

    @property
    def bytes(self) -> int:
        """Size in memory."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize

    @property
    def quantised(self) -> bool:
        """Whether its elements are integers that stand for real numbers."""
        return np.dtype(self.dtype).kind == "i"


@dataclass(frozen=True)
class Operator:
    """One operator: its LiteRT name, its multiply-accumulates, the tensors it reads and writes (by number)."""

    name: str
    macs: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Inspection:
    """What is in a flatbuffer.

    Attributes
    ----------
    size : int
        Bytes of the file.
    input, output : TensorInfo
        Its only input and its only output.
    operators : tuple of Operator
        In the order they run.
    tensors : tuple of TensorInfo
        All tensors.
    """

    size: int
    input: TensorInfo
    output: TensorInfo
    operators: tuple[Operator, ...]
    tensors: tuple[TensorInfo, ...]

    @property
    def operator_names(self) -> list[str]:
        """The operators in the order they run."""
        return [operator.name for operator in self.operators]

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one frame."""
        return sum(operator.macs for operator in self.operators)

    @property
    def weight_bytes(self) -> int:
        """Bytes of weights and other constants."""
        return sum(tensor.bytes for tensor in self.tensors if tensor.constant)

    @property
    def activation_bytes(self) -> int:
        """Bytes of all activations together, an upper bound of what runs at once."""
        return sum(tensor.bytes for tensor in self.tensors if not tensor.constant)

    @property
    def output_unit(self) -> float:
        """What one unit of the last integer tensor is worth; 0 for a float model."""
        return 0.0 if self.last_integers is None else self.last_integers.scale

    @property
    def last_integers(self) -> TensorInfo | None:
        """The output, or where an integer model has float outputs the input of its last DEQUANTIZE; None if float."""
        last = self.output
        if not last.quantised and self.operators[-1].name == "DEQUANTIZE":
            last = self.tensors[self.operators[-1].inputs[0]]
        return last if last.quantised else None

    def unsafe_operators(self) -> list[str]:
        """Return the operators that TFLite-Micro would run wrongly, sorted."""
        return sorted(UNSAFE_OPERATORS.intersection(self.operator_names))

    def float_operators(self) -> list[str]:
        """Return the operators that compute in float, sorted; those at the border to integers are not counted."""
        found = {o.name for o in self.operators if o.name not in FLOAT_ONLY and self._is_float(o)}
        return sorted(found)

    def dead_activations(self) -> list[str]:
        """Return the names of integer activations that have no range, as they were never anything but zero.

        In int16 the converter gives them a scale near the smallest number there is, and no interpreter takes the model.
        """
        return [t.name for t in self.tensors if t.quantised and not t.constant and t.scale < SMALLEST_SCALE]

    def foreign_biases(self) -> list[str]:
        """Return the outputs of layers whose bias is not in their own units, the input's times the weights'."""
        found = [(one, units) for one in self.operators if (units := self.bias_units(one)) is not None]
        return [self.tensors[one.outputs[0]].name for one, units in found if not same_units(*units)]

    def bias_units(self, operator: Operator) -> tuple[Scales, Scales] | None:
        """Return the scales that a layer's bias should have and those it has; None where it has no integer bias."""
        if operator.name not in BIASED or len(operator.inputs) < 3 or operator.inputs[2] < 0:
            return None
        data, weights, bias = (np.array(self.tensors[index].scales) for index in operator.inputs[:3])
        return (data * weights, bias) if len(data) and len(weights) and len(bias) else None

    def _is_float(self, operator: Operator) -> bool:
        return any(np.dtype(self.tensors[index].dtype).kind == "f" for index in operator.outputs)


def same_units(expected: Scales, stored: Scales) -> bool:
    """Say whether scales are the same but for rounding to float32; one may stand for all channels."""
    return len(stored) in (1, len(expected)) and bool(np.allclose(stored, expected, UNIT_TOLERANCE, 0))


def inspect(model: bytes) -> Inspection:
    """Read a LiteRT model.

    Parameters
    ----------
    model : bytes
        The flatbuffer.

    Returns
    -------
    Inspection
        What is in it.

    Raises
    ------
    ModelError
        If these bytes are no LiteRT model, or it has not one graph with one input and one output.
    """
    if model[4:8] != b"TFL3":
        raise ModelError(
            f"These {len(model)} bytes are no LiteRT model (they begin with {model[:8]!r}, not with its mark 'TFL3'). "
            "Give a .tflite file as 'heartkit export' writes it."
        )
    from ai_edge_litert import schema_py_generated as schema

    try:
        flat = schema.ModelT.InitFromPackedBuf(model, 0)
    except Exception as error:  # a truncated flatbuffer fails wherever its offsets lead
        raise ModelError(f"The LiteRT model of {len(model)} bytes is damaged: {error}. Export it again.") from error
    if len(flat.subgraphs) != 1 or len(flat.subgraphs[0].inputs) != 1 or len(flat.subgraphs[0].outputs) != 1:
        raise ModelError("The LiteRT model must have one graph with one input and one output, as heartkit's have.")
    graph = flat.subgraphs[0]
    tensors = tuple(_tensor(tensor, flat.buffers) for tensor in graph.tensors)
    operators = tuple(_operator(operator, flat.operatorCodes, tensors) for operator in graph.operators)
    return Inspection(len(model), tensors[graph.inputs[0]], tensors[graph.outputs[0]], operators, tensors)


@cache
def _names(table: str) -> dict[int, str]:
    from ai_edge_litert import schema_py_generated as schema

    return {value: name for name, value in vars(getattr(schema, table)).items() if isinstance(value, int)}


def _tensor(tensor: Any, buffers: list[Any]) -> TensorInfo:
    shape = () if tensor.shape is None else tuple(int(size) for size in tensor.shape)
    quantisation, scale, zero_point = tensor.quantization, 1.0, 0
    scales: tuple[float, ...] = ()
    if quantisation is not None and quantisation.scale is not None:
        scales = tuple(map(float, quantisation.scale))
    if len(scales) == 1:
        scale, zero_point = scales[0], int(quantisation.zeroPoint[0])
    stored = buffers[tensor.buffer].data
    dtype = _names("TensorType")[tensor.type].lower()
    return TensorInfo(
        tensor.name.decode(), shape, dtype, scale, zero_point, stored is not None and len(stored) > 0, scales
    )


def _operator(operator: Any, codes: list[Any], tensors: tuple[TensorInfo, ...]) -> Operator:
    code = codes[operator.opcodeIndex]
    name = _names("BuiltinOperator")[max(code.builtinCode, code.deprecatedBuiltinCode)]
    inputs, outputs = tuple(map(int, operator.inputs)), tuple(map(int, operator.outputs))
    return Operator(
        name, _macs(name, [tensors[index].shape for index in inputs], tensors[outputs[0]].shape), inputs, outputs
    )


def _macs(name: str, inputs: list[tuple[int, ...]], output: tuple[int, ...]) -> int:
    """Count multiply-accumulates from the shapes of an operator; filters are (out, h, w, in) or (1, h, w, out)."""
    if name == "DEPTHWISE_CONV_2D":
        return math.prod(output) * math.prod(inputs[1][1:3])
    if name in ("CONV_2D", "FULLY_CONNECTED"):
        return math.prod(output) * math.prod(inputs[1][1:])
    if name == "BATCH_MATMUL":  # of rows x inner and inner x columns, either of which may be stored crosswise
        return math.prod(inputs[0]) * output[-1]
    return 0
