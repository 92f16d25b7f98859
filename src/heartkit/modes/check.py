"""Check: say what a run would do, and everything that is wrong, without running or writing anything."""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from heartkit.config import Config
from heartkit.config.files import read_source
from heartkit.config.generations import translate
from heartkit.config.keys import check_keys
from heartkit.config.overrides import apply_overrides
from heartkit.errors import BackendError, ConfigError, ExportError
from heartkit.factories import BackendFactory, ModelFactory, TaskFactory
from heartkit.modes.dispatch import task_name
from heartkit.modes.findings import Findings
from heartkit.objectives.labels import class_names, full_class_map
from heartkit.params import (
    AugmentationParams,
    HKBaseParams,
    HKDemoParams,
    HKDownloadParams,
    HKExportParams,
    HKTestParams,
    HKTrainParams,
    HKTuneParams,
    ModelArchitecture,
    PreprocessParams,
)
from heartkit.registry import Registry
from heartkit.transforms.pipeline import Pipeline, build_step
from heartkit.transforms.table import AugmentationFactory, PreprocessFactory

if TYPE_CHECKING:
    from heartkit.tasks.base import Task

P = TypeVar("P", bound=HKBaseParams)

FIRST = ("datasets", "sampling_rate", "frame_size", "num_classes")
"""Keys that others refer to."""


def check(source: str | Path | Mapping[str, Any], task: str | None = None, overrides: Sequence[str] = ()) -> Findings:
    """Find out what a configuration would do.

    Parameters
    ----------
    source : str, Path or mapping
        As `heartkit.load` takes it.
    task : str, optional
        The task's name; where it is left out and there are several, what depends on it is not checked.
    overrides : sequence of str
        ``key=value`` each.

    Returns
    -------
    Findings
        All that was found.

    Raises
    ------
    ConfigError
        If the configuration cannot be read at all, or no task has that name.
    """
    name = task_name(task, required=False)
    findings = Findings(name)
    config = _read(source, overrides, findings)
    train = _usable(config, HKTrainParams, name, findings)
    test = _usable(config, HKTestParams, name, findings)
    export = _usable(config, HKExportParams, name, findings)
    demo = _usable(config, HKDemoParams, name, findings)
    _usable(config, HKDownloadParams, name, findings)
    tune = _usable(config, HKTuneParams, name, findings)
    for backend in (test.backend, demo.backend):
        with findings.collecting():
            BackendFactory.canonical(backend)
    _protocol(test, name, findings)
    _tflm(export, findings)
    kind = _task(name, train, findings)
    _classes(train, kind, findings)
    _data(config, train, test, kind, findings)
    _model(train, test, kind, findings)
    if tune.tune.space:
        _space(tune, name, findings)
    return findings


def _read(source: str | Path | Mapping[str, Any], overrides: Sequence[str], findings: Findings) -> Config:
    """Read a configuration as `heartkit.load` does, but go on where a key is unknown."""
    if isinstance(source, Mapping):
        values, name = copy.deepcopy(dict(source)), "the given values"
    else:
        values, name = read_source(source)
    values, notes = translate(values, name)
    with findings.collecting():
        check_keys(values, name)
    apply_overrides(values, overrides)
    if not findings.problems:
        with findings.collecting():
            check_keys(values, "--set")
    findings.notes += notes
    return Config(values, name)


def _usable(config: Config, kind: type[P], task: str | None, findings: Findings) -> P:
    """Return the parameters of a mode; what is wrong is noted, and has its default in them."""
    with findings.collecting():
        return config.params(kind, task)
    kept: dict[str, Any] = {}
    for key in sorted(kind.model_fields, key=lambda key: key not in FIRST):
        if key in config.values:
            trial = {**kept, key: config.values[key]}
            with suppress(ConfigError):
                replace(config, values=trial).params(kind, task)
                kept = trial
    return replace(config, values=kept).params(kind, task)


def _task(name: str | None, train: HKTrainParams, findings: Findings) -> Task | None:
    """Return the task as the configuration asks for it, or as it is by default where that cannot be."""
    if name is None:
        return None
    task: Task = TaskFactory.get(name)
    with findings.collecting():
        return task.configured(train.task_params)
    return task


def _protocol(test: HKTestParams, task: str | None, findings: Findings) -> None:
    """Check that the protocol of ``evaluate``, if there is one, fits the task."""
    if test.protocol is None or task is None:
        return
    # Imported only now: a protocol needs what scores are made of.
    from heartkit.modes.evaluate import protocol_of

    with findings.collecting():
        protocol_of(test, TaskFactory.get(task))


def _tflm(export: HKExportParams, findings: Findings) -> None:
    if export.tflm and importlib.util.find_spec("tflite_micro") is None:
        findings.notes.append("`heartkit export` cannot verify here: install heartkit[tflm], or export with --no-tflm.")


def _classes(train: HKTrainParams, task: Task | None, findings: Findings) -> None:
    if task is None:
        findings.notes.append("Labels and classes are not checked without --task.")
        return
    # Imported only now: a configuration that cannot be read at all is not worth the wait.
    from heartkit.modes.data import require_weak_classes

    class_map = full_class_map(train.class_map, train.num_classes)
    findings.classes = class_names(train.class_names, class_map, task.vocabulary, train.num_classes)
    known = {int(member) for member in task.vocabulary or ()}
    with findings.collecting():
        task.objective.require_watched(train.val_metric, "val_metric")
        task.objective.require_classes(class_map, train.num_classes)
    with findings.collecting():
        require_weak_classes(task, class_map, train)
    for label in sorted(set(train.class_map) - known):
        words = ", ".join(f"{int(member)} {member.name}" for member in task.vocabulary or ()) or "none"
        findings.problem(f"class_map has label {label}, which task {task.name!r} does not have. Known: {words}.")


def _data(config: Config, train: HKTrainParams, test: HKTestParams, task: Task | None, findings: Findings) -> None:
    if not config.values.get("datasets"):
        findings.problem('No dataset is configured. Add one, e.g. `--set \'datasets=[{"name": "ecg-synthetic"}]\'`.')
    # Imported only now: a configuration that cannot be read at all is not worth the wait.
    from heartkit.modes.data import noise_folder
    from heartkit.modes.rehearsal import look_at_data

    preprocess = _pipeline(PreprocessFactory, train.preprocesses, train.sampling_rate, findings)
    noise = noise_folder(train)
    augment = _pipeline(AugmentationFactory, train.augmentations, train.sampling_rate, findings, noise)
    size = augment.output_size(train.frame_size)
    if preprocess.output_size(size) != train.frame_size:
        findings.problem(
            f"The augmentations turn training frames of {train.frame_size} samples into {size}, which the model "
            "does not take. Set frame_size to that, or leave the resizing out."
        )
    look_at_data(train, test, task, preprocess, findings)


def _pipeline(
    factory: Registry[type],
    steps: Sequence[PreprocessParams | AugmentationParams],
    rate: float,
    findings: Findings,
    noise: Path | None = None,
) -> Pipeline:
    """Build the steps that can be built."""
    built = []
    for step in steps:
        with findings.collecting():
            built.append(build_step(factory, step.name, step.params, rate, noise))
    return Pipeline(built)


def _model(train: HKTrainParams, test: HKTestParams, task: Task | None, findings: Findings) -> None:
    path = train.model_file or train.job_dir / "model.keras"
    if train.architecture is not None:
        with findings.collecting():
            _build(train, train.architecture, task, findings)
    elif not path.exists():
        findings.problem(
            f"No architecture is configured, and {path} does not exist. Add an `architecture` to train one (known: "
            f"{', '.join(ModelFactory.list())}), or set model_file to a model."
        )
    if path.exists():
        with findings.collecting():
            _open(path, test, task)
    else:
        findings.notes.append(f"{path} is not there yet; `heartkit train` makes it for the modes after it.")


def _build(train: HKTrainParams, chosen: ModelArchitecture, task: Task | None, findings: Findings) -> None:
    """Build the network as training would, and count what it costs."""
    from heartkit.models.architecture import FRAME, SAMPLE
    from heartkit.models.cost import cost
    from heartkit.models.fold import fold
    from heartkit.models.quantise_aware import quantise_aware
    from heartkit.models.weights import load_weights
    from heartkit.modes.network import build_model

    if task is None:
        architecture = ModelFactory.get(chosen.name)
        head = SAMPLE if SAMPLE in architecture.heads else FRAME
        model = architecture.make((train.frame_size, 1), chosen.params, train.num_classes, head)
    else:
        model = build_model(train.replaced(weights_file=None), task)
    folded = fold(model)
    findings.model = cost(folded)
    if findings.model.uncounted:
        findings.notes.append(f"MACs of these layers are not counted: {', '.join(findings.model.uncounted)}.")
    _measure_arena(folded, findings)
    if train.quantization.qat:
        quantise_aware(model)
    if train.weights_file is not None:
        load_weights(model, train.weights_file)


def _measure_arena(model: Any, findings: Findings) -> None:
    """Find the smallest arena of the untrained network."""
    from heartkit.artifact.untrained import arena_in_int8

    if importlib.util.find_spec("tflite_micro") is None:
        return
    try:
        findings.arena_bytes = arena_in_int8(model)
    except (ExportError, BackendError) as error:
        findings.notes.append(f"The network does not run on TensorFlow Lite Micro in int8. {error}")


def _space(tune: HKTuneParams, task: str | None, findings: Findings) -> None:
    """Try what a sweep may try, each alone."""
    from heartkit.modes.tuning.space import Space
    from heartkit.modes.tuning.usable import require_usable

    with findings.collecting():
        require_usable(Space.read(tune.tune.space), tune, task)


def _open(path: Path, test: HKTestParams, task: Task | None) -> None:
    """Open a trained model as the modes after training would; it must take these frames and know these classes."""
    from heartkit.backends.base import open_predictor
    from heartkit.modes.evaluate import open_task_model

    if task is None:
        open_predictor(path, "pc", (test.frame_size, 1))
    else:
        open_task_model(path, test, task, "pc")
