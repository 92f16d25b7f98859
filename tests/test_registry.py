"""Names to things: registering, looking up, plugins of other packages, and what heartkit itself ships."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from heartkit import factories
from heartkit.errors import ConfigError, UnknownNameError
from heartkit.registry import Entry, Registry, load_object


class Thing:
    """A thing.

    More about it.
    """


def registry(group: str = "heartkit.nothing", **builtin: Entry) -> Registry:
    return Registry("thing", group, {"sqrt": Entry("math:sqrt", "a root", ("root", "wurzel"))} | builtin)


def test_a_name_is_imported_on_first_use_only(tmp_path, monkeypatch):
    (tmp_path / "imported_late.py").write_text("import builtins\nTHING = ['made']\n")
    monkeypatch.syspath_prepend(tmp_path)
    things = registry(late=Entry("imported_late:THING", "late"))
    assert things.list() == ["late", "sqrt"]
    assert things.describe() == {"late": "late", "sqrt": "a root"}
    assert things.has("late")
    assert "imported_late" not in sys.modules
    first = things.get("late")
    assert first == ["made"]
    assert things.get("late") is first
    del sys.modules["imported_late"]


def test_register_and_unregister():
    things = registry()
    things.register("mine", Thing)
    things.register("other", "math:cos", "a cosine")
    assert things.get("mine") is Thing
    assert things.get("other")(0) == 1
    assert things.describe() == {"mine": "A thing.", "other": "a cosine", "sqrt": "a root"}
    things.unregister("mine")
    assert not things.has("mine")
    assert things.list() == ["other", "sqrt"]
    with pytest.raises(UnknownNameError, match="Unknown thing 'mine'"):
        things.unregister("mine")
    things.register("mine", Thing)
    assert things.get("mine") is Thing


def test_older_names():
    things = registry()
    assert things.get("root")(9) == 3
    assert things.canonical("wurzel") == things.canonical("sqrt") == "sqrt"
    assert things.list() == ["sqrt"], "older names are not listed"
    things.unregister("root")
    assert things.list() == []


@pytest.mark.parametrize("name", ["sqrt", "root"])
def test_a_double_name_is_an_error(name):
    things = registry()
    with pytest.raises(ConfigError, match=f"thing name '{name}' is already registered.*unregister"):
        things.register(name, Thing)
    assert things.get("sqrt")(4) == 2


def test_an_unknown_name_says_the_nearest():
    things = registry(cosine=Entry("math:cos", ""))
    with pytest.raises(UnknownNameError, match=r"Unknown thing 'cosin'\. Did you mean 'cosine'\? Known: cosine, sqrt"):
        things.get("cosin")
    with pytest.raises(UnknownNameError):
        things.canonical("cosin")


@pytest.mark.parametrize("target", ["no_such_module_at_all:thing", "math:no_such_function"])
def test_what_cannot_be_imported_is_said_with_its_origin(target):
    things = registry(broken=Entry(target, "from someone"))
    with pytest.raises(
        ConfigError, match=f"thing 'broken' is '{target}' .from someone., which cannot be imported: .*no_such"
    ):
        things.get("broken")


def test_load_object():
    import math

    assert load_object("math:pi") == math.pi


def distribution(folder, name: str, entries: str, group: str = "heartkit.testthings") -> None:
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{entries}\n")


def test_other_packages_add_names(tmp_path, monkeypatch):
    distribution(tmp_path, "heart-extras", "extra = extra_module:THING\nsecond = math:sin")
    (tmp_path / "extra_module.py").write_text("THING = 'from the package'\n")
    monkeypatch.syspath_prepend(tmp_path)
    things = registry("heartkit.testthings")
    assert things.list() == ["extra", "second", "sqrt"]
    assert things.describe()["extra"] == "from heart-extras"
    assert "extra_module" not in sys.modules
    assert things.get("extra") == "from the package"
    assert things.get("second")(0) == 0
    with pytest.raises(ConfigError, match="already registered"):
        things.register("extra", Thing)
    things.unregister("extra")
    assert things.list() == ["second", "sqrt"], "it does not come back"
    assert registry("heartkit.otherthings").list() == ["sqrt"]
    del sys.modules["extra_module"]


@pytest.mark.parametrize("name", ["sqrt", "root"])
def test_a_package_that_takes_a_name_is_named(tmp_path, monkeypatch, name):
    distribution(tmp_path, "aaa-first", "another = math:sin")
    distribution(tmp_path, "heart-thief", f"{name} = math:cos")
    monkeypatch.syspath_prepend(tmp_path)
    things = registry("heartkit.testthings")
    for _ in range(2):  # as often as one asks
        with pytest.raises(ConfigError, match=f"Package 'heart-thief' adds a thing named '{name}', and there is one"):
            things.list()


TABLES = [table for table in vars(factories).values() if isinstance(table, Registry)]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.kind)
def test_what_heartkit_ships_exists(table):
    assert table.list()
    for name, entry in table._entries.items():
        assert 0 < len(entry.summary) <= 80, name
        if isinstance(entry.target, str):  # not looked up by another test yet
            module, thing = entry.target.split(":")
            # Read and not imported: some bring TensorFlow.
            source = Path(importlib.util.find_spec(module).origin).read_text()
            assert re.search(rf"^((def|class) )?{thing}\b", source, re.M), name


def test_kinds_and_groups_differ():
    assert len({table.kind for table in TABLES}) == len({table.group for table in TABLES}) == len(TABLES) >= 5


def test_synthetic_is_the_older_name_of_the_generated_ecgs():
    datasets = factories.DatasetFactory
    assert datasets.canonical("synthetic") == "ecg-synthetic"
    assert datasets.get("synthetic") is datasets.get("ecg-synthetic")
    assert datasets.get("ecg-synthetic").name == "ecg-synthetic"
    assert datasets.get("ludb") is importlib.import_module("heartkit.datasets.ludb").Ludb
    with pytest.raises(UnknownNameError, match="Did you mean 'ludb'"):
        datasets.get("lubd")
