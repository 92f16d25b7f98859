"""The model as a C header, ready for TensorFlow Lite Micro."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from importlib import metadata

from heartkit.artifact.inspect import TensorInfo, inspect
from heartkit.errors import ConfigError

_KEYWORDS = """
alignas alignof and asm auto bool break case catch char class const constexpr continue decltype default delete do
double else enum explicit export extern false float for friend goto if inline int long mutable namespace new
noexcept not nullptr operator or private protected public register restrict return short signed sizeof static
static_assert struct switch template this thread_local throw true try typedef typeid typename union unsigned
using virtual void volatile wchar_t while xor
"""
PER_LINE = 12


def c_header(model: bytes, name: str = "g_model", arena_bytes: int = 0) -> str:
    """Write a model as a header for C11 and C++11.

    The array is aligned to 16 bytes, as TFLite-Micro needs it. It is a definition: include it in one source file.

    Parameters
    ----------
    model : bytes
        The flatbuffer.
    name : str
        Name of the array; its length is called ``<name>_len``.
    arena_bytes : int
        Smallest arena that was found to work; 0 if it is not known.

    Returns
    -------
    str
        The header. The same model gives the same text.

    Raises
    ------
    ConfigError
        If `name` is no C identifier.
    """
    check_identifier(name)
    guard = f"HEARTKIT_{name.upper()}_H"
    lines = [
        *_provenance(model, arena_bytes),
        f"#ifndef {guard}",
        f"#define {guard}",
        "",
        "#ifndef __cplusplus",
        "#include <stdalign.h>",
        "#endif",
        "",
        f"alignas(16) const unsigned char {name}[] = {{",
        *_rows(model),
        "};",
        f"const unsigned int {name}_len = {len(model)};",
        "",
        f"#endif  /* {guard} */",
    ]
    return "\n".join(lines) + "\n"


def check_identifier(name: str) -> None:
    """Raise `ConfigError` if a variable in C and C++ cannot have this name."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name in _KEYWORDS.split() or name.startswith("__"):
        raise ConfigError(
            f"tflm_var_name {name!r} cannot name a C variable: use letters, digits and underscores, no digit first, "
            "and no word that C or C++ reserves."
        )


def _provenance(model: bytes, arena_bytes: int) -> Iterable[str]:
    found = inspect(model)
    arena = f"{arena_bytes} bytes (64-bit host)" if arena_bytes else "not measured"
    return (
        "/*",
        f" * Written by heartkit {metadata.version('heartkit')}; do not edit.",
        f" * SHA-256:   {hashlib.sha256(model).hexdigest()}",
        f" * Size:      {len(model)} bytes, {found.macs} multiply-accumulates a frame",
        f" * Arena:     {arena}",
        f" * Input:     {_describe(found.input)}",
        f" * Output:    {_describe(found.output)}",
        f" * Operators: {', '.join(sorted(set(found.operator_names)))}",
        " */",
    )


def _describe(info: TensorInfo) -> str:
    text = f"{info.dtype} {list(info.shape)}"
    return f"{text}, scale {info.scale!r}, zero point {info.zero_point}" if info.quantised else text


def _rows(model: bytes) -> Iterable[str]:
    for start in range(0, len(model), PER_LINE):
        yield "  " + ", ".join(f"0x{byte:02x}" for byte in model[start : start + PER_LINE]) + ","
