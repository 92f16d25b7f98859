"""Reading arrays out of pickles without running anything that a pickle names.

Unpickling calls what the file asks for, and NumPy's own callables trust their arguments: a made-up data type is enough
to make them read memory that is not theirs. So a pickle gets stand-ins here, which only write down what they are given;
arrays of numbers are built from that afterwards, checked.
"""

from __future__ import annotations

import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heartkit.errors import DataError

_NUMBERS = re.compile(r"[<>=|]?(b1|[iu][1248]|f[248])")
"""Data types of booleans, whole numbers and floating-point numbers, as NumPy writes them."""
_BROKEN = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, LookupError, OverflowError, MemoryError,
)  # fmt: skip
"""What unpickling and the stand-ins raise when a pickle holds nonsense."""


def read_arrays(path: Path, count: int) -> list[NDArray[Any]]:
    """Read a pickled tuple or list of arrays of numbers, of any of pickle's protocols.

    Parameters
    ----------
    path : Path
        The file.
    count : int
        How many arrays it should hold.

    Raises
    ------
    DataError
        If it holds anything else. Nothing that it names has been run then.
    """
    try:
        with path.open("rb") as file:
            content = _Reader(file).load()
        if not isinstance(content, (tuple, list)) or len(content) != count:
            raise pickle.UnpicklingError(f"it holds a {type(content).__name__}, not {count} arrays")
        return [_built(part) for part in content]
    except _BROKEN as error:
        raise DataError(
            f"The pickle {path} does not hold {count} plain arrays of numbers: {error}. Nothing of it was run. "
            "Delete the file to make it anew."
        ) from error


class _Type:
    """Stands in for numpy.dtype."""

    def __init__(self, code: str, *_: object) -> None:
        self.code, self.order = code, "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = state[1]

    def made(self) -> np.dtype[Any]:
        text = self.code if self.order == "|" else f"{self.order}{self.code}"
        if not (isinstance(self.code, str) and _NUMBERS.fullmatch(text)):
            raise pickle.UnpicklingError(f"it holds data of type {self.code!r}, which are not numbers")
        return np.dtype(text)


class _Array:
    """Stands in for numpy.ndarray, written down by either of the two ways in which arrays are pickled."""

    def __init__(self) -> None:
        self.raw: Any = None
        self.type: Any = None
        self.shape: Any = ()
        self.order = "C"
        self.axes: Any = None

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, self.shape, self.type, column_first, self.raw = state
        self.order = "F" if column_first else "C"


def _reconstruct(*_: object) -> _Array:
    """Stand in for the first half of an array up to protocol 4; its state is the second."""
    return _Array()


def _frombuffer(raw: object, kind: object, shape: object, order: str, axes: object = None) -> _Array:
    """Stand in for a whole array of protocol 5; `axes` says how the data's axes were swapped."""
    array = _Array()
    array.raw, array.type, array.shape, array.order, array.axes = raw, kind, shape, order, axes
    return array


def _encode(text: str, encoding: str) -> bytes:
    """Stand in for the one way in which protocols 0 to 2 hold bytes."""
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"it encodes text as {encoding!r}")
    return text.encode("latin-1")


def _no_bytes() -> bytes:
    """Stand in for the one way in which protocols 0 to 2 hold no bytes at all."""
    return b""


_ADMITTED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Type,
    ("_codecs", "encode"): _encode,
    ("__builtin__", "bytes"): _no_bytes,
    **{
        (f"numpy.{core}.{module}", name): stand_in
        for core in ("core", "_core")
        for module, name, stand_in in (
            ("multiarray", "_reconstruct", _reconstruct),
            ("numeric", "_frombuffer", _frombuffer),
        )
    },
}


class _Reader(pickle.Unpickler):
    """An unpickler that knows the names above and no others."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a stand-in."""
        try:
            stand_in = _ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}") from None
        # A pickle may also change what it has named: it gets a copy of its own.
        if isinstance(stand_in, type):
            return type(stand_in.__name__, (stand_in,), {})
        return lambda *given: stand_in(*given)


def _built(part: object) -> NDArray[Any]:
    if not isinstance(part, _Array) or not isinstance(part.type, _Type):
        raise pickle.UnpicklingError(f"it holds a {type(part).__name__} where an array should be")
    kind, raw = part.type.made(), part.raw
    if not isinstance(raw, (bytes, bytearray)):
        raise pickle.UnpicklingError(f"an array's data are a {type(raw).__name__}, not bytes")
    array = np.frombuffer(raw, kind).reshape(part.shape, order="F" if part.order == "F" else "C")
    return array if part.axes is None else array.transpose(part.axes)
