import subprocess

import pytest

from heartkit.artifact import arena
from heartkit.errors import BackendError
from tiny_network import converted


def test_an_arena_that_ends_the_process_is_too_small(monkeypatch):
    pytest.importorskip("tflite_micro")
    real, expected, calls = subprocess.run, arena.smallest_arena(converted("INT8")), []

    def run(command, **options):
        calls.append([int(size) for size in command[-2:]])
        if len(calls) == 1:  # says which it tries, and ends
            return subprocess.CompletedProcess(command, -11, f"{expected // 16 + 9} enough\n{expected // 16 - 1} ", "")
        return real(command, **options)

    monkeypatch.setattr(subprocess, "run", run)
    assert arena.smallest_arena(converted("INT8")) == expected
    assert calls[1] == [expected // 16 - 1, expected // 16 + 9]


def test_a_search_that_does_not_start_is_an_error(monkeypatch):
    pytest.importorskip("tflite_micro")
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, "", "no such module")
    )
    with pytest.raises(BackendError, match="did not start: no such module"):
        arena.smallest_arena(converted("INT8"))
