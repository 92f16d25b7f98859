"""The job folder: what a run was asked, with what it ran, what it said, and where its results stand."""

from __future__ import annotations

import logging
import os
import platform
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import Any

from heartkit.files import write_bytes, write_json, writing

log = logging.getLogger(__name__)

PACKAGES = (
    "heartkit", "keras", "tensorflow", "ai-edge-litert", "tflite-micro",
    "numpy", "scipy", "pyarrow", "wfdb", "pydantic",
)  # fmt: skip


THRESHOLDS = "thresholds.json"
"""What training chooses on validation frames for each class, beside the model."""


class Job:
    """One run of one mode in its folder.

    Modes share a folder: each writes only its own files, and each of those wholly or not at all. While the job is
    entered (``with``), everything logged under ``heartkit`` is also appended to the folder's log.

    Parameters
    ----------
    folder : Path
        The job folder; it is made by `open`.
    mode : str
        ``"train"``, ``"evaluate"``, ...
    seed : int
        Where the run's randomness starts.

    Attributes
    ----------
    config, environment : Path
        ``<mode>.config.json``: all parameters as the run took them, with the seed: running it again repeats the run.
        ``<mode>.environment.json``: versions and machine.
    log : Path
        ``heartkit.log``, of all runs in the folder.
    history, history_plot : Path
        ``history.csv`` and ``history.png``: one row per epoch.
    model, last_model, checkpoint : Path
        ``model.keras``: the best; ``last.keras``: the last; ``checkpoint/``: what `resume` needs.
    metrics, report, plots : Path
        ``metrics.json``, ``report.html``, ``plots/``.
    tflite, header : Path
        ``model.tflite`` and ``model_buffer.h``: what `export` makes.
    """

    def __init__(self, folder: Path, mode: str, seed: int) -> None:
        self.folder, self.mode, self.seed = folder, mode, seed
        self.config = folder / f"{mode}.config.json"
        self.environment = folder / f"{mode}.environment.json"
        self.log = folder / "heartkit.log"
        self.history = folder / "history.csv"
        self.history_plot = folder / "history.png"
        self.model = folder / "model.keras"
        self.last_model = folder / "last.keras"
        self.checkpoint = folder / "checkpoint"
        self.metrics = folder / "metrics.json"
        self.report = folder / "report.html"
        self.plots = folder / "plots"
        self.tflite = folder / "model.tflite"
        self.header = folder / "model_buffer.h"
        self._handler: logging.Handler | None = None
        self._level = logging.NOTSET
        self._propagate = True
        self._started = 0.0

    @classmethod
    def open(cls, job_dir: Path, mode: str, resolved: Mapping[str, Any], seed: int | None = None) -> Job:
        """Make the folder and record in it what is about to run.

        Parameters
        ----------
        job_dir : Path
            The job folder; earlier results in it stay until this mode has its own.
        mode : str
            The mode's name.
        resolved : mapping
            All parameters, with defaults and overrides applied.
        seed : int, optional
            Drawn where None, and recorded.

        Raises
        ------
        HeartkitError
            If the folder cannot be made or written.
        """
        job = cls(Path(job_dir), mode, secrets.randbits(31) if seed is None else seed)
        with writing(job.folder):
            job.folder.mkdir(parents=True, exist_ok=True)
        write_json(job.config, {**resolved, "seed": job.seed})
        write_json(job.environment, environment())
        return job

    def keep_report(self) -> None:
        """Copy the report to ``<mode>.html``: another mode in the same folder has a ``report.html`` of its own."""
        write_bytes(self.folder / f"{self.mode}.html", self.report.read_bytes())

    def __enter__(self) -> Job:
        with writing(self.log):
            self._handler = _LogFile(self.log, encoding="utf-8")
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
        root = logging.getLogger("heartkit")
        self._level = root.level
        if root.getEffectiveLevel() > logging.INFO:
            root.setLevel(logging.INFO)
        root.addHandler(self._handler)
        self._propagate, root.propagate = root.propagate, False  # libraries give the root logger handlers of their own
        self._started = time.monotonic()
        log.info("%s starts in %s with seed %d", self.mode, self.folder, self.seed)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        took = time.monotonic() - self._started
        if error is None:
            log.info("%s ends after %.1f s", self.mode, took)
        else:
            # The command line shows the message only; the log keeps where it came from.
            log.info("%s is ended after %.1f s by %s", self.mode, took, type(error).__name__, exc_info=error)
        root = logging.getLogger("heartkit")
        root.setLevel(self._level)
        root.propagate = self._propagate
        if self._handler is not None:
            root.removeHandler(self._handler)
            with suppress(OSError):
                self._handler.close()


class _LogFile(logging.FileHandler):
    """A log that a full disk silences: what cannot be written then is the results, and they say so themselves."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Keep on, without a word on stderr."""


def environment() -> dict[str, Any]:
    """Return versions and machine, without importing any of the packages.

    Returns
    -------
    dict
        ``python``, ``packages`` (name to version, None where not installed), ``platform``, ``machine``, ``cpus``,
        ``keras_backend``.
    """
    return {
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "keras_backend": os.environ.get("KERAS_BACKEND"),
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
