"""From what is typed to a mode at work: configuration, parameters, task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heartkit import console, zoo
from heartkit.config import load
from heartkit.errors import ConfigError
from heartkit.factories import ModeFactory, TaskFactory
from heartkit.params import MODE_PARAMS, HKBaseParams

WITHOUT_TASK = ("download",)
"""Modes that are the same for all tasks."""


def run_mode(mode: str, task: str | None, source: str | None, overrides: Sequence[str] = ()) -> Any:
    """Run a mode as the command line asks for it, and return its result.

    Parameters
    ----------
    mode : str
        The mode's name.
    task : str, optional
        The task's name; may be left out where there is only one, or where the mode is the same for all.
    source : str, optional
        Configuration file, or JSON text. Without one ``demo`` shows the zoo's model, and other modes have defaults.
    overrides : sequence of str
        ``key=value`` each.

    Raises
    ------
    HeartkitError
        What configuration, task or mode raise.
    """
    if mode == "demo" and source is None:
        task = task or zoo.DEMO_TASK
        name: str | None = TaskFactory.canonical(task)
        config = zoo.demo_config(task, overrides)
    else:
        name = task_name(task, required=mode not in WITHOUT_TASK)
        config = load({} if source is None else source, overrides)
    # Parameters first: a wrong one is said before any framework is imported, which takes seconds.
    params = config.params(_params_class(mode), name)
    console.set_verbosity(params.verbose)
    for note in config.notes:
        console.warn(note)
    return ModeFactory.get(mode)(params, None if name is None else TaskFactory.get(name))


def task_name(given: str | None, required: bool = True) -> str | None:
    """Return the task's current name; where none is given, that of the only task there is.

    Raises
    ------
    UnknownNameError
        If there is no such task.
    ConfigError
        If one is required and there are several.
    """
    if given is not None:
        return TaskFactory.canonical(given)
    known = TaskFactory.list()
    if len(known) == 1:
        return known[0]
    if required:
        raise ConfigError(f"Which task? Give --task; known: {', '.join(known)}.")
    return None


def _params_class(mode: str) -> type[HKBaseParams]:
    """Return a mode's class of parameters; a mode of another package adds its own to `MODE_PARAMS` on import."""
    if mode not in MODE_PARAMS:
        ModeFactory.get(mode)
    if mode not in MODE_PARAMS:
        raise ConfigError(f"Mode {mode!r} has no parameters: its module must add them to heartkit.params.MODE_PARAMS.")
    return MODE_PARAMS[mode]
