"""An int8 model that keeps its worst layers in 16 bits: two conversions of one network, joined operator by operator.

LiteRT's converter has no mixed mode (its debugger leaves chosen operators in float). But int8 and int16x8 conversions
of one network have the same operators, and both interpreters have QUANTIZE from int8 to int16 and back. So each
operator can be taken from either, with a QUANTIZE wherever the width changes. Weights have 8 bits in both.

A layer in 16 bits hands its output on in 16 bits: what makes it and what reads it computes in 16 bits.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.artifact.flat import added_buffer, copied_tensor, packed, unpacked
from heartkit.artifact.inspect import Inspection, Operator, inspect
from heartkit.artifact.runners import LiteRTRunner, dequantised_outputs, quantised_frames
from heartkit.errors import ExportError

log = logging.getLogger(__name__)

PASSIVE = frozenset({"RESHAPE", "TRANSPOSE", "EXPAND_DIMS", "SQUEEZE", "MAX_POOL_2D", "PAD", "RESIZE_NEAREST_NEIGHBOR"})
"""Operators whose outputs are values of their input; they are as wide as it and not counted as layers."""


def mix(eight: bytes, sixteen: bytes, wanted: float, frames: NDArray[np.float32]) -> bytes:
    """Let the worst layers of an int8 model hand their outputs on in 16 bits.

    The worst are those that bring the largest error to the output when they alone have 8 bits.

    Parameters
    ----------
    eight, sixteen : bytes
        The same network in int8 and in int16x8.
    wanted : float
        How many layers keep 16 bits, or below 1 which share of them.
    frames : ndarray of float32, shape (n, time, channels)
        Calibration frames to find the worst on; some tens.

    Returns
    -------
    bytes
        The model, with the inputs and outputs of the int8 model.

    Raises
    ------
    ExportError
        If the two have different operators, or there are not as many layers as wanted.
    """
    pair = Pair(eight, sixteen)
    errors = pair.damage(frames)
    count = math.ceil(wanted * len(errors)) if wanted < 1 else int(wanted)
    if count > len(errors):
        raise ExportError(
            f"quantization.mixed is {count}, but the model has {len(errors)} layers between its input and its output. "
            "Use fewer, or format 'INT16X8' for all of them."
        )
    worst = sorted(errors, key=lambda number: -errors[number])[:count]
    log.info("in 16 bits: %s", ", ".join(f"{number} {pair.operators[number].name}" for number in sorted(worst)))
    return pair.joined(worst)


class Pair:
    """Two conversions of one network.

    Parameters
    ----------
    eight, sixteen : bytes
        In int8 and in int16x8.

    Attributes
    ----------
    operators : list of Operator
        Those of the int8 model, without the QUANTIZE from integers to integers.

    Raises
    ------
    ExportError
        If they differ in more than their numbers.
    """

    def __init__(self, eight: bytes, sixteen: bytes) -> None:
        self._flats = eight, sixteen
        self.found = inspect(eight), inspect(sixteen)
        self.numbers = [_computing(one) for one in self.found]
        self.operators, theirs = (
            [one.operators[number] for number in numbers] for one, numbers in zip(self.found, self.numbers, strict=True)
        )
        names = [[operator.name for operator in operators] for operators in (self.operators, theirs)]
        if names[0] != names[1]:
            odd = next((pair for pair in zip(*names, strict=False) if pair[0] != pair[1]), (names[0][-1], names[1][-1]))
            raise ExportError(
                f"quantization.mixed cannot join the int8 and int16x8 models of this network: they have "
                f"{len(names[0])} and {len(names[1])} operators, first {odd[0]} for {odd[1]}. "
                "Use format 'INT16X8' for all of it."
            )
        self.roots = [_roots(one) for one in self.found]

    def root(self, tensor: int) -> int:
        """Return the tensor of the int8 model that one of its tensors is requantised from, or itself."""
        return self.roots[0].get(tensor, tensor)

    def layers(self) -> list[int]:
        """Return the numbers of the operators whose outputs can have 16 bits and are not just moved values."""
        last = self.root(self.found[0].operators[-1].outputs[0])
        ends = [number for number, one in enumerate(self.operators) if last in self._carried([number])]
        return [
            number
            for number, one in enumerate(self.operators)
            if one.name not in PASSIVE and number not in ends and self.found[0].tensors[one.outputs[0]].quantised
        ]

    def damage(self, frames: NDArray[np.float32]) -> dict[int, float]:
        """Return what 8 bits in one layer's output alone do to the model's output: operator's number -> RMS error.

        The error is against the model with all layers in 16 bits, in real units of the output.
        """
        layers = self.layers()
        exact = _answers(self.joined(layers), frames)
        others = {one: [number for number in layers if number != one] for one in layers}
        answers = {one: _answers(self.joined(wide), frames) for one, wide in others.items()}
        return {one: float(np.sqrt(np.mean((answer - exact) ** 2))) for one, answer in answers.items()}

    def joined(self, wide: Collection[int]) -> bytes:
        """Return the int8 model with the outputs of some operators in 16 bits."""
        flats = [unpacked(flat) for flat in self._flats]
        return _Join(self, flats[0], flats[1], self._carried(wide)).run()

    def _carried(self, wide: Collection[int]) -> set[int]:
        """Return the tensors that some operators write, and those that passive operators make of them."""
        tensors = {self.operators[number].outputs[0] for number in wide}
        for one in self.operators:
            if one.name in PASSIVE and self.root(one.inputs[0]) in tensors:
                tensors.add(one.outputs[0])
        return tensors


class _Join:
    """One joining: the int8 model is changed in place.

    `_forms` has for each activation, by its number in the int8 model, the tensors that hold it, the widest last.
    """

    def __init__(self, pair: Pair, flat: Any, other: Any, wide: set[int]) -> None:
        self._pair, self._flat, self._other, self._wide = pair, flat, other, wide
        self._graph, self._source = flat.subgraphs[0], other.subgraphs[0]
        first = int(self._graph.inputs[0])
        self._forms = {first: [first]}
        self._operators: list[Any] = []

    def run(self) -> bytes:
        graphs = zip((self._graph, self._source), self._pair.numbers, strict=True)
        mine, theirs = ([graph.operators[number] for number in numbers] for graph, numbers in graphs)
        for known, one, two in zip(self._pair.operators, mine, theirs, strict=True):
            touched = {known.outputs[0], *map(self._pair.root, known.inputs)}
            self._append(known, two if touched & self._wide else one, bool(touched & self._wide))
        last = self._form(self._pair.root(int(self._graph.outputs[0])), self._graph.tensors[self._graph.outputs[0]])
        self._graph.operators, self._graph.outputs = self._operators, np.array([last], np.int32)
        return packed(self._flat)

    def _append(self, known: Operator, operator: Any, is_wide: bool) -> None:
        source = self._source if is_wide else self._graph
        inputs = [
            self._constant(one, int(two), is_wide)
            if one < 0 or self._pair.found[0].tensors[one].constant
            else self._form(self._pair.root(one), source.tensors[two])
            for one, two in zip(known.inputs, operator.inputs, strict=True)
        ]
        output, place = known.outputs[0], known.outputs[0]
        if is_wide and self._pair.found[0].tensors[output].quantised:
            place = self._copied(source.tensors[operator.outputs[0]], 0)
        operator.inputs, operator.outputs = np.array(inputs, np.int32), np.array([place], np.int32)
        if is_wide:
            operator.opcodeIndex = self._code(self._other.operatorCodes[operator.opcodeIndex])
        self._operators.append(operator)
        self._forms[output] = [place]
        if place != output and output not in self._wide:
            self._forms[output] = [self._quantize(place, output)]

    def _constant(self, number: int, theirs: int, is_wide: bool) -> int:
        """Return a weight; that of the int16x8 model only where it is another."""
        if number < 0 or not is_wide:
            return number
        mine, their = self._graph.tensors[number], self._source.tensors[theirs]
        data = self._other.buffers[their.buffer].data
        if _same(mine, their) and np.array_equal(self._flat.buffers[mine.buffer].data, data):
            return number
        return self._copied(their, added_buffer(self._flat, np.asarray(data, np.uint8)))

    def _form(self, root: int, wanted: Any) -> int:
        """Return the tensor that holds an activation in the wanted type and unit, made by a QUANTIZE if need be."""
        forms = self._forms[root]
        for number in forms:
            if _same(self._graph.tensors[number], wanted):
                return number
        forms.append(self._quantize(forms[0], self._copied(wanted, 0)))
        return forms[-1]

    def _copied(self, tensor: Any, buffer: int) -> int:
        tensors = self._graph.tensors
        tensors.append(copied_tensor(tensor, tensor.name + b"/%d" % len(tensors), buffer=buffer))
        return len(tensors) - 1

    def _quantize(self, before: int, after: int) -> int:
        from ai_edge_litert import schema_py_generated as schema

        code, operator = schema.OperatorCodeT(), schema.OperatorT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.QUANTIZE
        code.version = 2
        operator.opcodeIndex = self._code(code)
        operator.inputs, operator.outputs = np.array([before], np.int32), np.array([after], np.int32)
        self._operators.append(operator)
        return after

    def _code(self, code: Any) -> int:
        codes = self._flat.operatorCodes
        for number, known in enumerate(codes):
            if (known.builtinCode, known.version) == (code.builtinCode, code.version):
                return number
        codes.append(code)
        return len(codes) - 1


def _computing(found: Inspection) -> list[int]:
    """Return the numbers of the operators but those that only change integers' units."""
    return [number for number, one in enumerate(found.operators) if not _requantises(found, one)]


def _requantises(found: Inspection, operator: Operator) -> bool:
    ends = (operator.inputs[0], operator.outputs[0])
    return operator.name == "QUANTIZE" and all(found.tensors[number].quantised for number in ends)


def _roots(found: Inspection) -> dict[int, int]:
    """Return for each requantised tensor the one that it was at first."""
    roots: dict[int, int] = {}
    for one in found.operators:
        if _requantises(found, one):
            roots[one.outputs[0]] = roots.get(one.inputs[0], one.inputs[0])
    return roots


def _same(one: Any, other: Any) -> bool:
    """Say whether two tensors have the same type and the same units."""
    if one.type != other.type:
        return False
    first, second = one.quantization, other.quantization
    if any(units is None or units.scale is None for units in (first, second)):
        return all(units is None or units.scale is None for units in (first, second))
    return np.array_equal(first.scale, second.scale) and np.array_equal(first.zeroPoint, second.zeroPoint)


def _answers(model: bytes, frames: NDArray[np.float32]) -> NDArray[np.float32]:
    runner = LiteRTRunner(model, reference=True)
    return dequantised_outputs(runner, runner.run(quantised_frames(runner, frames)))
