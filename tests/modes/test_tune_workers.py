"""Trials side by side: what is tried next knows what came before, and a dead worker is an error that helps."""

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from heartkit.errors import DataError
from heartkit.modes.tuning.workers import one_by_one


def squared(number: int) -> int:
    return number * number


def dying(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("parallel", [1, 2])
def test_pieces_are_taken_when_there_is_room_and_results_have_been_seen(parallel: int) -> None:
    seen: list[int] = []
    taken: list[tuple[int, int]] = []

    def pieces() -> Iterator[int]:
        for number in range(5):
            taken.append((number, len(seen)))
            yield number

    for result in one_by_one(squared, pieces(), parallel):
        seen.append(result)
    assert sorted(seen) == [0, 1, 4, 9, 16]
    assert all(number - known < parallel for number, known in taken)


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_killed_worker_is_an_error_that_says_how_to_go_on() -> None:
    with pytest.raises(DataError, match=r"was killed.*the same command goes on, best with tune.parallel below 2"):
        list(one_by_one(dying, range(4), 2))
