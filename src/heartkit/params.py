"""The parameters of each mode; names, types and defaults are those of ``docs/configuration.md``, row by row."""

from __future__ import annotations

import os
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from heartkit.param_types import (
    ClassMap,
    ClassWeights,
    Count,
    File,
    Fraction,
    Identifier,
    IoType,
    Layers,
    Metric,
    Overlap,
    Patients,
    Positive,
    RecordName,
    SamplesPerPatient,
    Seed,
    Split,
    Text,
    TuneObjective,
)
from heartkit.strict import StrictParams

JOB_FILES = ("model_file", "weights_file", "val_file", "test_file", "tflm_file")
"""Files that lie in the job folder where a configuration gives no folder for them."""


class _AnyCase(StrEnum):
    """Names that are read in any letter case."""

    @classmethod
    def _missing_(cls, value: object) -> StrEnum | None:
        return cls.__members__.get(str(value).upper())


class QuantizationType(_AnyCase):
    """Number format of a converted model: weights and activations."""

    FP32 = "FP32"
    FP16 = "FP16"
    INT8 = "INT8"
    INT16X8 = "INT16X8"


class ConversionType(_AnyCase):
    """What the converter starts from."""

    KERAS = "KERAS"
    SAVED_MODEL = "SAVED_MODEL"
    CONCRETE = "CONCRETE"


class QuantizationParams(StrictParams):
    """How a model is quantised, while training (`qat`) and when it is exported."""

    enabled: bool = False
    qat: bool = False
    format: Annotated[QuantizationType, Field(strict=False)] = QuantizationType.INT8
    io_type: IoType = "int8"
    conversion: Annotated[ConversionType, Field(strict=False)] = ConversionType.KERAS
    debug: bool = False
    fallback: bool = False
    mixed: Layers = None


class ModelArchitecture(StrictParams):
    """A network: the architecture's name and its own parameters."""

    name: Text
    params: dict[str, Any] = Field(default_factory=dict)


class PreprocessParams(StrictParams):
    """A step that every frame goes through, in training and on the device."""

    name: Text
    params: dict[str, Any] = Field(default_factory=dict)


class AugmentationParams(StrictParams):
    """A random change of training frames."""

    name: Text
    params: dict[str, Any] = Field(default_factory=dict)


class DatasetParams(StrictParams):
    """A dataset: where it lies, its own parameters, and its weight in the mix (relative to the other weights)."""

    name: Text
    path: File = Path()
    params: dict[str, Any] = Field(default_factory=dict)
    weight: Annotated[float, Field(ge=0)] = 1


class HKBaseParams(StrictParams):
    """What all modes know."""

    job_dir: File = Field(default_factory=lambda: Path(tempfile.gettempdir()))
    datasets: list[DatasetParams] = Field(default_factory=list)
    data_parallelism: Count = Field(default_factory=lambda: os.cpu_count() or 1)
    verbose: Annotated[int, Field(ge=0)] = 1

    def resolved(self) -> dict[str, Any]:
        """Return all values as plain JSON types; `heartkit.config.load` reads them back to an equal instance."""
        values: dict[str, Any] = _no_templates(self.model_dump(mode="json"))
        for name in JOB_FILES:
            if values.get(name) and len(Path(values[name]).parts) == 1:
                values[name] = f".{os.sep}{values[name]}"
        return values

    @model_validator(mode="after")
    def _some_weight(self) -> HKBaseParams:
        if self.datasets and not any(dataset.weight for dataset in self.datasets):
            raise ValueError("The weights of all datasets are 0; expected one at least that is greater.")
        return self


class HKDownloadParams(HKBaseParams):
    """Parameters of ``download``."""

    progress: bool = True
    force: bool = False


class HKTaskParams(HKBaseParams):
    """What all modes know that read recordings: the frames (Hz, samples), the classes, and who is in which split."""

    name: Text = "experiment"
    project: Text = "heartkit"
    sampling_rate: Count = 250
    frame_size: Count = 1250
    num_classes: Count = 1
    class_map: ClassMap = Field(default_factory=dict)
    class_names: list[str] | None = None
    preprocesses: list[PreprocessParams] = Field(default_factory=list)
    augmentations: list[AugmentationParams] = Field(default_factory=list)
    model_file: File | None = None
    train_patients: Patients = None
    val_patients: Patients = None
    test_patients: Patients = None
    seed: Seed | None = None
    cache_dir: File | None = None
    task_params: dict[str, Any] = Field(default_factory=dict)
    cluster: Text | None = None

    @model_validator(mode="after")
    def _classes_agree(self) -> HKTaskParams:
        for label, target in self.class_map.items():
            if not -1 <= target < self.num_classes:
                raise ValueError(
                    f"class_map sends {label} to class {target}, but num_classes is {self.num_classes} "
                    f"(classes 0..{self.num_classes - 1}; -1 leaves a label out)."
                )
        if self.class_names is not None and len(self.class_names) != self.num_classes:
            raise ValueError(f"class_names has {len(self.class_names)} names, but num_classes is {self.num_classes}.")
        if self.class_names is not None and len(set(self.class_names)) < len(self.class_names):
            raise ValueError(f"class_names must differ from each other, got {self.class_names!r}.")
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name.endswith("samples_per_patient") and isinstance(value, list) and len(value) != self.num_classes:
                raise ValueError(f"{name} lists {len(value)} numbers, but num_classes is {self.num_classes}.")
        return self


class HKTrainParams(HKTaskParams):
    """Parameters of ``train``."""

    samples_per_patient: SamplesPerPatient = 1000
    val_samples_per_patient: SamplesPerPatient = 1000
    val_file: File | None = None
    val_size: Count | None = None
    resume: bool = False
    architecture: ModelArchitecture | None = None
    threshold: Fraction | None = None
    weights_file: File | None = None
    quantization: QuantizationParams = Field(default_factory=QuantizationParams)
    lr_rate: Annotated[float, Field(gt=0)] = 0.001
    lr_cycles: Count = 3
    lr_decay: Annotated[float, Field(gt=0, le=1)] = 0.9
    class_weights: ClassWeights = "fixed"
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0
    batch_size: Count = 32
    buffer_size: Count = 100
    epochs: Count = 50
    steps_per_epoch: Count = 10
    val_steps_per_epoch: Count | None = None
    val_metric: Metric = "loss"
    temperature: Positive = 0.1
    warmup_steps: Annotated[int, Field(ge=0)] = 0
    clip_norm: Positive | None = None
    ema_decay: Annotated[float, Field(gt=0, lt=1)] | None = None
    focal_gamma: Annotated[float, Field(ge=0)] = 0
    mixup: Annotated[float, Field(ge=0)] = 0
    teacher: File | None = None
    teacher_weight: Fraction = 0.5
    teacher_temperature: Positive = 2


class TuneLimits(StrictParams):
    """What a network may cost: weights, multiply-accumulates per frame, bytes of TFLite-Micro's arena."""

    parameters: Count | None = None
    macs: Count | None = None
    arena: Count | None = None


class TuneParams(StrictParams):
    """What ``tune`` searches: paths of ``train``'s parameters with their choices or ranges, and how."""

    space: dict[str, Any] = Field(default_factory=dict)
    trials: Count = 20
    limits: TuneLimits = Field(default_factory=TuneLimits)
    objective: TuneObjective = "pareto"
    parallel: Count = 1


class HKTuneParams(HKTrainParams):
    """Parameters of ``tune``: those of ``train``, and what is searched."""

    tune: TuneParams = Field(default_factory=TuneParams)


class HKTestParams(HKTaskParams):
    """Parameters of ``evaluate``."""

    test_samples_per_patient: SamplesPerPatient = 1000
    test_size: Count = 200000
    test_file: File | None = None
    threshold: Fraction | None = None
    batch_size: Count = 256
    split: Split = "test"
    overlap: Overlap = 0.5
    backend: Text = "pc"
    protocol: Text | None = None


class HKExportParams(HKTaskParams):
    """Parameters of ``export``."""

    num_classes: Count = 3
    test_samples_per_patient: SamplesPerPatient = 100
    test_size: Count = 100000
    test_file: File | None = None
    threshold: Fraction | None = None
    batch_size: Count = 256
    val_acc_threshold: Fraction | None = 0.98
    test_metric: Metric | None = None
    test_metric_threshold: Annotated[float, Field(ge=0)] | None = None
    use_logits: bool = True
    quantization: QuantizationParams = Field(default_factory=QuantizationParams)
    tflm: bool = True
    tflm_var_name: Identifier = "g_model"
    tflm_file: File | None = None


class HKDemoParams(HKTaskParams):
    """Parameters of ``demo``."""

    backend: Text = "pc"
    demo_size: Count = 1000
    display_report: bool = True
    overlap: Overlap = 0.5
    record: RecordName | None = None


MODE_PARAMS: dict[str, type[HKBaseParams]] = {
    "download": HKDownloadParams,
    "train": HKTrainParams,
    "tune": HKTuneParams,
    "evaluate": HKTestParams,
    "export": HKExportParams,
    "demo": HKDemoParams,
}
"""The parameter class of each mode."""


def _no_templates(value: Any) -> Any:
    """Write a dollar sign twice, so that it is not taken for a variable when the value is read back."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, list):
        return [_no_templates(item) for item in value]
    if isinstance(value, dict):
        return {key: _no_templates(item) for key, item in value.items()}
    return value
