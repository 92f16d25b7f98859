"""The small file that describes a folder of one's own recordings: ``dataset.json``, ``.yaml`` or ``.toml``."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from heartkit.config.files import read_source
from heartkit.errors import ConfigError, DatasetMissingError
from heartkit.strict import StrictParams

NAMES = ("dataset.json", "dataset.yaml", "dataset.yml", "dataset.toml")
TABLES = ("records", "waves", "beats", "rhythms", "diagnoses")


class FolderDescription(StrictParams):
    """What a folder holds. All paths are relative to it.

    Parameters
    ----------
    files : str
        Which files are recordings, with ``*`` and ``**``, e.g. ``"signals/*.csv"``. Formats: WFDB (``.hea``), ``.csv``,
        ``.parquet``, ``.npy``, ``.npz``; files of other formats are passed over. A file's name without suffix is the
        recording's id.
    sampling_rate : float, optional
        Hz. WFDB headers say it themselves; for all other formats it is needed.
    leads : list of str, or object of str to str, optional
        The signals to use, in this order: names of columns (CSV, Parquet), arrays (``.npz``), signals (WFDB), or of the
        rows of a ``.npy`` array; as an object, name in the file -> name of the lead. WFDB only: by default all.
    units : str, or object of str to str, optional
        Unit of all leads, or lead -> unit. By default what a WFDB header says, else ``"mV"``. ECG in V or uV is turned
        into mV.
    patient : str, optional
        Regular expression with one group that finds the patient in a recording's id, e.g. ``"^(P[0-9]+)_"``. By default
        every recording is of a patient of its own.
    records : str, optional
        Table with the columns record, and patient or split (``train``, ``val``, ``test``, ``none``) or both; goes
        before `patient`.
    waves : str, optional
        Table with the columns record, lead (may be empty: all leads), kind (a `Wave`), onset, peak, offset.
    beats : str, optional
        Table with the columns record, time, kind (a `Beat`).
    rhythms : str, optional
        Table with the columns record, kind (a `Rhythm`), start, stop (may be empty: the recording's start and end).
    diagnoses : str, optional
        Table with the columns record, statement, likelihood (percent; may be empty: 100).
    annotated : "marked" or "all"
        Which part of a lead the waves are known of: from its first wave's onset to its last one's offset, or all of it.
    name : str
        What the dataset is called in reports; the split of the patients depends on it. Letters, digits and hyphens.
    title, version, licence, citation, url : str
        Facts that reports repeat.
    """

    files: str
    sampling_rate: float | None = Field(default=None, gt=0)
    leads: list[str] | dict[str, str] | None = None
    units: str | dict[str, str] | None = None
    patient: str | None = None
    records: str | None = None
    waves: str | None = None
    beats: str | None = None
    rhythms: str | None = None
    diagnoses: str | None = None
    annotated: Literal["marked", "all"] = "marked"
    name: str = "folder"
    title: str = "Recordings in a folder"
    version: str = ""
    licence: str = ""
    citation: str = ""
    url: str = ""

    @property
    def sources(self) -> list[str] | None:
        """Names of the signals in the files; None for all that are there."""
        return None if self.leads is None else list(self.leads)

    @field_validator("files", *TABLES)
    @classmethod
    def _stays_inside(cls, value: str | None) -> str | None:
        parts = PurePosixPath(value or "x")
        if value == "" or parts.is_absolute() or ".." in parts.parts:
            raise ValueError(f"{value!r} leads out of the folder; expected a path inside of it, such as 'waves.csv'.")
        return value

    @field_validator("patient")
    @classmethod
    def _has_a_group(cls, value: str | None) -> str | None:
        try:
            groups = 1 if value is None else re.compile(value).groups
        except re.error as error:
            raise ValueError(f"patient = {value!r} is no regular expression: {error}.") from None
        if groups != 1:
            raise ValueError(f"patient = {value!r} has {groups} groups; expected one, such as '^(P[0-9]+)_'.")
        return value

    @field_validator("leads")
    @classmethod
    def _are_different(cls, value: list[str] | dict[str, str] | None) -> list[str] | dict[str, str] | None:
        names = list(value.values() if isinstance(value, dict) else value or ["x"])
        if not names or len(set(names)) < len(names):
            raise ValueError(f"leads = {value!r}; expected at least one, each named once.")
        return value

    @model_validator(mode="after")
    def _units_have_leads(self) -> Self:
        if isinstance(self.units, dict) and self.leads is not None:
            names = self.leads.values() if isinstance(self.leads, dict) else self.leads
            unknown = [name for name in self.units if name not in names]
            if unknown:
                raise ValueError(f"units names {unknown[0]!r}, which is not among leads: {', '.join(names)}.")
        return self

    @field_validator("name")
    @classmethod
    def _is_a_file_name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", value):
            raise ValueError(f"name = {value!r}; expected letters, digits and hyphens.")
        return value


def read_description(folder: Path) -> tuple[FolderDescription, Path]:
    """Read a folder's description.

    Parameters
    ----------
    folder : Path
        The folder.

    Returns
    -------
    tuple of FolderDescription and Path
        What it says, and the file.

    Raises
    ------
    DatasetMissingError
        If the folder or the file is not there.
    ConfigError
        If there are two, or it is broken (with line and column) or says what cannot be.
    """
    found = [folder / name for name in NAMES if (folder / name).is_file()]
    if not found:
        what = "has no description" if folder.is_dir() else "does not exist"
        raise DatasetMissingError(
            f"The folder {folder} {what}: expected recordings and one of {', '.join(NAMES)} that describes them (see "
            "docs/datasets/folder.md for an example). Correct datasets[].path, or write the description."
        )
    if len(found) > 1:
        raise ConfigError(f"{folder} has several descriptions: {', '.join(file.name for file in found)}. Keep one.")
    values, source = read_source(found[0])
    return FolderDescription.read(values, source), found[0]
