"""A LiteRT flatbuffer as objects that can be changed, and back."""

from __future__ import annotations

from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

MARK = b"TFL3"
ALIGNMENT = 16
"""Of stored tensors, as the schema demands: TFLite-Micro reads them in place."""


def unpacked(model: bytes) -> Any:
    """Return the ``ModelT`` of a flatbuffer."""
    from ai_edge_litert import schema_py_generated as schema

    return schema.ModelT.InitFromPackedBuf(model, 0)


def packed(model: Any) -> bytes:
    """Return the flatbuffer of a ``ModelT``."""
    builder = _Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=MARK)
    return bytes(builder.Output())


def copied_tensor(tensor: Any, name: bytes, **changes: Any) -> Any:
    """Return a tensor like another under a name of its own; quantisation is copied, not shared."""
    from ai_edge_litert import schema_py_generated as schema

    copy = schema.TensorT()
    vars(copy).update(vars(tensor))
    if tensor.quantization is not None:
        copy.quantization = schema.QuantizationParametersT()
        vars(copy.quantization).update(vars(tensor.quantization))
    vars(copy).update({"name": name, **changes})
    return copy


def added_buffer(model: Any, values: NDArray[Any]) -> int:
    """Store values in a new buffer and return its number."""
    from ai_edge_litert import schema_py_generated as schema

    buffer = schema.BufferT()
    buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    model.buffers.append(buffer)
    return len(model.buffers) - 1


class _Builder(flatbuffers.Builder):  # type: ignore[misc]
    """Keeps to the alignment of the schema, which the object interface's writer does not know."""

    def StartVector(self, elemSize: int, numElems: int, alignment: int) -> Any:
        """Begin an array; those of bytes are aligned to `ALIGNMENT`."""
        return super().StartVector(elemSize, numElems, alignment if elemSize > 1 else ALIGNMENT)
