"""The errors a user can meet, and nothing else.

::

    HeartkitError
    ├── ConfigError              a file, key, value or override that cannot be used
    │   └── UnknownNameError     a name that nothing answers to; says the nearest ones
    ├── DataError                something about recordings
    │   ├── DatasetMissingError  the dataset's folder is not there
    │   ├── RecordError          one recording is unusable: it is skipped, counted and named
    │   ├── NoRecordsError       nothing usable is left, or a split is empty
    │   └── DownloadError        the publisher's server could not give what was asked
    │       └── ChecksumError    bytes arrived that are not the publisher's
    ├── TrainingError            a training came to nothing: no epoch was usable
    ├── ModelError               a model file or architecture that does not fit
    ├── ExportError              conversion failed
    │   └── VerificationError    the converted model does not do what the float model does
    └── BackendError             the chosen backend cannot run here

Every message names the bad value, says what was expected and what to do next. The command line prints it without
a traceback and leaves with exit code 2.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class HeartkitError(Exception):
    """Base of every error that is the user's to mend."""


class ConfigError(HeartkitError):
    """A configuration file, key, value or override that cannot be used."""


class UnknownNameError(ConfigError):
    """A name that nothing answers to.

    Parameters
    ----------
    kind : str
        What was looked for, e.g. ``"dataset"``.
    name : str
        The name that was given.
    options : iterable of str
        The names that would have worked.
    hint : str, optional
        The next step; by default the options are listed.
    """

    def __init__(self, kind: str, name: str, options: Iterable[str], hint: str = "") -> None:
        self.kind, self.name, self.options, self.hint = kind, name, sorted(options), hint
        self.nearest = nearest_names(name, self.options)
        guess = f" Did you mean {' or '.join(map(repr, self.nearest))}?" if self.nearest else ""
        step = hint or f"Known: {', '.join(self.options) or 'none'}."
        super().__init__(f"Unknown {kind} {name!r}.{guess} {step}")

    def __reduce__(self) -> tuple[type, tuple[str, str, list[str], str]]:
        return type(self), (self.kind, self.name, self.options, self.hint)


class DataError(HeartkitError):
    """Something about recordings."""


class DatasetMissingError(DataError):
    """The dataset's folder is not there, or holds none of its files."""


class RecordError(DataError):
    """One recording is unusable; a run skips it, counts it and names it."""


class NoRecordsError(DataError):
    """No usable recording is left, or the chosen split has none."""


class DownloadError(DataError):
    """The publisher's server could not give what was asked."""


class ChecksumError(DownloadError):
    """Bytes arrived that are not the publisher's."""


class TrainingError(HeartkitError):
    """A training came to nothing: no epoch was usable."""


class ModelError(HeartkitError):
    """A model file or architecture that does not fit."""


class ExportError(HeartkitError):
    """The model could not be converted."""


class VerificationError(ExportError):
    """The converted model does not do what the float model does."""


class BackendError(HeartkitError):
    """The chosen backend cannot run here."""


def nearest_names(name: str, options: Iterable[str], count: int = 2) -> list[str]:
    """Return the options most like `name`, nearest first, ignoring letter case.

    Parameters
    ----------
    name : str
        The name that was given.
    options : iterable of str
        The names that exist.
    count : int
        At most so many.

    Returns
    -------
    list of str
        Up to `count` of `options`; empty where nothing is near.
    """
    folded = {option.lower(): option for option in options}
    return [folded[key] for key in difflib.get_close_matches(name.lower(), list(folded), n=count, cutoff=0.5)]
