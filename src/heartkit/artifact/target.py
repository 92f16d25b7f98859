"""What to convert a model to: the quantisation parameters made definite."""

from __future__ import annotations

from dataclasses import dataclass

from heartkit.errors import ConfigError
from heartkit.params import ConversionType, QuantizationParams, QuantizationType

IO_TYPES: dict[QuantizationType, tuple[str, ...]] = {
    QuantizationType.FP32: ("float32",),
    QuantizationType.FP16: ("float32",),
    QuantizationType.INT8: ("int8", "float32"),
    QuantizationType.INT16X8: ("int16", "float32"),
}
"""Types that inputs and outputs of each format can have, its own first."""

DEFAULT_IO_TYPE = "int8"


@dataclass(frozen=True)
class Target:
    """What to convert to: `QuantizationParams` made definite."""

    format: QuantizationType
    io_type: str
    conversion: ConversionType
    fallback: bool
    mixed: float | None = None

    @property
    def integer(self) -> bool:
        """Whether activations are integers, so that calibration is needed."""
        return self.format in (QuantizationType.INT8, QuantizationType.INT16X8)


def target_of(params: QuantizationParams) -> Target:
    """Decide what the quantisation parameters ask for.

    Not enabled means float32. The default ``io_type``, int8, stands for the format's own where it cannot have int8.

    Raises
    ------
    ConfigError
        If the format cannot have this ``io_type``, or has no layers to keep in 16 bits (``mixed``).
    """
    format_ = params.format if params.enabled else QuantizationType.FP32
    possible, io_type = IO_TYPES[format_], params.io_type
    if io_type not in possible:
        if params.enabled and io_type != DEFAULT_IO_TYPE:
            use = " or ".join(possible)
            raise ConfigError(f"quantization.io_type {io_type!r} does not go with format {format_.value!r}; use {use}.")
        io_type = possible[0]
    if params.mixed is not None and format_ is not QuantizationType.INT8:
        raise ConfigError(
            f"quantization.mixed keeps layers of an int8 model in 16 bits, but the format is {format_.value!r}. "
            "Use format 'INT8' with enabled true, or leave mixed out."
        )
    return Target(format_, io_type, params.conversion, params.fallback, params.mixed)
