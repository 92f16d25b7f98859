"""What a denoising model makes of a recording to which noise is added, or which is noisy by itself."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from heartkit.frames.arranging import Augment
from heartkit.frames.windows import window_starts
from heartkit.reports.denoise import DenoiseDemo, write_demo
from heartkit.reports.denoise_demo import key_numbers
from heartkit.tasks.base import Demonstration
from heartkit.tasks.shown import lead_facts, timed

STRETCH = 10.0
"""Seconds that have the same noise: the demo shows weak and strong noise one after the other."""


def show(demonstration: Demonstration, report: Path, picture: Path) -> list[str]:
    """Denoise one lead and write what came out.

    Parameters
    ----------
    demonstration : Demonstration
        The recording and the model. With augmentations the recording is taken as clean and they make it noisy;
        without any it is taken as noisy, and what is clean is not known.
    report, picture : Path
        HTML page and PNG to write.

    Returns
    -------
    list of str
        What to say on the console.

    Raises
    ------
    DataError
        If the recording is shorter than a frame.
    """
    record, answer = demonstration.record, demonstration.answer
    signal, rate = np.asarray(record.signals[demonstration.lead]), record.sampling_rate
    frames = len(window_starts(len(signal), answer.frame_size, answer.hop))
    clean = None
    if demonstration.augment is not None:
        clean = demonstration.framing.clean(signal, rate)
        stretch = max(answer.frame_size, round(STRETCH * rate))
        signal = noisy(clean, demonstration.augment, stretch, np.random.default_rng(demonstration.seed))
    denoised, seconds = timed(lambda: answer.signal(signal[: answer.frame_size]), lambda: answer.signal(signal))
    facts = {**lead_facts(demonstration, seconds, frames), "signal": signal}
    demo = DenoiseDemo(**facts, denoised=denoised, clean=clean, window=answer.frame_size)
    write_demo(demo, report, picture)
    numbers = ", ".join(f"{name} {value}" for name, value in key_numbers(demo).items())
    return [f"{record.duration:.1f} s of lead {demo.lead}: {numbers}."]


def noisy(signal: NDArray[np.float32], augment: Augment, stretch: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a lead (samples,) with noise, drawn anew for each stretch of `stretch` samples; the last may be longer."""
    count = max(1, len(signal) // stretch)
    edges = np.append(np.arange(count) * stretch, len(signal))
    parts = [signal[first:last] for first, last in pairwise(edges)]
    return np.concatenate([augment(part[None, :, None], rng)[0, :, 0] for part in parts])
