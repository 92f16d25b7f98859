"""What the pages state is what the code does: parameters and defaults, configurations, commands."""

import importlib
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

import heartkit as hk
from heartkit import cli
from heartkit.commands import Request
from heartkit.datasets.base import PHYSIONET, DatasetOptions
from heartkit.datasets.ecg_synthetic import EcgSyntheticOptions
from heartkit.models.params import TopParams
from heartkit.params import MODE_PARAMS
from heartkit.synthesis.params import EcgParams
from heartkit.synthesis.presets import DEFAULT_WEIGHTS, PRESETS
from heartkit.transforms.table import AugmentationFactory, PreprocessFactory

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def tables(text: str) -> list[list[list[str]]]:
    """Return the tables of a text, each as rows of cells, the heading first."""
    found: list[list[list[str]]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            found[-1].append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif found[-1]:
            found.append([])
    return [[table[0], *table[2:]] for table in found if table]


def parameter_tables(page: str) -> list[dict[str, str]]:
    """Return parameter -> default, for each table of parameters of a page."""
    every = tables((DOCS / page).read_text(encoding="utf-8"))
    return [
        {row[0].strip("`"): row[1] for row in table[1:]} for table in every if table[0][:2] == ["Parameter", "Default"]
    ]


def default(value: Any) -> str:
    """Return a default as a configuration would write it; empty where there is none, or parameters of its own."""
    if value is PydanticUndefined or isinstance(value, BaseModel):
        return ""
    return json.dumps(
        [one.model_dump() if isinstance(one, BaseModel) else one for one in value] if isinstance(value, list) else value
    )


def defaults(model: type[BaseModel], *without: str) -> dict[str, str]:
    fields = {name: field for name, field in model.model_fields.items() if name not in without}
    return {name: default(field.get_default(call_default_factory=True)) for name, field in fields.items()}


@pytest.mark.parametrize("factory", [PreprocessFactory, AugmentationFactory], ids=lambda factory: factory.kind)
def test_transforms_and_their_defaults(factory: Any) -> None:
    sections = re.split(r"^### ", (DOCS / "transforms.md").read_text(encoding="utf-8"), flags=re.M)
    told = {section.splitlines()[0]: section for section in sections[1:]}
    for name in factory.list():
        [table] = tables(told[name].split("\n## ")[0])
        stated = {row[0]: row[1] for row in table[1:]}
        assert stated == defaults(factory.get(name).params_type, "name"), name


MODEL_TABLES = {
    "tcn": ["TcnParams", "TcnBlockParams"],
    "unet": ["UNetParams", "UNetBlockParams"],
    "unext": ["UNeXtParams", "UNeXtBlockParams"],
    "efficientnetv2": ["EfficientNetV2Params", "EfficientNetBlockParams"],
    "mobileone": ["MobileOneParams", "MobileOneBlockParams"],
    "resnet": ["ResNetParams", "ResNetBlockParams"],
    "conformer": ["ConformerParams", "SubsampleParams", "ConformerBlockParams"],
    "metaformer": [
        "MetaFormerParams", "MetaFormerBlockParams", "PatchEmbedParams", "PoolArgs", "ConvArgs", "AttentionArgs",
        "MlpArgs",
    ],
    "tsmixer": ["TsMixerParams", "TsMixerBlockParams"],
    "keras-file": ["KerasFileParams"],
}  # fmt: skip


def test_parameters_of_models_and_their_defaults() -> None:
    assert parameter_tables("models/index.md")[0] == defaults(TopParams)
    assert set(MODEL_TABLES) == set(hk.ModelFactory.list())
    for name, classes in MODEL_TABLES.items():
        module = importlib.import_module(f"heartkit.models.{name.replace('-', '_')}")
        stated = parameter_tables(f"models/{name}.md")
        first = defaults(getattr(module, classes[0]), *TopParams.model_fields)
        assert stated == [first, *(defaults(getattr(module, one)) for one in classes[1:])], name


def test_operators_of_models() -> None:
    every = tables((DOCS / "models" / "index.md").read_text(encoding="utf-8"))
    [table] = [table for table in every if table[0] == ["Architecture", "Operators"]]
    stated = {name: set(operators.split(", ")) for name, operators in table[1:]}
    names = set(hk.ModelFactory.list()) - {"keras-file"}  # which has those of its file
    assert stated == {name: set(hk.ModelFactory.get(name).operators) - {"RESHAPE"} for name in names}


def test_parameters_of_datasets_and_their_defaults() -> None:
    [common] = parameter_tables("datasets/index.md")
    assert common == {"leads": "all", "splits": "all", "derive": "none", "base_url": "PhysioNet"}
    stated = {"leads": "null", "splits": "null", "derive": "[]", "base_url": default(PHYSIONET)}
    assert defaults(DatasetOptions) == stated
    own, shape = parameter_tables("datasets/ecg-synthetic.md")
    assert own == defaults(EcgSyntheticOptions, *DatasetOptions.model_fields)
    assert shape == {**defaults(EcgParams), "presets": "all", "preset_weights": "see below"}


def test_datasets_and_what_they_provide() -> None:
    table = tables((DOCS / "datasets" / "index.md").read_text(encoding="utf-8"))[0]
    stated = {row[0].split("]")[0].strip("["): (row[2], row[3]) for row in table[1:]}
    known = {name: hk.DatasetFactory.get(name) for name in hk.DatasetFactory.list()}
    assert stated == {name: (", ".join(sorted(one.provides)), one.licence or "yours") for name, one in known.items()}


def test_presets_and_their_weights() -> None:
    every = tables((DOCS / "datasets" / "ecg-synthetic.md").read_text(encoding="utf-8"))
    [table] = [table for table in every if table[0][0] == "Preset"]
    assert {name: (float(weight), what) for name, weight, what in table[1:]} == {
        name: (DEFAULT_WEIGHTS[name], preset.summary) for name, preset in PRESETS.items()
    }


def test_labels_of_segmentation() -> None:
    every = tables((DOCS / "tasks" / "segmentation.md").read_text(encoding="utf-8"))
    [table] = [table for table in every if table[0] == ["Label", "Wave"]]
    assert [int(row[0]) for row in table[1:]] == [int(wave) for wave in hk.Wave]


def blocks(language: str) -> list[Any]:
    """Return the blocks of code of a language in all pages."""
    found = []
    for page in PAGES:
        for number, code in enumerate(re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)):
            found.append(pytest.param(code, id=f"{page.relative_to(ROOT)}-{number}"))
    return found


@pytest.mark.parametrize("code", blocks("json"))
def test_configurations_can_be_read(code: str) -> None:
    values = json.loads(code)
    one_dataset = set(values) <= set(hk.DatasetParams.model_fields)
    config = hk.load({"datasets": [values]} if one_dataset else values)
    for params in (hk.HKTrainParams, hk.HKTestParams, hk.HKExportParams, hk.HKDemoParams):
        config.params(params, "segmentation")
    if "tune" in values:
        require_searchable(config)


def require_searchable(config: hk.Config) -> None:
    """See that every value of a sweep can be used."""
    from heartkit.modes.tuning.space import Space
    from heartkit.modes.tuning.usable import require_usable

    params = config.params(hk.HKTuneParams, "segmentation")
    require_usable(Space.read(params.tune.space), params, "segmentation")


def test_the_example_of_a_sweep_can_be_searched() -> None:
    config = hk.load(ROOT / "configs" / "tune-seg.json")
    require_searchable(config)
    from heartkit.modes.tuning.space import Space

    params = config.params(hk.HKTuneParams, "segmentation")
    assert Space.read(params.tune.space).configured(params), "the configuration itself is the first trial"


def test_parameters_that_may_be_searched() -> None:
    from heartkit.modes.tuning.space import SEARCHABLE

    [paragraph] = [
        text for text in (DOCS / "modes" / "tune.md").read_text("utf-8").split("\n\n") if "can be every" in text
    ]
    assert set(re.findall(r"`(\w+)`", paragraph)) - {"frame_size", "val_metric"} == set(SEARCHABLE)


@pytest.mark.parametrize("code", blocks("python"))
def test_python_compiles_and_names_what_there_is(code: str) -> None:
    compile(code, "a page", "exec")
    assert set(re.findall(r"\bhk\.(\w+)", code)) <= set(hk.__all__)


@pytest.mark.parametrize("code", blocks("bash"))
def test_commands_are_understood(code: str) -> None:
    for line in code.splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["heartkit"] and "--help" not in words:
            assert isinstance(cli._parsed(cli._mode_first(words[1:])), Request), line
            for file in values_of(("-c", "--config"), words):
                assert file == "my-run.json" or (ROOT / file).is_file(), line
            # A mistake is shown on purpose, for what is said of it.
            if words[1] in MODE_PARAMS and "frame_sise" not in line:
                config = hk.load({"datasets": [{"name": "ludb"}]}, values_of(("--set",), words))
                config.params(MODE_PARAMS[words[1]], "segmentation")


def values_of(options: tuple[str, ...], words: list[str]) -> list[str]:
    return [words[at + 1] for at, word in enumerate(words) if word in options]


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in PAGES:
        for target in re.findall(r"\bmake ([a-z-]+)\b(?=`|  )", page.read_text(encoding="utf-8")):
            assert re.search(rf"^{target}:", makefile, flags=re.M), f"{page.name}: make {target}"
