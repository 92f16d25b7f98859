"""An architecture of somebody else's package is tried by the contract test as soon as it is installed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def installed(tmp_path):
    """A package with the documentation's example of an architecture, as an installer would leave it."""
    shutil.copy(ROOT / "docs" / "own" / "examples" / "convnet.py", tmp_path / "convnet_package.py")
    info = tmp_path / "convnet_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: convnet-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[heartkit.models]\nconvnet = convnet_package:ARCHITECTURE\n")
    return tmp_path


@pytest.mark.slow
def test_the_contract_test_tries_what_is_installed(installed):
    paths = [str(installed), *filter(None, [os.environ.get("PYTHONPATH")])]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "convnet"]
    done = subprocess.run(
        [*command, str(ROOT / "tests" / "models" / "test_contract.py")],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) >= 8  # two sizes, the head, training, errors, an example, int8, int16x8
