"""Where a model places the frames of a recording among those of others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.windows import window_starts
from heartkit.records.diagnosis_codes import superclasses
from heartkit.records.record import Record
from heartkit.records.vocabulary import Rhythm
from heartkit.reports.embedding import EmbeddingDemo, write_demo
from heartkit.reports.kinds import RHYTHM_WORDS, kind_name
from heartkit.tasks.base import Demonstration
from heartkit.tasks.shown import lead_facts, timed

OTHERS = 24
"""Other recordings on the map: with a few frames each as many points as the eye can part."""
FRAMES = 8
"""Frames of each recording, evenly from beginning to end."""
UNKNOWN = "none stated"


def show(demonstration: Demonstration, report: Path, picture: Path) -> list[str]:
    """Embed frames of a recording and of others of its split, and write a map of them.

    Parameters
    ----------
    demonstration : Demonstration
        The recording, the model, and where to get other recordings.
    report, picture : Path
        HTML page and PNG to write.

    Returns
    -------
    list of str
        What to say on the console.

    Raises
    ------
    DataError
        If the recording is shorter than a frame; of the others, such ones are left out.
    """
    answer, size = demonstration.answer, demonstration.answer.frame_size
    others = [(record, lead) for record, lead in demonstration.others(OTHERS) if record.signals.shape[1] >= size]
    records = [(demonstration.record, demonstration.lead), *others]
    signals = [np.asarray(record.signals[lead]) for record, lead in records]
    starts = [_evenly(window_starts(len(signal), size, max(1, size // 4))) for signal in signals]
    _, seconds = timed(
        lambda: answer.probabilities(signals[0], starts[0]), lambda: answer.probabilities(signals[0], starts[0])
    )
    embeddings = [answer.probabilities(signal, at) for signal, at in zip(signals, starts, strict=True)]
    kinds, what = coloured_by([record for record, _ in records])
    demo = EmbeddingDemo(
        **lead_facts(demonstration, seconds, len(starts[0])),
        recordings=[record.id for record, _ in records],
        kinds=kinds,
        coloured_by=what,
        owner=np.arange(len(records)).repeat([len(one) for one in starts]),
        seconds=np.concatenate(starts) / demonstration.record.sampling_rate,
        embeddings=np.concatenate(embeddings),
    )
    write_demo(demo, report, picture)
    known = (
        ""
        if demo.agreement is None
        else f"; {100 * demo.agreement:.0f} % of all frames are nearest to one of their own"
    )
    return [f"{len(demo.owner)} frames of {len(records)} recordings, {what} as colour{known}."]


def _evenly(starts: NDArray[np.int64]) -> NDArray[np.int64]:
    return starts[np.unique(np.linspace(0, len(starts) - 1, FRAMES).astype(np.int64))]


def coloured_by(records: Sequence[Record]) -> tuple[list[str], str]:
    """Return what each recording is called on the map, and what that is: its diagnosis, its rhythm, or its patient."""
    stated = [sorted(superclasses(record.diagnoses)) for record in records]
    if len({tuple(one) for one in stated if one}) > 1:
        return ["+".join(one.name for one in each) or UNKNOWN for each in stated], "diagnoses"
    rhythms = [np.unique(record.rhythms.kind).tolist() for record in records]
    if len({tuple(one) for one in rhythms if one}) > 1:
        return ["+".join(kind_name(one, Rhythm, RHYTHM_WORDS) for one in each) or UNKNOWN for each in rhythms], "rhythm"
    return [record.patient for record in records], "patient"
