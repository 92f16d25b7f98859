"""The course of a sweep: what is proposed is looked at, trained where it is worth it, and told to the study."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from heartkit import console
from heartkit.errors import BackendError, ConfigError, ExportError, ModelError
from heartkit.modes.tuning.limits import excess, measure
from heartkit.modes.tuning.space import Space, Values, as_text
from heartkit.modes.tuning.study import Study
from heartkit.modes.tuning.trial import Outcome, Piece
from heartkit.params import HKTrainParams, HKTuneParams
from heartkit.reports.trials import COUNTED, FAILED, OVER, REPEATED, TRAINED, UNUSABLE, Trial
from heartkit.tasks.base import Task

GIVE_UP = 50
"""So many proposals in a row that need no training say that there is nothing more to find."""
UNITS = {"parameters": "parameters", "macs": "MACs", "arena": "bytes of arena"}


class Sweep:
    """Proposes trials until enough were trained.

    Parameters
    ----------
    params : HKTuneParams
        What all trials share, and what is searched.
    task : Task
        What for.
    space : Space
        What may be tried.
    study : Study
        Remembers.
    """

    def __init__(self, params: HKTuneParams, task: Task, space: Space, study: Study) -> None:
        self._params, self._task, self._space, self._study = params, task, space, study
        self._configured = space.configured(params)
        self._running: dict[int, Trial] = {}

    @property
    def done(self) -> int:
        """Return how many trials were trained."""
        return sum(one.outcome in COUNTED for one in self._study.trials)

    def pieces(self) -> Iterator[Piece]:
        """Yield what is to be trained; what need not be is told to the study at once."""
        while self.done + len(self._running) < self._params.tune.trials and not self._exhausted():
            number, values = self._study.ask(self._configured)
            trial = Trial(number, TRAINED, values, as_text(values) == as_text(self._configured))
            trial, params = self._judged(trial)
            if params is not None:
                self._running[number] = trial
                yield Piece(number, params, self._task)
            else:
                console.say(f"Trial {number} is not trained: {trial.reason}", level=2)
                self._study.tell(trial)

    def finish(self, outcome: Outcome) -> Trial:
        """Keep what a training brought."""
        trial = replace(self._running.pop(outcome.number), **asdict(outcome))
        if outcome.score is None:
            trial = replace(trial, outcome=FAILED)
            console.warn(f"Trial {trial.number} came to nothing: {outcome.reason}")
        self._study.tell(trial)
        if trial.score is not None:
            console.say(
                f"Trial {trial.number} ({self.done} of {self._params.tune.trials}): val_{self._params.val_metric} "
                f"{trial.score:.4f} in epoch {trial.best_epoch} of {trial.epochs}, {trial.macs:,} MACs, "
                f"{trial.parameters:,} parameters, {trial.seconds:.0f} s"
            )
        return trial

    def trial_params(self, number: int, values: Values) -> HKTrainParams:
        """Return the parameters of the training of one trial."""
        params, parallel = self._params, self._params.tune.parallel
        return self._space.trial(params, values, self._task.name).replaced(
            job_dir=trial_folder(params.job_dir, number),
            verbose=0,
            seed=self._study.seed,
            data_parallelism=max(1, params.data_parallelism // parallel),
        )

    def _judged(self, trial: Trial) -> tuple[Trial, HKTrainParams | None]:
        """Return a trial with what is known of it before it is trained, and its parameters if it should be."""
        if (same := self._seen(trial.values)) is not None:
            return replace(trial, outcome=REPEATED, reason=f"it has the values of trial {same}"), None
        limits = self._params.tune.limits
        try:
            params = self.trial_params(trial.number, dict(trial.values))
            found = measure(params, self._task, limits)
        except (ConfigError, ModelError, ExportError, BackendError) as error:
            return replace(trial, outcome=UNUSABLE, reason=str(error)), None
        trial = replace(trial, **asdict(found))
        over = excess(found, limits)
        if not over:
            return trial, params
        values = {"parameters": found.parameters, "macs": found.macs, "arena": found.arena_bytes or 0}
        words = [f"{values[name]:,} {UNITS[name]}, the limit is {getattr(limits, name):,}" for name in over]
        return replace(trial, outcome=OVER, over=over, reason="; ".join(words)), None

    def _seen(self, values: object) -> int | None:
        text = as_text(values)
        others = [*self._study.trials, *self._running.values()]
        return next((one.number for one in others if one.outcome != REPEATED and as_text(one.values) == text), None)

    def _exhausted(self) -> bool:
        """Say whether nothing is left to find, and tell the user."""
        trials = self._study.trials
        tried = len({as_text(one.values) for one in [*trials, *self._running.values()]})
        if tried >= self._space.size:
            console.say(f"All {tried} combinations of the space have been tried.")
            return True
        fruitless = next((n for n, one in enumerate(reversed(trials)) if one.outcome in COUNTED), len(trials))
        if fruitless >= GIVE_UP:
            console.warn(
                f"The last {fruitless} proposals needed no training (the last: {trials[-1].reason}); the sweep ends "
                "here. Raise tune.limits or widen tune.space, with another job_dir, to find more."
            )
        return fruitless >= GIVE_UP


def trial_folder(job_dir: Path, number: int) -> Path:
    """Return the job folder of a trial."""
    return job_dir / "trials" / f"{number:03d}"
