"""A configuration from its source to the parameters of a mode. One configuration serves all modes."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from heartkit.config.files import read_source
from heartkit.config.generations import translate
from heartkit.config.keys import check_keys
from heartkit.config.overrides import apply_overrides
from heartkit.config.templates import fill
from heartkit.errors import ConfigError
from heartkit.params import JOB_FILES, HKBaseParams, HKTaskParams

P = TypeVar("P", bound=HKBaseParams)


@dataclass(frozen=True)
class Config:
    """What a file, a mapping or the command line configures, not yet narrowed to a mode.

    Parameters
    ----------
    values : mapping
        Key to value, in the names of the specification, overrides applied, variables not yet filled in.
    source : str
        Where they come from, for messages.
    notes : tuple of str
        What the user should know, e.g. that an obsolete key was translated; each said once.
    """

    values: Mapping[str, Any]
    source: str
    notes: tuple[str, ...] = ()

    def params(self, cls: type[P], task: str | None = None) -> P:
        """Return the parameters of one mode.

        Parameters
        ----------
        cls : type
            The mode's class, e.g. `HKTrainParams`; keys that only other modes know are left out.
        task : str, optional
            The task's name, for ``${task}``.

        Raises
        ------
        ConfigError
            If a value is of the wrong type or out of range, or a variable is unknown.
        """
        chosen = {key: value for key, value in self.values.items() if key in cls.model_fields}
        filled = {key: fill(value, self._variables(task), key, self.source) for key, value in chosen.items()}
        return cls.read(_in_job_folder(filled), self.source)

    def _variables(self, task: str | None) -> dict[str, str | None]:
        """Return what ``${...}`` stands for; None where it is not known."""
        defaults = {name: HKTaskParams.model_fields[name].default for name in ("sampling_rate", "frame_size")}
        datasets = self.values.get("datasets")
        names = [str(each.get("name")) for each in datasets or [] if isinstance(each, Mapping)]
        numbers = {name: str(self.values.get(name, default)) for name, default in defaults.items()}
        return {"task": task, "dataset": "-".join(names) or None, **numbers}


def load(source: str | Path | Mapping[str, Any], overrides: Sequence[str] = ()) -> Config:
    """Load a configuration.

    Parameters
    ----------
    source : str, Path or mapping
        A JSON, YAML or TOML file, a JSON object as text (it begins with ``{``), or the values themselves.
    overrides : sequence of str
        ``key.key=value`` each, the value as JSON or else as text; ``datasets.0.weight=2`` reaches into lists.

    Returns
    -------
    Config
        Obsolete keys are translated and said in its `notes`.

    Raises
    ------
    ConfigError
        If the source cannot be read, or a key is none of any mode; the message says the nearest one.
    """
    if isinstance(source, Mapping):
        values, name = copy.deepcopy(dict(source)), "the given values"
    else:
        values, name = read_source(source)
    values, notes = translate(values, name)
    check_keys(values, name)
    if overrides:
        apply_overrides(values, overrides)
        values, obsolete = translate(values, "--set")
        if obsolete:
            raise ConfigError(f"--set takes the current names only. {obsolete[0]}")
        check_keys(values, "--set")
    return Config(values, f"{name} with --set" if overrides else name, tuple(notes))


def _in_job_folder(values: dict[str, Any]) -> dict[str, Any]:
    """Put files for which no folder is given, such as ``model.keras``, into the job folder."""
    folder = values.get("job_dir", HKBaseParams.model_fields["job_dir"].get_default(call_default_factory=True))
    if not isinstance(folder, str | Path):
        return values
    bare = [
        key
        for key in JOB_FILES
        if isinstance(name := values.get(key), str) and name and not name.startswith("~") and not _has_folder(name)
    ]
    return values | {key: str(Path(folder, values[key])) for key in bare}


def _has_folder(name: str) -> bool:
    return "/" in name or os.sep in name
