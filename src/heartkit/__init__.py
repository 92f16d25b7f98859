"""heartkit: recordings in, a verified microcontroller model out.

::

    import heartkit as hk

    task = hk.TaskFactory.get("segmentation")
    task.train(hk.load("configs/seg-4-tcn-sm.json").params(hk.HKTrainParams))

The public names are imported when they are first used, so that importing heartkit itself costs next to nothing and
loads no machine-learning framework.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from heartkit.config import Config, load
    from heartkit.errors import (
        BackendError,
        ChecksumError,
        ConfigError,
        DataError,
        DatasetMissingError,
        DownloadError,
        ExportError,
        HeartkitError,
        ModelError,
        NoRecordsError,
        RecordError,
        TrainingError,
        UnknownNameError,
        VerificationError,
    )
    from heartkit.factories import BackendFactory, DatasetFactory, ModelFactory, TaskFactory
    from heartkit.params import (
        AugmentationParams,
        ConversionType,
        DatasetParams,
        HKDemoParams,
        HKDownloadParams,
        HKExportParams,
        HKTestParams,
        HKTrainParams,
        HKTuneParams,
        ModelArchitecture,
        PreprocessParams,
        QuantizationParams,
        QuantizationType,
    )
    from heartkit.records.record import Beats, Record, Spans, Waves
    from heartkit.records.vocabulary import Beat, Diagnosis, Rhythm, Wave
    from heartkit.transforms.table import AugmentationFactory, PreprocessFactory

    __version__: str

__all__ = [
    "AugmentationFactory", "AugmentationParams", "BackendError", "BackendFactory", "Beat", "Beats", "ChecksumError",
    "Config", "ConfigError", "ConversionType", "DataError", "DatasetFactory", "DatasetMissingError", "DatasetParams",
    "Diagnosis", "DownloadError", "ExportError", "HKDemoParams", "HKDownloadParams", "HKExportParams", "HKTestParams",
    "HKTrainParams", "HKTuneParams", "HeartkitError", "ModelArchitecture", "ModelError", "ModelFactory",
    "NoRecordsError", "PreprocessFactory", "PreprocessParams", "QuantizationParams", "QuantizationType", "Record",
    "RecordError", "Rhythm", "Spans", "TaskFactory", "TrainingError", "UnknownNameError", "VerificationError", "Wave",
    "Waves", "__version__", "load",
]  # fmt: skip

_ELSEWHERE = {
    "heartkit.config": ("Config", "load"),
    "heartkit.factories": ("BackendFactory", "DatasetFactory", "ModelFactory", "TaskFactory"),
    "heartkit.params": (
        "AugmentationParams", "ConversionType", "DatasetParams", "HKDemoParams", "HKDownloadParams", "HKExportParams",
        "HKTestParams", "HKTrainParams", "HKTuneParams", "ModelArchitecture", "PreprocessParams", "QuantizationParams",
        "QuantizationType",
    ),
    "heartkit.records.record": ("Beats", "Record", "Spans", "Waves"),
    "heartkit.records.vocabulary": ("Beat", "Diagnosis", "Rhythm", "Wave"),
    "heartkit.transforms.table": ("AugmentationFactory", "PreprocessFactory"),
}  # fmt: skip
"""Where the public names come from; those that are not here are errors."""
_MODULE = {name: module for module, names in _ELSEWHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in __all__:
        raise AttributeError(f"module 'heartkit' has no attribute {name!r}")
    if name == "__version__":
        from importlib import metadata

        value: Any = metadata.version("heartkit")
    else:
        value = getattr(import_module(_MODULE.get(name, "heartkit.errors")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
