"""The smallest arena in which TensorFlow Lite Micro runs a model, searched in a process of its own.

In some arenas that are too small the interpreter does not refuse but ends the whole process: operators do not check
what they are given while they are prepared. Run as a script, this file tries arenas and prints each before it does; it
imports nothing of heartkit, so that it starts in a fraction of a second.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

STEP = 16
"""Arenas are multiples of so many bytes."""
ENOUGH = "enough"


def smallest_arena(model: bytes) -> int:
    """Search the smallest arena in which TensorFlow Lite Micro runs a model.

    Parameters
    ----------
    model : bytes
        The flatbuffer.

    Returns
    -------
    int
        Bytes, a multiple of 16. Pointers take 8 bytes on this computer and 4 on a Cortex-M, which needs some less.

    Raises
    ------
    BackendError
        If it is not installed, or does not run the model in any arena.
    """
    import numpy as np

    from heartkit.artifact.inspect import inspect
    from heartkit.artifact.runners import ARENA_OVERHEAD, TflmRunner
    from heartkit.errors import BackendError

    found = inspect(model)
    runner = TflmRunner(model)
    runner.run(np.zeros(found.input.shape, found.input.dtype))
    too_small, enough = runner.held_bytes() // STEP - 1, -(-(found.activation_bytes + ARENA_OVERHEAD) // STEP)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        path.write_bytes(model)
        while enough - too_small > 1:
            # -P: the folder of this file has names of the standard library's modules in it.
            command = [sys.executable, "-P", __file__, str(path), str(too_small), str(enough)]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            tried = {int(size): answer for size, _, answer in (line.partition(" ") for line in run.stdout.splitlines())}
            if not tried:
                raise BackendError(f"The search for the smallest arena did not start: {run.stderr.strip()[-200:]}")
            enough = min([enough, *(size for size, answer in tried.items() if answer == ENOUGH)])
            # One without an answer ended the process: it was too small.
            too_small = max([too_small, *(size for size, answer in tried.items() if answer != ENOUGH)])
    return enough * STEP


def _search(path: str, too_small: int, enough: int) -> None:
    """Halve the distance between an arena that is too small and one that is enough; tell each answer."""
    import numpy as np
    from tflite_micro import runtime

    model, say = Path(path).read_bytes(), sys.stdout
    while enough - too_small > 1:
        middle = (enough + too_small) // 2
        say.write(f"{middle} ")
        say.flush()
        try:
            interpreter = runtime.Interpreter.from_bytes(model, arena_size=middle * STEP)
            details = interpreter.get_input_details(0)
            interpreter.set_input(np.zeros(details["shape"], details["dtype"]), 0)
            interpreter.invoke()
        except RuntimeError:
            too_small = middle
            say.write("refused\n")
        else:
            enough = middle
            say.write(f"{ENOUGH}\n")


if __name__ == "__main__":
    _search(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
