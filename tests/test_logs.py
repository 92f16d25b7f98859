import logging
from collections.abc import Iterator

import pytest

from heartkit import console, logs

LOG = logging.getLogger("heartkit.somewhere")


@pytest.fixture(autouse=True)
def verbosity() -> Iterator[None]:
    yield
    console.set_verbosity(1)


def test_a_warning_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.shown():
        for record in (1, 2, 1):
            LOG.warning("record %d [left out]", record)
    assert capsys.readouterr().err == "warning record 1 [left out]\nwarning record 2 [left out]\n"


@pytest.mark.parametrize(("level", "said"), [(1, ""), (2, "details\n")])
def test_information_is_said_on_request(capsys: pytest.CaptureFixture[str], level: int, said: str) -> None:
    console.set_verbosity(level)
    with logs.shown():
        LOG.info("details")
        LOG.debug("more details")
    assert capsys.readouterr().err == said


def test_logging_is_left_as_it_was(caplog: pytest.LogCaptureFixture) -> None:
    root = logging.getLogger("heartkit")
    before = (root.level, root.propagate, list(root.handlers))
    with logs.shown():
        LOG.warning("for the console")
    assert (root.level, root.propagate, list(root.handlers)) == before
    assert not caplog.messages  # Python's root logger did not get it too
