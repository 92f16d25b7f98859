"""What the tests of all views share."""

import pytest
from matplotlib import image

from pages import read_page


@pytest.fixture
def page(tmp_path):
    """Run a view and read back its page."""

    def run(view, demonstration):
        lines = view.show(demonstration, tmp_path / "r.html", tmp_path / "d.png")
        assert image.imread(tmp_path / "d.png").shape[1] == 1800
        return lines, read_page(tmp_path / "r.html")

    return run
