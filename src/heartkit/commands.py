"""The commands that can be typed: their options, and what each asks for. No logic."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from heartkit import console
from heartkit.factories import ModeFactory

OK, MENDABLE = 0, 2

HELP = """Recordings in, a verified microcontroller model out.

First steps:

    [bold]heartkit demo[/bold]                      a trained model on a synthetic ECG
    [bold]heartkit check -t TASK -c FILE[/bold]     what a run would do, what is wrong
    [bold]heartkit download -c FILE[/bold]          fetch the datasets it names
    [bold]heartkit train -t TASK -c FILE[/bold]     then evaluate, export, demo alike
    [bold]heartkit list[/bold]                      all names that a FILE may use

For example: heartkit train -t segmentation -c configs/seg-4-tcn-sm.json"""
EPILOG = "More on a command: heartkit train --help. The older heartkit -m MODE -t TASK -c FILE does the same."

TaskName = Annotated[str | None, typer.Option("--task", "-t", metavar="TASK", help="See: heartkit list tasks.")]
Source = Annotated[
    str | None, typer.Option("--config", "-c", metavar="FILE", help="JSON, YAML or TOML file, or JSON text.")
]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one value, e.g. datasets.0.weight=2.")
]
Cluster = Annotated[
    str | None, typer.Option("--cluster", metavar="ADDRESS", help="Prepare recordings on this Ray cluster.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what is wrong, and the answer.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show where in the code an error comes from.")]


@dataclass(frozen=True)
class Request:
    """What was typed, understood but not yet done: `action` returns the exit code."""

    action: Callable[[], int]
    debug: bool = False


def parser() -> typer.Typer:
    """Build the parser: a command for each mode that is registered, and those that only look."""
    app = typer.Typer(
        help=HELP, epilog=EPILOG, add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip
    app.callback()(_common)
    special: dict[str, Callable[..., None]] = {"download": _download, "export": _export, "tune": _tune}
    for name, summary in ModeFactory.describe().items():
        app.command(name, help=summary)(special.get(name) or _mode(name))
    app.command("check", help="say what a run would do and what is wrong")(_check)
    app.command("list", help="list the names that configurations use")(_list)
    app.command("zoo", help="list the models that ship with heartkit, or get one")(_zoo)
    return app


def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def _mode(name: str) -> Callable[..., None]:
    """Return the command of one mode."""

    def command(
        ctx: typer.Context,
        task: TaskName = None,
        config: Source = None,
        overrides: Overrides = None,
        cluster: Cluster = None,
        verbose: Verbose = False,
        quiet: Quiet = False,
        debug: Debug = False,
    ) -> None:
        settings = _settings(overrides, verbose, quiet, cluster)
        ctx.obj.append(Request(partial(_run, name, task, config, settings), debug))

    return command


def _download(
    ctx: typer.Context,
    task: TaskName = None,
    config: Source = None,
    overrides: Overrides = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    ctx.obj.append(Request(partial(_run, "download", task, config, _settings(overrides, verbose, quiet)), debug))


def _export(
    ctx: typer.Context,
    task: TaskName = None,
    config: Source = None,
    overrides: Overrides = None,
    no_tflm: Annotated[bool, typer.Option("--no-tflm", help="Do not verify with TensorFlow Lite Micro.")] = False,
    cluster: Cluster = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    settings = _settings(overrides, verbose, quiet, cluster) + ["tflm=false"] * no_tflm
    ctx.obj.append(Request(partial(_run, "export", task, config, settings), debug))


def _tune(
    ctx: typer.Context,
    task: TaskName = None,
    config: Source = None,
    overrides: Overrides = None,
    trials: Annotated[int | None, typer.Option("--trials", metavar="N", help="Go on until N were trained.")] = None,
    parallel: Annotated[int | None, typer.Option("--parallel", metavar="N", help="Train N at a time.")] = None,
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="ADDRESS", help="Train on this Ray cluster, and prepare there.")
    ] = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    numbers = {"tune.trials": trials, "tune.parallel": parallel}
    settings = [f"{key}={number}" for key, number in numbers.items() if number is not None]
    settings = _settings((overrides or []) + settings, verbose, quiet, cluster)
    ctx.obj.append(Request(partial(_run, "tune", task, config, settings), debug))


def _check(
    ctx: typer.Context, task: TaskName = None, config: Source = None, overrides: Overrides = None, debug: Debug = False
) -> None:
    ctx.obj.append(Request(partial(_run_check, task, config, overrides or []), debug))


def _list(
    ctx: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(help="tasks, datasets, models, preprocesses, augmentations or backends; by default all."),
    ] = None,
    long: Annotated[bool, typer.Option("--long", "-l", help="Of datasets also licence and citation.")] = False,
    debug: Debug = False,
) -> None:
    ctx.obj.append(Request(partial(_run_list, what, long), debug))


def _zoo(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help="Which model to get; by default all are listed.")] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Where to; by default results/NAME.")
    ] = None,
    debug: Debug = False,
) -> None:
    ctx.obj.append(Request(partial(_run_zoo, name, to), debug))


def _settings(overrides: list[str] | None, verbose: bool, quiet: bool, cluster: str | None = None) -> list[str]:
    """Return the overrides, those included for which there are flags."""
    flags = ["verbose=2"] * verbose + ["verbose=0"] * quiet
    return (overrides or []) + flags + ([] if cluster is None else [f"cluster={json.dumps(cluster)}"])


def _run(mode: str, task: str | None, source: str | None, overrides: list[str]) -> int:
    from heartkit.modes.dispatch import run_mode

    run_mode(mode, task, source, overrides)
    return OK


def _run_check(task: str | None, source: str | None, overrides: list[str]) -> int:
    from heartkit.modes.check import check
    from heartkit.modes.findings import show

    with console.progress("Checking", None):
        findings = check(source or {}, task, overrides)
    show(findings)
    return MENDABLE if findings.problems else OK


def _run_list(kind: str | None, long: bool) -> int:
    from heartkit.modes.listing import show_list

    show_list(kind, long)
    return OK


def _run_zoo(name: str | None, folder: Path | None) -> int:
    from heartkit.modes.shelf import fetch_model, show_zoo

    if name is None:
        show_zoo()
    else:
        fetch_model(name, folder)
    return OK


def _say_version(wanted: bool) -> None:
    if wanted:
        console.answer(f"heartkit {metadata.version('heartkit')}")
        raise typer.Exit
