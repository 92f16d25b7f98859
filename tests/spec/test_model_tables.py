"""Names, parameters and defaults that configurations of the predecessor generation rely on, against the code.

The facts stand here, copied from ``shared/spec/models.md``, so that they hold without that file. Where it is, it is
asked whether it still has all these names. That a class has more parameters than these is no matter.
"""

from __future__ import annotations

import re
import typing
from pathlib import Path
from typing import Any

import pytest

from heartkit.factories import DatasetFactory, ModelFactory, TaskFactory
from heartkit.models.architecture import SAMPLE
from heartkit.models.fold import fold
from heartkit.transforms.pipeline import build_augmentations, build_preprocesses

ROOT = Path(__file__).parents[2]
REQUIRED = object()
"""Stands for a parameter that has no default."""
SEPARATE = {"filters": REQUIRED, "depth": 1, "ddepth": None, "kernel": 3, "skip": True, "dropout": None}
STAGE = {"filters": REQUIRED, "depth": 1, "kernel_size": 3, "strides": 1, "activation": "relu6"}

TOP: dict[str, dict[str, Any]] = {
    "tcn": {"input_kernel": None, "input_norm": "layer", "block_type": "mb", "output_kernel": 3},
    "unet": {"output_kernel_size": 3, "output_kernel_stride": 1},
    "unext": {"output_kernel_size": 3, "output_kernel_stride": 1},
    "efficientnetv2": {
        "input_filters": 0, "input_kernel_size": 3, "input_strides": 2, "input_activation": "relu6",
        "output_filters": 0, "output_activation": None, "dropout": 0.2, "drop_connect_rate": 0.2, "activation": "relu6",
    },
    "mobileone": {
        "input_filters": 3, "input_kernel_size": 3, "input_strides": 2, "input_padding": 1, "dropout": 0.2,
    },
    "resnet": {
        "input_filters": 0, "input_kernel_size": 3, "input_strides": 2, "input_activation": "relu6", "dropout": 0.2,
    },
    "conformer": {},
    "metaformer": {"output_filters": 0, "dropout": 0.2, "drop_connect_rate": 0.2},
    "tsmixer": {},
}  # fmt: skip
"""Architecture -> parameter -> default, of the whole network."""

BLOCK: dict[str, dict[str, Any]] = {
    "tcn": {
        "filters": REQUIRED, "depth": 1, "branch": 1, "kernel": 3, "dilation": 1, "ex_ratio": 1, "se_ratio": 0,
        "dropout": None, "norm": "layer", "activation": "relu6",
    },
    "unet": {
        **SEPARATE, "pool": 3, "strides": 1, "seperable": False, "norm": "batch", "activation": "relu6",
        "dilation": None,
    },
    "unext": {**SEPARATE, "pool": 2, "strides": 2, "expand_ratio": 1, "se_ratio": 0, "norm": "layer"},
    "efficientnetv2": {**STAGE, "ex_ratio": 1, "se_ratio": 8, "droprate": 0, "bn_momentum": 0.9},
    "mobileone": {**STAGE, "padding": 0, "se_ratio": 8, "se_depth": 0, "num_conv_branches": 2},
    "resnet": {**STAGE, "bottleneck": False},
    "conformer": {
        "depth": 256, "fc_ex_factor": 4, "fc_res_factor": 0.5, "embedding": "relative", "num_heads": 4,
        "kernel_size": 9, "dropout": 0.1, "use_bias": True,
    },
    "metaformer": {"layers": 2, "patch_embed": None, "token_mixer": REQUIRED},
    "tsmixer": {"norm": "layer", "activation": "relu", "dropout": None, "ff_dim": None},
}  # fmt: skip
"""The same of one block."""

LABELS = {
    "segmentation": {"NONE": 0, "P": 1, "QRS": 2, "T": 3, "U": 4, "NOISE": 5, "SYSTOLIC": 6, "DIASTOLIC": 7},
    "rhythm": {
        "SR": 0, "SBRAD": 1, "STACH": 2, "SARRH": 3, "SVARR": 4, "SVT": 5, "VTACH": 6, "AFIB": 7, "AFLUT": 8,
        "VFIB": 9, "VFLUT": 10, "BIGU": 11, "TRIGU": 12, "PACE": 13, "NOISE": 127,
    },
    "beat": {"NORMAL": 0, "PAC": 1, "PVC": 2, "NOISE": 3},
    "diagnostic": {"NORM": 0, "STTC": 1, "MI": 2, "HYP": 3, "CD": 4},
}  # fmt: skip
"""Task -> label -> key of ``class_map``."""

PREPROCESSES: dict[str, dict[str, Any]] = {
    "filter": {"lowcut": 0.5, "highcut": 40, "order": 3, "forward_backward": True, "axis": 0},
    "znorm": {"eps": 0.01, "axis": None},
    "layer_norm": {"epsilon": 0.01, "name": "ln"},
}
LOW_HIGH = [0.1, 0.2]
AUGMENTATIONS: dict[str, list[dict[str, Any]]] = {
    **{
        name: [{"amplitude": LOW_HIGH, "frequency": [1, 2]}]
        for name in ("baseline_wander", "motion_noise", "powerline_noise", "amplitude_warp", "random_noise_distortion")
    },
    "burst_noise": [{"burst_number": [0, 2], "amplitude": LOW_HIGH, "frequency": [20, 40]}],
    "noise_sources": [{"num_sources": [0, 2], "amplitude": LOW_HIGH, "frequency": [10, 40]}],
    "lead_noise": [{"scale": LOW_HIGH}],
    "nstdb": [{"noise_level": LOW_HIGH}],
    "cutout": [
        {"prob": LOW_HIGH, "amp": LOW_HIGH, "width": LOW_HIGH, "type": ["cut"]},
        {"probability": LOW_HIGH, "amplitude": LOW_HIGH, "width": LOW_HIGH, "type": ["noise"]},
    ],
    "random_background_noise": [{"amplitude": LOW_HIGH, "num_noises": 1}],
    "random_sine_wave": [{"amplitude": LOW_HIGH, "frequency": [1, 2], "auto_vectorize": True}],
    "random_noise": [{"factor": LOW_HIGH}],
    "random_cutout": [{"cutouts": 2, "factor": LOW_HIGH}],
    "sine_wave": [{"amplitude": 0.1, "frequency": 1}],
    "random_augmentation": [
        {
            "layers": [{"name": "random_noise", "params": {"factor": LOW_HIGH}}], "augmentations_per_sample": 1,
            "rate": 0.5,
        }
    ],
    "resizing": [{"duration": 64}],
}  # fmt: skip
DATASETS = ("icentia11k", "ludb", "qtdb", "ptbxl", "lsad", "bidmc", "ecg-synthetic", "ppg-synthetic")
OLDER = {"synthetic": "ecg-synthetic", "syntheticppg": "ppg-synthetic"}
SYNTHETIC = {
    "num_pts": 3,
    "params": {
        "presets": ["SR", "AFIB", "ant_STEMI", "LAHB", "LPHB", "high_take_off", "LBBB", "random_morphology"],
        "preset_weights": [14, 1, 1, 1, 1, 1, 1, 1], "duration": 10, "sample_rate": 100, "heart_rate": [40, 160],
        "impedance": [1, 2], "p_multiplier": [0.8, 1.2], "t_multiplier": [0.8, 1.2], "noise_multiplier": [0, 0.1],
        "voltage_factor": [800, 1000],
    },
}  # fmt: skip


def block_of(params: Any) -> Any:
    (block,) = typing.get_args(typing.get_type_hints(params)["blocks"])
    return block


def check(params: Any, facts: dict[str, Any]) -> None:
    for name, default in facts.items():
        field = params.model_fields[name]
        if default is REQUIRED:
            assert field.is_required(), name
        else:
            found = field.get_default(call_default_factory=True)
            assert found == default, name
            assert isinstance(found, bool) == isinstance(default, bool), name


@pytest.mark.parametrize("name", TOP)
def test_an_architecture_has_these_parameters_and_defaults(name: str) -> None:
    check(ModelFactory.get(name).params, TOP[name])
    check(block_of(ModelFactory.get(name).params), BLOCK[name])


@pytest.mark.parametrize("name", TOP)
def test_what_works_alike_everywhere(name: str) -> None:
    everywhere = {"include_top": True, "use_logits": True, "output_activation": None, "name": None, "model_name": None}
    check(ModelFactory.get(name).params, everywhere)


@pytest.mark.parametrize("name", TOP)
def test_sizes_along_time_are_n_or_a_pair(name: str) -> None:
    params = ModelFactory.get(name).params
    for cls, facts in ((params, TOP[name]), (block_of(params), BLOCK[name])):
        sizes = [one for one in facts if any(word in one for word in ("kernel", "strides", "pool", "dilation"))]
        for one in sizes:
            given = [{**_least(cls), one: size} for size in (5, [1, 5])]
            n, pair = (getattr(cls.model_validate(values), one) for values in given)
            assert n == pair == 5


def _least(cls: Any) -> dict[str, Any]:
    """Values for what has no default."""
    values = {"filters": 8, "token_mixer": {"name": "pool"}}
    if "blocks" in cls.model_fields:
        return {"blocks": [_least(block_of(cls))]}
    return {name: value for name, value in values.items() if name in cls.model_fields}


def test_how_a_tcn_block_can_be_built() -> None:
    assert typing.get_args(typing.get_type_hints(ModelFactory.get("tcn").params)["block_type"]) == ("mb", "lg", "sm")


def test_a_conformer_shortens_the_frame_once_by_default() -> None:
    default = ModelFactory.get("conformer").params.model_fields["subsamples"].get_default(call_default_factory=True)
    assert [one.model_dump() for one in default] == [{"depth": 256, "kernel_size": 3, "strides": 2}]


@pytest.mark.parametrize("mixer", ["pool", "conv", "attention"])
def test_a_metaformer_mixes_tokens_in_three_ways(mixer: str) -> None:
    block = {"patch_embed": {}, "token_mixer": {"name": mixer, "args": {}}, "channel_mixer": {"name": "mlp"}}
    read = block_of(ModelFactory.get("metaformer").params).model_validate(block)
    assert (read.token_mixer.name, read.channel_mixer.name, read.patch_embed) == (mixer, "mlp", None)


def test_the_four_class_tcn_has_some_seven_to_eight_thousand_parameters() -> None:
    rows = zip((16, 24, 32, 48), (1, 2, 4, 8), (0, 2, 2, 2), strict=True)
    blocks = [
        {"filters": filters, "kernel": [1, 7], "dilation": [1, dilation], "se_ratio": se, "norm": "batch"}
        for filters, dilation, se in rows
    ]
    params = {"input_kernel": [1, 7], "input_norm": "batch", "output_kernel": [1, 7], "blocks": blocks}
    model = ModelFactory.get("tcn").make((256, 1), params, 4, SAMPLE)
    assert 7000 <= fold(model).count_params() <= 8000


@pytest.mark.parametrize("task", LABELS)
def test_labels_have_these_numbers(task: str) -> None:
    vocabulary = TaskFactory.get(task).vocabulary
    assert {name: int(vocabulary[name]) for name in LABELS[task]} == LABELS[task]


@pytest.mark.parametrize("name", PREPROCESSES)
def test_preprocesses_take_these_parameters(name: str) -> None:
    build_preprocesses([_step(name, PREPROCESSES[name])], 100)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_augmentations_take_these_parameters(name: str, tmp_path: Path) -> None:
    for params in AUGMENTATIONS[name]:
        assert len(build_augmentations([_step(name, params)], 100, tmp_path).steps) == 1


def _step(name: str, params: dict[str, Any]) -> Any:
    from heartkit.params import AugmentationParams

    return AugmentationParams(name=name, params=params)


def test_datasets_have_these_names() -> None:
    assert set(DATASETS) <= set(DatasetFactory.list())
    for older, name in OLDER.items():
        assert DatasetFactory.get(older) is DatasetFactory.get(name)


@pytest.mark.parametrize("name", ["synthetic", "syntheticppg"])
def test_generated_datasets_take_these_parameters(name: str) -> None:
    options = DatasetFactory.get(name)(Path(), SYNTHETIC).options
    assert (options.num_pts, list(options.params.heart_rate)) == (3, [40, 160])


def test_the_file_still_has_all_of_these_names() -> None:
    file = ROOT.parent / "shared" / "spec" / "models.md"
    if not file.is_file():
        pytest.skip(f"the specification is not here: {file}")
    words = set(re.findall(r"[\w-]+", file.read_text(encoding="utf-8")))
    tables = [TOP, *TOP.values(), *BLOCK.values(), PREPROCESSES, AUGMENTATIONS, DATASETS, OLDER, SYNTHETIC["params"]]
    assert {name for table in tables for name in table} <= words
