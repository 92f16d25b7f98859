"""What a translating model makes of one signal of a recording, beside the signal that it should have made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from heartkit.errors import DataError
from heartkit.frames.windows import window_starts
from heartkit.reports.translate import TranslateDemo, write_demo
from heartkit.reports.translate_demo import key_numbers
from heartkit.tasks.base import Demonstration
from heartkit.tasks.shown import lead_facts, timed


def show(demonstration: Demonstration, report: Path, picture: Path) -> list[str]:
    """Translate one lead and write what came out.

    Parameters
    ----------
    demonstration : Demonstration
        The recording and the model.
    report, picture : Path
        HTML page and PNG to write.

    Returns
    -------
    list of str
        What to say on the console.

    Raises
    ------
    DataError
        If the recording lacks one of the two signals, or is shorter than a frame.
    """
    record, answer, framing = demonstration.record, demonstration.answer, demonstration.framing
    pair = framing.pair(record.leads, demonstration.leads)
    if pair is None:
        raise DataError(
            f"Recording {record.id!r} has leads {', '.join(record.leads)}; translating needs one of kind "
            f"{framing.source!r} and one of kind {framing.target!r}. Show another recording, or correct params.leads."
        )
    source, target = (np.asarray(record.signals[lead]) for lead in pair)
    begins = framing.begins(source, target, record.sampling_rate)
    source, target = (one[at : len(one) - max(begins) + at] for one, at in zip((source, target), begins, strict=True))
    frames = len(window_starts(len(source), answer.frame_size, answer.hop))
    output, seconds = timed(
        lambda: answer.signal(source[: answer.frame_size]), lambda: answer.signal(source, own_unit=False)
    )
    # The target goes the same way as in training, with nothing done to it between the preprocesses and the windows.
    expected = replace(answer, predict=lambda given: given).signal(target, own_unit=False)
    demo = TranslateDemo(
        **{**lead_facts(replace(demonstration, lead=pair[0]), seconds, frames), "signal": source},
        moved=max(begins) / record.sampling_rate,
        target_lead=record.leads[pair[1]],
        target=expected,
        output=output,
        window=answer.frame_size,
    )
    write_demo(demo, report, picture)
    numbers = ", ".join(f"{name} {value}" for name, value in key_numbers(demo).items())
    return [f"{demo.duration:.1f} s of {demo.lead} to {demo.target_lead}: {numbers}."]
