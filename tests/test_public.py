"""What `import heartkit as hk` offers: whoever changes this list changes what users' programs rely on."""

import ast
from importlib import metadata
from pathlib import Path

import pytest

import heartkit as hk
from heartkit import errors, params
from heartkit.records import record, vocabulary
from heartkit.registry import Registry

PUBLIC = """
AugmentationFactory AugmentationParams BackendError BackendFactory Beat Beats ChecksumError Config ConfigError
ConversionType DataError DatasetFactory DatasetMissingError DatasetParams Diagnosis DownloadError ExportError
HKDemoParams HKDownloadParams HKExportParams HKTestParams HKTrainParams HKTuneParams HeartkitError ModelArchitecture
ModelError ModelFactory NoRecordsError PreprocessFactory PreprocessParams QuantizationParams QuantizationType Record
RecordError Rhythm Spans TaskFactory TrainingError UnknownNameError VerificationError Wave Waves __version__ load
"""


def test_the_public_names_are_these() -> None:
    assert sorted(hk.__all__) == sorted(PUBLIC.split())
    assert dir(hk) == sorted(hk.__all__)


@pytest.mark.parametrize("name", PUBLIC.split())
def test_each_name_is_what_its_own_module_defines(name: str) -> None:
    homes = [module for module in (errors, params, record, vocabulary) if hasattr(module, name)]
    value = getattr(hk, name)
    assert all(getattr(home, name) is value for home in homes)
    assert homes or isinstance(value, Registry) or name in ("Config", "load", "__version__")


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(str(hk.__file__)).read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)]
    named = {alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    declared = {ast.unparse(node.target) for node in block.body if isinstance(node, ast.AnnAssign)}
    assert named | declared == set(hk.__all__)


def test_all_errors_are_public() -> None:
    defined = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert defined <= set(hk.__all__)


def test_factories_offer_the_same_five() -> None:
    for name in (name for name in hk.__all__ if name.endswith("Factory")):
        factory = getattr(hk, name)
        assert all(callable(getattr(factory, verb)) for verb in ("register", "unregister", "has", "get", "list"))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'TaskFactroy'"):
        hk.TaskFactroy  # noqa: B018


def test_the_version_is_the_installed_one() -> None:
    assert hk.__version__ == metadata.version("heartkit")


def test_parameters_come_from_a_configuration() -> None:
    loaded = hk.load({"epochs": 3, "frame_size": 256}, ["epochs=4"])
    assert loaded.params(hk.HKTrainParams) == hk.HKTrainParams(epochs=4, frame_size=256)
