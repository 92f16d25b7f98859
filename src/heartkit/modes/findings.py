"""What ``heartkit check`` finds, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from heartkit import console
from heartkit.errors import HeartkitError

if TYPE_CHECKING:
    from heartkit.models.cost import Cost


@dataclass(frozen=True)
class DatasetFacts:
    """One dataset of a configuration.

    Parameters
    ----------
    name : str
        Its name.
    folder : Path or None
        Where its files are; None for one that is made on this computer.
    records : int
        How many recordings are there.
    patients : dict of str to int
        ``"train"``, ``"val"``, ``"test"`` -> patients, less those who are left out to keep splits apart.
    """

    name: str
    folder: Path | None
    records: int
    patients: dict[str, int]


@dataclass
class Findings:
    """What a run would do.

    Attributes
    ----------
    task : str or None
        For which task it was checked.
    problems : list of str
        What keeps a run from ending well; all of them, each once.
    notes : list of str
        What is worth knowing but keeps nothing from running.
    datasets : list of DatasetFacts
        Those that could be looked at.
    frames : dict of str to int
        ``"train"``, ``"val"``, ``"test"`` -> frames that would be drawn: of ``train`` the pool that batches are taken
        from. Recordings without a usable stretch, which only preparing them finds, make it less.
    classes : list of str
        Names of the classes, in order.
    model : Cost or None
        What a frame costs, None where no architecture could be built.
    arena_bytes : int or None
        The smallest arena in which TensorFlow Lite Micro runs the network in int8 on this computer, None where it could
        not be measured.
    """

    task: str | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    datasets: list[DatasetFacts] = field(default_factory=list)
    frames: dict[str, int] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    model: Cost | None = None
    arena_bytes: int | None = None

    def problem(self, text: str) -> None:
        """Add a problem, unless it is known already."""
        if text not in self.problems:
            self.problems.append(text)

    @contextmanager
    def collecting(self, about: str = "") -> Iterator[None]:
        """Keep what the body raises for the user to mend, and go on.

        Parameters
        ----------
        about : str
            Said before each problem, e.g. ``"ludb: "``.
        """
        try:
            yield
        except HeartkitError as error:
            for line in str(error).splitlines():
                self.problem(about + line)


def show(findings: Findings) -> None:
    """Print findings: what a run would do as the answer, then notes and problems."""
    for line in _facts(findings):
        console.answer(line)
    for note in findings.notes:
        console.warn(note)
    for problem in findings.problems:
        console.fail(problem)
    count = len(findings.problems)
    console.answer(f"{count} problem{'s' * (count != 1)} found." if count else "No problem found.")


def _facts(findings: Findings) -> Iterator[str]:
    if findings.task is not None:
        yield f"task: {findings.task}"
    for one in findings.datasets:
        where = "made on this computer" if one.folder is None else f"in {one.folder}"
        yield f"{one.name}: {one.records:,} recordings {where}; patients: {_counts(one.patients)}"
    if findings.frames:
        yield f"frames: {_counts(findings.frames)}"
    if findings.classes:
        yield f"classes: {', '.join(f'{number} {name}' for number, name in enumerate(findings.classes))}"
    if findings.model is not None:
        cost = findings.model
        yield (
            f"model: {cost.parameters:,} parameters, {cost.macs:,} MACs per frame, "
            f"about {cost.peak_activation_bytes / 1024:.1f} KiB of activations in int8"
            + (f", arena {findings.arena_bytes:,} bytes" if findings.arena_bytes is not None else "")
        )


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{split} {number:,}" for split, number in numbers.items())
