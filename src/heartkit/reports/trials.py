"""The trials of a sweep as tables, pictures and files show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from heartkit.metrics.pareto import pareto_front

TRAINED, FAILED = "trained", "failed"
OVER, UNUSABLE, REPEATED = "over a limit", "unusable", "repeated"
COUNTED = (TRAINED, FAILED)
"""What takes a training: so many of these are wanted."""
LOWER_IS_BETTER = ("loss",)


@dataclass(frozen=True)
class Trial:
    """One trial of a sweep.

    Parameters
    ----------
    number : int
        Its number; of those whose run was killed there is none.
    outcome : str
        `TRAINED`; `FAILED`: it was trained but no epoch was usable; `OVER`: its network costs too much, so it was not
        trained; `UNUSABLE`: its values do not go together; `REPEATED`: an earlier trial had the same values.
    values : mapping
        Path in the configuration -> value.
    as_configured : bool
        Whether these are the values that the configuration itself has.
    score : float or None
        The validation score of the best epoch.
    parameters, macs, activation_bytes, arena_bytes : int or None
        What its network costs; None where it was not built or, for the arena, not measured.
    best_epoch, epochs : int
        Which epoch was the best; how many there were.
    seconds : float
        How long the training took.
    reason : str
        Why there is no score.
    """

    number: int
    outcome: str
    values: Mapping[str, Any]
    as_configured: bool = False
    score: float | None = None
    parameters: int | None = None
    macs: int | None = None
    activation_bytes: int | None = None
    arena_bytes: int | None = None
    best_epoch: int = 0
    epochs: int = 0
    seconds: float = 0.0
    reason: str = ""
    over: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the number as folders have it."""
        return f"{self.number:03d}"


@dataclass(frozen=True)
class SweepFacts:
    """What a sweep was about.

    Parameters
    ----------
    task : str
        The task's name.
    metric : str
        What the score is, a name of `val_metric`.
    wanted : int
        How many trials were to be trained.
    seed : int
        Of proposals and trainings.
    objective : str
        ``"pareto"`` or ``"score"``.
    limits : mapping
        ``parameters``, ``macs``, ``arena`` (bytes) -> limit or None.
    paths : sequence of str
        What was searched.
    """

    task: str
    metric: str
    wanted: int
    seed: int
    objective: str
    limits: Mapping[str, int | None]
    paths: Sequence[str]


def trained(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials that have a score."""
    return [one for one in trials if one.outcome == TRAINED]


def better(metric: str) -> float:
    """Return 1 where more of a metric is better, -1 where less is."""
    return -1.0 if metric in LOWER_IS_BETTER else 1.0


def front(trials: Sequence[Trial], metric: str) -> list[Trial]:
    """Return the trials that no other beats in score at no more MACs, cheapest first."""
    scored = trained(trials)
    benefit = [better(metric) * float(one.score or 0) for one in scored]
    chosen = pareto_front(benefit, [float(one.macs or 0) for one in scored])
    return sorted((one for one, on in zip(scored, chosen, strict=True) if on), key=lambda one: (one.macs, one.number))


def best(trials: Sequence[Trial], metric: str) -> Trial | None:
    """Return the trial of the best score, of equal ones the cheapest, or None where none has a score."""
    key = lambda one: (-better(metric) * float(one.score or 0), one.macs, one.number)  # noqa: E731
    return min(trained(trials), key=key, default=None)
