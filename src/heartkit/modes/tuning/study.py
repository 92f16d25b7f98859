"""The memory of a sweep: an Optuna study in the job folder, which proposes trials and outlives a killed run.

Optuna is imported only here. One process, that of the command, asks and tells; workers only train.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from heartkit.errors import ConfigError, DataError
from heartkit.files import writing
from heartkit.modes.tuning.space import Dimension, Range, Space, Values, as_text
from heartkit.params import TuneParams
from heartkit.reports.trials import FAILED, TRAINED, Trial, better

if TYPE_CHECKING:
    from typing import Self

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # on Windows, where nothing keeps two runs apart
    fcntl = None

NAME = "heartkit"
IDENTITY, RESULT = "identity", "result"


class Study:
    """Trials that are asked for and told, kept in a file.

    A proposal depends on the seed, on how many proposals there were before and on what has been told of them, and on
    nothing else: an interrupted sweep goes on with the trials that an uninterrupted one has.

    Parameters
    ----------
    file : Path
        The journal; made where it is not there.
    space : Space
        What may be proposed.
    tune : TuneParams
        How.
    metric : str
        What the score is; "loss" is to be small.
    identity : mapping
        What trials must share to be compared, as JSON types; its ``seed`` is None where none is configured.
    seed : int
        What to take where none is configured and none is stored.

    Raises
    ------
    ConfigError
        If Optuna is not installed, another process is at work on the file, or the stored study is another one; the
        message names what differs.
    DataError
        If the file is damaged.

    Notes
    -----
    As long as it is open no other process can open it. The system itself forgets that when the process ends, however
    it ends.
    """

    def __init__(
        self, file: Path, space: Space, tune: TuneParams, metric: str, identity: Mapping[str, Any], seed: int
    ) -> None:
        self._optuna = _optuna()
        self._space, self._pareto = space, tune.objective == "pareto"
        self._distributions = {one.path: self._distribution(one) for one in space.dimensions}
        self._asked: dict[int, Any] = {}
        directions = ["maximize" if better(metric) > 0 else "minimize", "minimize"][: 1 + self._pareto]
        with writing(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._held = _held(file)
        try:
            _mend(file)
            self._study = self._opened(file, directions)
            self.seed = self._same(identity, seed, file)
        except BaseException:
            self.close()
            raise
        for trial in self._study.get_trials(states=(self._optuna.trial.TrialState.RUNNING,)):
            self._close(trial)

    def close(self) -> None:
        """Let other processes have the file."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def trials(self) -> list[Trial]:
        """Return all trials that have ended, in order; those of killed runs are not among them."""
        return [_trial(one) for one in self._study.get_trials(deepcopy=False) if RESULT in one.user_attrs]

    def ask(self, first: Values | None = None) -> tuple[int, Values]:
        """Return the number and the values of a new trial.

        Parameters
        ----------
        first : dict, optional
            The values to have where this is the very first trial.
        """
        count = len(self.trials) + len(self._asked)
        state = np.random.SeedSequence([self.seed, count]).generate_state(1)
        self._study.sampler = self._optuna.samplers.TPESampler(seed=int(state[0]))
        if first is not None and count == 0:
            fixed = {path: self._parameter(path, value) for path, value in first.items()}
            if not self._study.get_trials(states=(self._optuna.trial.TrialState.WAITING,)):
                self._study.enqueue_trial(fixed)
        trial = self._study.ask(self._distributions)
        self._asked[trial.number] = trial
        return trial.number, values_of(trial.params)

    def tell(self, trial: Trial) -> None:
        """Keep what became of a trial."""
        asked = self._asked.pop(trial.number)
        if trial.over or trial.outcome == FAILED:
            # A failed training counts as far from what may be, so that the same is not tried again and again.
            for name, share in (trial.over or {"training": 1.0}).items():
                asked.set_constraint(name, share)
        asked.set_user_attr(RESULT, {**asdict(trial), "values": None})
        self._end(trial)

    def _end(self, trial: Trial) -> None:
        states = self._optuna.trial.TrialState
        if trial.outcome == TRAINED:
            self._study.tell(trial.number, [trial.score, trial.macs][: 1 + self._pareto])
        else:
            usable = trial.over or trial.outcome == FAILED  # to learn from
            self._study.tell(trial.number, state=states.PRUNED if usable else states.FAIL)

    def _close(self, running: Any) -> None:
        """End a trial that a killed run left: as it was about to, or as if it had never been."""
        if RESULT in running.user_attrs:
            self._end(_trial(running))
        else:
            self._study.tell(running.number, state=self._optuna.trial.TrialState.FAIL)

    def _opened(self, file: Path, directions: list[str]) -> Any:
        journal = self._optuna.storages.journal
        try:
            storage = self._optuna.storages.JournalStorage(journal.JournalFileBackend(str(file), _NoLock()))
            study = self._optuna.create_study(
                storage=storage, study_name=NAME, directions=directions, load_if_exists=True
            )
        except (ValueError, KeyError, AssertionError) as error:
            raise DataError(
                f"The trials in {file} cannot be read: {error}. Put the file back as it was, or choose another job_dir."
            ) from error
        return study

    def _same(self, identity: Mapping[str, Any], seed: int, file: Path) -> int:
        """Return the seed, after making sure that the stored trials can be compared with those to come."""
        now = json.loads(json.dumps(identity))
        stored = self._study.user_attrs.get(IDENTITY)
        if stored is None:
            now["seed"] = seed if now["seed"] is None else now["seed"]
            self._study.set_user_attr(IDENTITY, now)
            return int(now["seed"])
        now["seed"] = stored["seed"] if now["seed"] is None else now["seed"]
        if differ := list(_differences(stored, now)):
            path, before, after = differ[0]
            more = f" ({len(differ) - 1} more: {', '.join(one[0] for one in differ[1:4])})" if differ[1:] else ""
            raise ConfigError(
                f"The trials in {file.parent} were made with {path} = {_short(before)}, which is {_short(after)} now"
                f"{more}: they cannot be compared. Set it back, or choose another job_dir."
            )
        return int(stored["seed"])

    def _distribution(self, one: Dimension) -> Any:
        kinds = self._optuna.distributions
        if not isinstance(one.options, Range):
            return kinds.CategoricalDistribution([as_text(choice) for choice in one.options])
        if one.options.whole:
            last = one.options.low + (one.size - 1) * (one.options.step or 1)
            return kinds.IntDistribution(one.options.low, int(last), one.options.log, one.options.step or 1)
        step = one.options.step
        last = one.options.high if step is None else one.options.low + (one.size - 1) * step
        return kinds.FloatDistribution(one.options.low, last, one.options.log, step)

    def _parameter(self, path: str, value: Any) -> Any:
        categorical = isinstance(self._distributions[path], self._optuna.distributions.CategoricalDistribution)
        return as_text(value) if categorical else value


def values_of(parameters: Mapping[str, Any]) -> Values:
    """Return the JSON values that Optuna's parameters stand for: choices are kept as text."""
    return {path: json.loads(one) if isinstance(one, str) else one for path, one in parameters.items()}


def _optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise ConfigError("`heartkit tune` needs Optuna. Run `pip install heartkit[tune]`.") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


class _NoLock:
    """Takes the place of Optuna's lock on each write, which outlives a killed process by half a minute."""

    def acquire(self) -> bool:
        """Nobody else writes: the whole file is held."""
        return True

    def release(self) -> None:
        """There is nothing to release."""


def _held(file: Path) -> BinaryIO:
    """Open the journal so that no other process can, until it is closed or this process ends."""
    opened = file.open("ab")
    try:
        if fcntl is not None:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        opened.close()
        raise ConfigError(
            f"Another `heartkit tune` is at work in {file.parent}. Wait until it ends, or choose another job_dir."
        ) from None
    return opened


def _mend(file: Path) -> None:
    """Cut off a last line that a power cut left half written: what would be written next would be lost with it."""
    content = file.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with file.open("r+b") as opened:
            opened.truncate(whole)


def _trial(stored: Any) -> Trial:
    return Trial(**{**stored.user_attrs[RESULT], "values": values_of(stored.params)})


def _differences(before: Any, after: Any, path: str = "") -> Any:
    """Yield where two JSON values differ: path, value before, value after."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _differences(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif before != after:
        yield path, before, after


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else text[:77] + "..."
