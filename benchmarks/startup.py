"""CPU-seconds from typing to the answer: what a user waits for before any work begins."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile

REPEATS = 7
COMMANDS = {
    "help_cpu_seconds": ["-m", "heartkit", "--help"],
    "list_tasks_cpu_seconds": ["-m", "heartkit", "list", "tasks"],
    "import_cpu_seconds": ["-c", "import heartkit"],
    "python_alone_cpu_seconds": ["-c", "pass"],
}


def cpu_seconds(arguments: list[str], environment: dict[str, str]) -> float:
    """Return what a fresh Python uses, user and system time together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


TARGETS = {"help_cpu_seconds": "at most 0.5"}


def run() -> dict[str, float]:
    """Measure start-up.

    Returns
    -------
    dict
        CPU-seconds of each of `COMMANDS`: median over `REPEATS` runs after one that warms up, with bytecode kept as
        installed packages have it.
    """
    with tempfile.TemporaryDirectory() as bytecode:
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = bytecode
        results = {}
        for name, arguments in COMMANDS.items():
            cpu_seconds(arguments, environment)
            results[name] = round(statistics.median(cpu_seconds(arguments, environment) for _ in range(REPEATS)), 3)
    return results


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
