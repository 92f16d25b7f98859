"""What all tests share: where the real recordings are, if they are there."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The machines that run this are shared: a slow example says nothing about the code.
settings.register_profile("heartkit", deadline=None)
settings.load_profile("heartkit")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings in their publishers' layout; skips where it is absent."""
    default = Path(__file__).parents[2] / "shared" / "data"
    folder = Path(os.environ.get("HEARTKIT_TEST_DATA", default))
    if not (folder / "ludb").is_dir():
        pytest.skip(f"real recordings are not here: {folder} (set HEARTKIT_TEST_DATA)")
    return folder
