"""The parameters of each mode; names, types and defaults are those of ``docs/configuration.md``, row by row."""

from __future__ import annotations

import os
import re
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

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


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _number_as_text(value: object) -> object:
    """Many recordings are called by a number, which `--set` reads as one."""
    return str(value) if type(value) is int else value


def _expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ValueError(f"starts with '~' but there is no such home folder, got {str(path)!r}") from None


def _io_type(value: str) -> str:
    if value.lower() not in ("int8", "int16", "float32"):
        raise ValueError(f"must be 'int8', 'int16' or 'float32', got {value!r}")
    return value.lower()


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*", value, re.ASCII):
        raise ValueError(f"must be a C identifier (letters, digits, underscores), got {value!r}")
    return value


def _share_or_count(value: float | None) -> float | None:
    if value is not None and (value <= 0 or (value > 1 and value % 1)):
        raise ValueError(f"must be a share between 0 and 1 or a whole number of patients, got {value:g}")
    return value


def _share_or_layers(value: float | None) -> float | None:
    if value is not None and (value <= 0 or (value > 1 and value % 1)):
        raise ValueError(f"must be a share between 0 and 1 or a whole number of layers, got {value:g}")
    return value


def _samples(value: int | list[int]) -> int | list[int]:
    numbers = value if isinstance(value, list) else [value]
    if min(numbers, default=0) < 0 or max(numbers, default=0) == 0:
        raise ValueError(f"must be greater than 0 (in a list, for one class at least), got {value!r}")
    return value


def _whole_keys(value: object) -> object:
    """Read the keys as numbers: JSON and TOML have text there."""
    if not isinstance(value, dict):
        return value
    return {int(k) if isinstance(k, str) and re.fullmatch(r"-?\d+", k, re.ASCII) else k: v for k, v in value.items()}


Text = Annotated[str, Field(min_length=1)]
File = Annotated[Path, Field(strict=False), AfterValidator(_expanded)]
Count = Annotated[int, Field(gt=0)]
Seed = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Overlap = Annotated[float, Field(ge=0, lt=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Patients = Annotated[float | None, AfterValidator(_share_or_count)]
Layers = Annotated[float | None, AfterValidator(_share_or_layers)]
SamplesPerPatient = Annotated[int | list[int], AfterValidator(_samples)]
ClassMap = Annotated[dict[int, int], BeforeValidator(_whole_keys)]
Metric = Annotated[Literal["loss", "acc", "f1"], BeforeValidator(_lower)]


class QuantizationParams(StrictParams):
    """How a model is quantised, while training (`qat`) and when it is exported."""

    enabled: bool = False
    qat: bool = False
    format: Annotated[QuantizationType, Field(strict=False)] = QuantizationType.INT8
    io_type: Annotated[str, AfterValidator(_io_type)] = "int8"
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
    class_weights: Annotated[Literal["balanced", "fixed"], BeforeValidator(_lower)] = "fixed"
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
    objective: Annotated[Literal["pareto", "score"], BeforeValidator(_lower)] = "pareto"
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
    split: Annotated[Literal["train", "val", "test", "all"], BeforeValidator(_lower)] = "test"
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
    tflm_var_name: Annotated[str, AfterValidator(_identifier)] = "g_model"
    tflm_file: File | None = None


class HKDemoParams(HKTaskParams):
    """Parameters of ``demo``."""

    backend: Text = "pc"
    demo_size: Count = 1000
    display_report: bool = True
    overlap: Overlap = 0.5
    record: Annotated[Text, BeforeValidator(_number_as_text)] | None = None


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
