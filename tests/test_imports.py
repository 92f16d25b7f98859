"""Packages import in one direction only, and nothing heavy comes with what must be quick."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import heartkit.errors

PACKAGE = Path(heartkit.errors.__file__).parent
GROUND = [
    "errors", "registry", "strict", "files", "console", "logs", "param_types", "params", "config", "factories", "job",
    "zoo",
]  # fmt: skip
"""Modules that every package may use; here too each may import those before it."""
WAY = [
    "signal", "metrics", "baselines", "records", "synthesis", "datasets", "frames", "transforms", "models", "reports",
    "objectives", "tasks", "protocols", "artifact", "backends", "modes", "commands", "cli", "__main__",
]  # fmt: skip
"""The way of the data."""
HEAVY = {
    "tensorflow",
    "keras",
    "ai_edge_litert",
    "tflite_micro",
    "neurokit2",
    "matplotlib",
    "plotly",
    "sklearn",
    "wandb",
}


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the full names of what a module imports, also inside functions; not what only type checkers see."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            yield from imported(node)


def parts(file: Path) -> tuple[str, list[str]]:
    """Return which part of heartkit a file belongs to, and the parts it imports."""
    own = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    names = [name.split(".") for name in imported(ast.parse(file.read_text(encoding="utf-8")))]
    return own, [name[1] for name in names if name[0] == "heartkit" and len(name) > 1]


FILES = sorted(file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py")


def test_every_part_has_its_place_on_the_way() -> None:
    assert {parts(file)[0] for file in FILES} <= {*GROUND, *WAY}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_go_one_way(file: Path) -> None:
    own, others = parts(file)
    order = [*GROUND, *WAY]
    wrong = [other for other in others if order.index(other) > order.index(own)]
    assert not wrong, f"{own} stands before {wrong} on the way of the data and must not import it"


@pytest.mark.parametrize(
    "text", ["def f():\n    import heartkit.modes.train", "try:\n    from heartkit import modes\nfinally: 0"]
)
def test_imports_inside_functions_and_blocks_count(text: str) -> None:
    assert [name.split(".")[1] for name in imported(ast.parse(text))] == ["modes"]


def test_imports_for_type_checkers_do_not_count() -> None:
    assert list(imported(ast.parse("if TYPE_CHECKING:\n    import heartkit.modes"))) == []


def loaded_by(statement: str) -> set[str]:
    """Return the top-level modules that a fresh Python has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_heartkit_loads_next_to_nothing() -> None:
    assert not loaded_by("import heartkit") & {"numpy", "pydantic", "rich", "typer", *HEAVY}


def test_names_of_the_command_line_and_parameters_load_no_framework() -> None:
    statement = "import heartkit as hk, heartkit.cli, heartkit.modes.listing; hk.HKTrainParams, hk.TaskFactory.list()"
    assert not loaded_by(statement) & {"numpy", "scipy", *HEAVY}
